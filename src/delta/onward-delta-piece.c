/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-delta-piece.h"
#include "onward-error.h"

typedef struct
{
  guint64 old_start;
  guint32 old_size;
  guint32 stored_size;
} PieceOnDisk;

G_STATIC_ASSERT (sizeof (PieceOnDisk) == 16);

/**
 * onward_delta_piece_choose_part:
 * @self: a piece; its part is set
 * @old_size: the size of the old bytes
 * @new_size: the size of the new bytes
 * @new_start: where the piece begins in the new bytes
 *
 * Chooses the part of the old bytes to refer to. Content keeps its relative place from version to
 * version, so a piece of a large file looks for its like around the same fraction of the old one.
 */
void
onward_delta_piece_choose_part (OnwardDeltaPiece *self, guint64 old_size, guint64 new_size,
                                guint64 new_start)
{
  guint64 half = ONWARD_DELTA_PART_SIZE / 2;
  guint64 length = MIN (new_size - new_start, ONWARD_DELTA_PIECE_SIZE);
  double fraction = ((double) new_start + (double) length / 2) / (double) new_size;
  guint64 middle = (guint64) (fraction * (double) old_size);

  self->old_start = 0;
  if (old_size > ONWARD_DELTA_PART_SIZE && middle > half)
    self->old_start = MIN (middle - half, old_size - ONWARD_DELTA_PART_SIZE);
  self->old_size = (guint32) MIN (old_size - self->old_start, ONWARD_DELTA_PART_SIZE);
}

/**
 * onward_delta_piece_append:
 * @self: a piece
 * @array: grows by what comes before its bytes
 *
 * Writes the beginning of a piece.
 */
void
onward_delta_piece_append (const OnwardDeltaPiece *self, GByteArray *array)
{
  PieceOnDisk disk = { .old_start = GUINT64_TO_LE (self->old_start),
                       .old_size = GUINT32_TO_LE (self->old_size),
                       .stored_size = GUINT32_TO_LE (self->stored_size) };

  g_byte_array_append (array, (const guint8 *) &disk, sizeof disk);
}

/**
 * onward_delta_piece_read:
 * @ret_piece: (out): the piece
 * @old_size: the size of the old bytes
 * @delta: a delta
 * @position: (inout): where in @delta to read; moved to the piece's bytes
 * @error: return location for an error
 *
 * Reads the beginning of a piece and checks that its part lies in the old bytes, within the
 * limits, and that its own bytes are there.
 *
 * Returns: whether there is such a piece
 */
gboolean
onward_delta_piece_read (OnwardDeltaPiece *ret_piece, guint64 old_size, GBytes *delta,
                         gsize *position, GError **error)
{
  PieceOnDisk disk;
  OnwardDeltaPiece piece;
  gsize size;
  const guint8 *data = g_bytes_get_data (delta, &size);

  g_assert (*position <= size);

  if (size - *position < sizeof disk)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "The delta is cut off");
      return FALSE;
    }

  memcpy (&disk, data + *position, sizeof disk);

  piece.old_start = GUINT64_FROM_LE (disk.old_start);
  piece.old_size = GUINT32_FROM_LE (disk.old_size);
  piece.stored_size = GUINT32_FROM_LE (disk.stored_size);
  if (piece.old_start > old_size || piece.old_size > old_size - piece.old_start ||
      piece.old_size > ONWARD_DELTA_PART_SIZE || piece.stored_size > size - *position - sizeof disk)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "A piece of the delta lies outside its bounds");
      return FALSE;
    }

  *position += sizeof disk;
  *ret_piece = piece;
  return TRUE;
}
