/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-deflate.h"
#include "onward-stream-reader.h"

G_BEGIN_DECLS

/* How far back the table's streams look, at most. */
#define ONWARD_DEFLATE_TABLE_WINDOW_LOG 20

/**
 * OnwardDeflateTable:
 * @old_inflated: how many bytes all places in the old bytes give together
 * @unfolded_size: the size of the new bytes with what is deflated in them inflated
 * @old_places: (owned): the places in the old bytes
 * @new_places: (owned): the places in the new ones
 * @last: the new place that was read last
 * @work_left: how much deflating the further new places may take
 *
 * What a delta says of deflated bytes, being read.
 */
typedef struct
{
  guint64 old_inflated;
  guint64 unfolded_size;
  OnwardStreamReader *old_places;
  OnwardStreamReader *new_places;
  OnwardDeflate last;
  guint64 work_left;
} OnwardDeflateTable;

OnwardDeflateTable *onward_deflate_table_new      (GBytes *delta, gsize *position, GError **error);
void                onward_deflate_table_free     (OnwardDeflateTable *self);
/* The next place, @ret_gap bytes behind the last one. FALSE without an error: there is no more. */
gboolean            onward_deflate_table_read_old (OnwardDeflateTable *self, guint64 *ret_gap,
                                                   gboolean *ret_in_chunks, GError **error);
gboolean            onward_deflate_table_read_new (OnwardDeflateTable *self, guint64 *ret_gap,
                                                   OnwardDeflate *ret_deflate, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardDeflateTable, onward_deflate_table_free)

G_END_DECLS
