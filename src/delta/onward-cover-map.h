/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-cover.h"

G_BEGIN_DECLS

/**
 * OnwardCoverMap:
 *
 * Tells where in a new file something of an old one went, by the covers between them.
 */
typedef struct _OnwardCoverMap OnwardCoverMap;

OnwardCoverMap *onward_cover_map_new    (const OnwardCover *covers, guint n_covers,
                                         guint64 target_start, guint64 source_start,
                                         guint64 source_size);
void            onward_cover_map_free   (OnwardCoverMap *self);
void            onward_cover_map_expect (const OnwardCoverMap *self, guint64 offset);
gboolean        onward_cover_map_lookup (const OnwardCoverMap *self, guint64 offset,
                                         guint64 *ret_offset);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardCoverMap, onward_cover_map_free)

G_END_DECLS
