/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The new bytes are rebuilt in pieces of this size; the last may be smaller. */
#define ONWARD_DELTA_PIECE_SIZE (16u * 1024 * 1024)
/* The most of the old bytes that one piece refers to. */
#define ONWARD_DELTA_PART_SIZE (48u * 1024 * 1024)

/**
 * OnwardDeltaPiece:
 * @old_start: where the part of the old bytes that it refers to begins
 * @old_size: how long that part is
 * @stored_size: how many bytes of zstd follow
 *
 * What comes before the bytes of each piece (little-endian).
 */
typedef struct
{
  guint64 old_start;
  guint32 old_size;
  guint32 stored_size;
} OnwardDeltaPiece;

void     onward_delta_piece_choose_part (OnwardDeltaPiece *self, guint64 old_size,
                                         guint64 new_size, guint64 new_start);
void     onward_delta_piece_append      (const OnwardDeltaPiece *self, GByteArray *array);
gboolean onward_delta_piece_read        (OnwardDeltaPiece *ret_piece, guint64 old_size,
                                         GBytes *delta, gsize *position, GError **error);

G_END_DECLS
