/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-ranges.h"

G_BEGIN_DECLS

/**
 * OnwardBlockMap:
 *
 * The blocks of one file: where each lies, which are wanted, missing and proven. Pure.
 */
typedef struct _OnwardBlockMap OnwardBlockMap;

OnwardBlockMap     *onward_block_map_new          (guint64 size, guint32 block_size);
void                onward_block_map_free         (OnwardBlockMap *self);

void                onward_block_map_want         (OnwardBlockMap *self, guint64 start,
                                                   guint64 end);
void                onward_block_map_prove        (OnwardBlockMap *self, guint64 block);

guint64             onward_block_map_get_size     (const OnwardBlockMap *self);
guint64             onward_block_map_get_count    (const OnwardBlockMap *self);
guint64             onward_block_map_find         (const OnwardBlockMap *self, guint64 offset);
OnwardRange         onward_block_map_get_block    (const OnwardBlockMap *self, guint64 block);
gboolean            onward_block_map_is_missing   (const OnwardBlockMap *self, guint64 block);
guint64             onward_block_map_get_covered  (const OnwardBlockMap *self, guint64 block,
                                                   const OnwardRanges *ranges);
const OnwardRanges *onward_block_map_get_wanted   (const OnwardBlockMap *self);
const OnwardRanges *onward_block_map_get_missing  (const OnwardBlockMap *self);
const OnwardRanges *onward_block_map_get_verified (const OnwardBlockMap *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardBlockMap, onward_block_map_free)

G_END_DECLS
