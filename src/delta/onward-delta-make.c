/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-delta.h"
#include "onward-delta-header.h"
#include "onward-delta-piece.h"
#include "onward-error.h"
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
 * onward_delta_make:
 * @old_bytes: the bytes the other side has
 * @new_bytes: the bytes it wants
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Compresses @new_bytes piece by piece with a part of @old_bytes at hand. More than
 * %ONWARD_DELTA_MAX_SIZE is refused. Equal input gives equal deltas. The result may be larger than
 * @new_bytes compressed alone: the caller compares. Blocking.
 *
 * Returns: (transfer full): the delta, for onward_delta_apply()
 */
GBytes *
onward_delta_make (GBytes *old_bytes, GBytes *new_bytes, GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) delta = g_byte_array_new ();
  OnwardDeltaHeader header;

  g_return_val_if_fail (old_bytes != NULL, NULL);
  g_return_val_if_fail (new_bytes != NULL, NULL);

  header.old_size = g_bytes_get_size (old_bytes);
  header.new_size = g_bytes_get_size (new_bytes);
  if (header.new_size > ONWARD_DELTA_MAX_SIZE)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_FAILED, "Too large for a delta");
      return NULL;
    }

  onward_delta_header_append (&header, delta);

  for (gsize start = 0; start < header.new_size; start += ONWARD_DELTA_PIECE_SIZE)
    if (!append_piece (delta, old_bytes, new_bytes, start, cancellable, error))
      return NULL;

  return g_byte_array_free_to_bytes (g_steal_pointer (&delta));
}
