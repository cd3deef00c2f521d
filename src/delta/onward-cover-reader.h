/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-cover.h"
#include "onward-delta-container.h"

G_BEGIN_DECLS

/**
 * OnwardCoverReader:
 * @streams: (unowned): where the covers come from
 * @old_size: the size of the old bytes
 * @new_size: the size of the new bytes
 * @trail: where recent ones ended
 * @next: the next cover, if any
 * @has_next: whether there is one
 *
 * Reads covers in order, one ahead.
 */
typedef struct
{
  OnwardDeltaContainer *streams;
  guint64 old_size;
  guint64 new_size;
  OnwardCoverTrail trail;
  OnwardCover next;
  gboolean has_next;
} OnwardCoverReader;

/* Sets @next; that it begins within the old and ends within the new bytes is checked. */
gboolean onward_cover_reader_advance (OnwardCoverReader *self, GError **error);

G_END_DECLS
