/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-delta.h"
#include "onward-delta-header.h"
#include "onward-delta-piece.h"
#include "onward-error.h"
#include "onward-zstd.h"

static gboolean
read_header (GBytes *old_bytes, GBytes *delta, guint64 new_size, gsize *position, GError **error)
{
  OnwardDeltaHeader header;

  if (!onward_delta_header_read (&header, delta, position, error))
    return FALSE;

  if (header.old_size != g_bytes_get_size (old_bytes) || header.new_size != new_size)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                   "The delta leads from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                   " bytes, not from %" G_GSIZE_FORMAT " to %" G_GUINT64_FORMAT,
                   header.old_size, header.new_size, g_bytes_get_size (old_bytes), new_size);
      return FALSE;
    }
  return TRUE;
}

/**
 * onward_delta_apply:
 * @old_bytes: the bytes that the delta was made from
 * @delta: from onward_delta_make(); hostile bytes do no harm
 * @new_size: the size of the bytes it must give
 * @sink: receives them in consecutive pieces
 * @user_data: for @sink
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Rebuilds the new bytes, holding at most 16 MiB of them in memory. Never emits more than
 * @new_size bytes. Wrong old bytes of the right size may give wrong new bytes, which only a digest
 * tells: the caller checks it. Blocking.
 *
 * Returns: whether exactly @new_size bytes were emitted
 */
gboolean
onward_delta_apply (GBytes *old_bytes, GBytes *delta, guint64 new_size, OnwardDeltaSink sink,
                    gpointer user_data, GCancellable *cancellable, GError **error)
{
  gsize position = 0;

  g_return_val_if_fail (old_bytes != NULL, FALSE);
  g_return_val_if_fail (delta != NULL, FALSE);
  g_return_val_if_fail (sink != NULL, FALSE);

  if (!read_header (old_bytes, delta, new_size, &position, error))
    return FALSE;

  for (guint64 start = 0; start < new_size; start += ONWARD_DELTA_PIECE_SIZE)
    {
      g_autoptr (GBytes) part = NULL;
      g_autoptr (GBytes) frame = NULL;
      OnwardDeltaPiece piece;

      if (!onward_delta_piece_read (&piece, g_bytes_get_size (old_bytes), delta, &position, error))
        return FALSE;

      part = g_bytes_new_from_bytes (old_bytes, piece.old_start, piece.old_size);
      frame = g_bytes_new_from_bytes (delta, position, piece.stored_size);
      if (!onward_zstd_decode (frame, part, MIN (new_size - start, ONWARD_DELTA_PIECE_SIZE), sink,
                               user_data, cancellable, error))
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
