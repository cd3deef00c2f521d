/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-block-grid.h"

G_BEGIN_DECLS

/**
 * OnwardBlockMap:
 *
 * The blocks of one file: which are wanted, missing and proven. Pure.
 */
typedef struct _OnwardBlockMap OnwardBlockMap;

OnwardBlockMap     *onward_block_map_new          (const OnwardBlockGrid *grid);
void                onward_block_map_free         (OnwardBlockMap *self);

void                onward_block_map_want         (OnwardBlockMap *self, guint64 start,
                                                   guint64 end);
void                onward_block_map_prove        (OnwardBlockMap *self,
                                                   const OnwardRanges *blocks);

gboolean            onward_block_map_is_missing   (const OnwardBlockMap *self, guint64 block);
const OnwardRanges *onward_block_map_get_wanted   (const OnwardBlockMap *self);
const OnwardRanges *onward_block_map_get_missing  (const OnwardBlockMap *self);
const OnwardRanges *onward_block_map_get_verified (const OnwardBlockMap *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardBlockMap, onward_block_map_free)

G_END_DECLS
