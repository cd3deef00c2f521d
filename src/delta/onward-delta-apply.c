/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-delta-header.h"
#include "onward-delta-rebuild.h"
#include "onward-delta.h"
#include "onward-error.h"
#include "onward-pieces.h"

static gboolean
check_header (const OnwardDeltaHeader *header, guint64 old_size, guint64 new_size, GError **error)
{
  if (header->old_size == old_size && header->new_size == new_size)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
               "The delta leads from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
               " bytes, not from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
               header->old_size, header->new_size, old_size, new_size);
  return FALSE;
}

/* Version 1 knew one old content. */
static gboolean
apply_pieces (GPtrArray *old_contents, GBytes *delta, gsize position, guint64 new_size,
              OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable, GError **error)
{
  if (old_contents->len == 1)
    return onward_pieces_apply (g_ptr_array_index (old_contents, 0), delta, position, new_size,
                                sink, user_data, cancellable, error);

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                       "The delta is of a version that starts from one file");
  return FALSE;
}

/**
 * onward_delta_apply:
 * @old_contents: (element-type GBytes): the bytes that the delta was made from
 * @delta: a delta; hostile bytes do no harm
 * @new_size: the size of the bytes it must give
 * @sink: receives them in consecutive pieces
 * @user_data: for @sink
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Rebuilds the new bytes of any version of the format. Takes at most 64 MiB of memory and, for the
 * executable that is being rebuilt, what README.md of this folder says. Never emits more than
 * @new_size bytes. Wrong old bytes of the right size may give wrong new bytes, which only a digest
 * tells: the caller checks it. Blocking.
 *
 * Returns: whether exactly @new_size bytes were emitted
 */
gboolean
onward_delta_apply (GPtrArray *old_contents, GBytes *delta, guint64 new_size, OnwardDeltaSink sink,
                    gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardParts) parts = NULL;
  OnwardDeltaHeader header;
  gsize position;

  g_return_val_if_fail (old_contents != NULL, FALSE);
  g_return_val_if_fail (delta != NULL, FALSE);
  g_return_val_if_fail (sink != NULL, FALSE);

  parts = onward_parts_new (old_contents);
  if (!onward_delta_header_read (&header, delta, &position, error) ||
      !check_header (&header, onward_parts_get_size (parts), new_size, error))
    return FALSE;

  if (header.version == ONWARD_DELTA_PIECES)
    return apply_pieces (old_contents, delta, position, new_size, sink, user_data, cancellable,
                         error);
  return onward_delta_rebuild (parts, delta, position, new_size, sink, user_data, cancellable,
                               error);
}
