/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-chapters.h"
#include "onward-delta-header.h"
#include "onward-delta-rebuild.h"
#include "onward-delta.h"
#include "onward-error.h"
#include "onward-pieces.h"
#include "onward-refold.h"
#include "onward-unfold.h"

/* Deflated bytes give at most so many times as many. */
#define MAX_RATIO 1040

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

/* Who says more than can be true wants to keep us busy. */
static gboolean
check_table (const OnwardDeflateTable *table, const OnwardDeltaHeader *header, GError **error)
{
  if (table->old_inflated / MAX_RATIO <= header->old_size &&
      table->unfolded_size / MAX_RATIO <= header->new_size)
    return TRUE;

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                       "The delta inflates more than can be deflated");
  return FALSE;
}

/* What is deflated in old contents is inflated first, and what of the new ones must be is deflated
 * at last. */
static gboolean
apply_deflated (GPtrArray *old_contents, GBytes *delta, gsize position,
                const OnwardDeltaHeader *header, const OnwardDeltaScratch *scratch,
                OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardDeflateTable) table = onward_deflate_table_new (delta, &position, error);
  g_autoptr (GPtrArray) contents = NULL;
  g_autoptr (OnwardParts) parts = NULL;
  g_autoptr (OnwardRefold) refold = NULL;

  if (table != NULL && check_table (table, header, error))
    contents = onward_unfold_run (old_contents, table, scratch, cancellable, error);
  if (contents == NULL)
    return FALSE;

  parts = onward_parts_new (contents);
  refold = onward_refold_new (table, header->new_size, sink, user_data);
  return onward_delta_rebuild (parts, delta, header->version, position, table->unfolded_size,
                               onward_refold_write, refold, cancellable, error) &&
         onward_refold_finish (refold, error);
}

/**
 * onward_delta_apply_with_scratch:
 * @old_contents: (element-type GBytes): the bytes that the delta was made from
 * @delta: a delta; hostile bytes do no harm
 * @new_size: the size of the bytes it must give
 * @scratch: (nullable): keeps what the delta inflates of the old bytes, if it is much
 * @sink: receives them in consecutive pieces
 * @user_data: for @sink
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Rebuilds the new bytes of any version of the format. Takes at most 64 MiB of memory and, for the
 * executable that is being rebuilt, what README.md of this folder says; without @scratch also what
 * it inflates. Never emits more than @new_size bytes. Wrong old bytes of the right size may give
 * wrong new bytes, which only a digest tells: the caller checks it. So may another zlib than the
 * one that deltas are made with: %ONWARD_ERROR_CORRUPT when their number is wrong. Blocking.
 *
 * Returns: whether exactly @new_size bytes were emitted
 */
gboolean
onward_delta_apply_with_scratch (GPtrArray *old_contents, GBytes *delta, guint64 new_size,
                                 const OnwardDeltaScratch *scratch, OnwardDeltaSink sink,
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

  switch (header.version)
    {
    case ONWARD_DELTA_PIECES:
      return apply_pieces (old_contents, delta, position, new_size, sink, user_data, cancellable,
                           error);
    case ONWARD_DELTA_CHAPTERS:
      return onward_chapters_apply (parts, delta, position, &header, sink, user_data, cancellable,
                                    error);
    case ONWARD_DELTA_COVERS:
    case ONWARD_DELTA_DEFLATED:
    case ONWARD_DELTA_TOGETHER:
      break;
    }
  if (header.is_deflated)
    return apply_deflated (old_contents, delta, position, &header, scratch, sink, user_data,
                           cancellable, error);
  return onward_delta_rebuild (parts, delta, header.version, position, new_size, sink, user_data,
                               cancellable, error);
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
 * onward_delta_apply_with_scratch() without a scratch. Blocking.
 *
 * Returns: whether exactly @new_size bytes were emitted
 */
gboolean
onward_delta_apply (GPtrArray *old_contents, GBytes *delta, guint64 new_size, OnwardDeltaSink sink,
                    gpointer user_data, GCancellable *cancellable, GError **error)
{
  return onward_delta_apply_with_scratch (old_contents, delta, new_size, NULL, sink, user_data,
                                          cancellable, error);
}

/**
 * onward_delta_apply_get_levels:
 * @delta: a delta
 *
 * Tells what a client must be able to deflate again, see onward_redeflate_proof_run().
 *
 * Returns: the levels of zlib that it needs: bit n is level n; and %ONWARD_DELTA_LEVEL_GNU. 0 of
 *   what is no delta
 */
guint
onward_delta_apply_get_levels (GBytes *delta)
{
  g_autoptr (OnwardDeflateTable) table = NULL;
  OnwardDeltaHeader header;
  OnwardDeflate deflate;
  guint64 gap;
  gsize position;
  guint levels = 0;

  if (onward_delta_header_read (&header, delta, &position, NULL) && header.is_deflated)
    table = onward_deflate_table_new (delta, &position, NULL);
  while (table != NULL && onward_deflate_table_read_new (table, &gap, &deflate, NULL))
    levels |= deflate.is_gnu ? ONWARD_DELTA_LEVEL_GNU : 1u << deflate.level;
  return levels;
}
