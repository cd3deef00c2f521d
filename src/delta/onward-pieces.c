/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-delta-piece.h"
#include "onward-error.h"
#include "onward-pieces.h"
#include "onward-zstd.h"

static gboolean
append_to_array (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

static gboolean
append_piece (GByteArray *delta, GBytes *old_bytes, GBytes *new_bytes, gsize new_start,
              GCancellable *cancellable, GError **error)
{
  gsize new_size = g_bytes_get_size (new_bytes);
  gsize size = MIN (new_size - new_start, ONWARD_DELTA_PIECE_SIZE);
  g_autoptr (GBytes) part = NULL;
  g_autoptr (GBytes) content = g_bytes_new_from_bytes (new_bytes, new_start, size);
  g_autoptr (GByteArray) stored = g_byte_array_new ();
  OnwardDeltaPiece piece = { 0 };

  onward_delta_piece_choose_part (&piece, g_bytes_get_size (old_bytes), new_size, new_start);
  part = g_bytes_new_from_bytes (old_bytes, piece.old_start, piece.old_size);
  if (!onward_zstd_encode (content, part, append_to_array, stored, cancellable, error))
    return FALSE;

  piece.stored_size = stored->len;
  onward_delta_piece_append (&piece, delta);
  g_byte_array_append (delta, stored->data, stored->len);
  return TRUE;
}

/**
 * onward_pieces_append:
 * @old_bytes: the bytes the other side has
 * @new_bytes: the bytes it wants
 * @delta: grows by the pieces
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Compresses @new_bytes piece by piece with a part of @old_bytes at hand. Blocking.
 *
 * Returns: whether all went well
 */
gboolean
onward_pieces_append (GBytes *old_bytes, GBytes *new_bytes, GByteArray *delta,
                      GCancellable *cancellable, GError **error)
{
  gsize size = g_bytes_get_size (new_bytes);

  for (gsize start = 0; start < size; start += ONWARD_DELTA_PIECE_SIZE)
    if (!append_piece (delta, old_bytes, new_bytes, start, cancellable, error))
      return FALSE;
  return TRUE;
}

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
