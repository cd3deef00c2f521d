/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-delta-piece.h"
#include "onward-error.h"
#include "onward-pieces.h"
#include "onward-zstd.h"

/**
 * onward_pieces_apply:
 * @old_bytes: the bytes that the delta was made from
 * @delta: a delta of version 1; hostile bytes do no harm
 * @position: where its header ends
 * @new_size: the size of the bytes it must give
 * @sink: receives them in consecutive pieces
 * @user_data: for @sink
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Rebuilds the new bytes, holding at most 16 MiB of them in memory. Blocking.
 *
 * Returns: whether exactly @new_size bytes were emitted
 */
gboolean
onward_pieces_apply (GBytes *old_bytes, GBytes *delta, gsize position, guint64 new_size,
                     OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable,
                     GError **error)
{
  for (guint64 start = 0; start < new_size; start += ONWARD_DELTA_PIECE_SIZE)
    {
      g_autoptr (GBytes) part = NULL;
      g_autoptr (GBytes) frame = NULL;
      OnwardDeltaPiece piece;

      if (!onward_delta_piece_read (&piece, g_bytes_get_size (old_bytes), delta, &position, error))
        return FALSE;

      part = g_bytes_new_from_bytes (old_bytes, piece.old_start, piece.old_size);
      frame = g_bytes_new_from_bytes (delta, position, piece.stored_size);
      if (!onward_zstd_decode (&(OnwardDeltaInput){ frame }, part,
                               MIN (new_size - start, ONWARD_DELTA_PIECE_SIZE), sink, user_data,
                               cancellable, error))
        return FALSE;
      position += piece.stored_size;
    }

  if (position != g_bytes_get_size (delta))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "Something follows the delta");
      return FALSE;
    }
  return TRUE;
}
