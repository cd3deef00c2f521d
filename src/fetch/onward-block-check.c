/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-block-check.h"

#define READ_SIZE (256 * 1024)
/* More connections than that are never at work, so more beginnings are never recorded. */
#define MOST_BEGUN 16

/**
 * onward_block_check_new:
 * @missing: the blocks in question
 * @hints: what was received, as an earlier run recorded it
 *
 * Returns: (transfer full): a check, of copies, so that another thread may run it
 */
OnwardBlockCheck *
onward_block_check_new (const OnwardRanges *missing, const OnwardRanges *hints)
{
  OnwardBlockCheck *self = g_new0 (OnwardBlockCheck, 1);

  self->missing = onward_ranges_copy (missing);
  self->hints = onward_ranges_copy (hints);
  self->proven = onward_ranges_new ();
  self->begun = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_block_sink_free);
  return self;
}

/**
 * onward_block_check_free:
 * @self: (nullable): a check
 */
void
onward_block_check_free (OnwardBlockCheck *self)
{
  if (self == NULL)
    return;
  onward_ranges_free (self->missing);
  onward_ranges_free (self->hints);
  onward_ranges_free (self->proven);
  g_ptr_array_unref (self->begun);
  g_free (self);
}

/* How far a hint covers a block from its beginning. */
static guint64
get_covered (OnwardRange where, const OnwardRange *hint)
{
  if (hint->start > where.start || hint->end <= where.start)
    return where.start;
  return MIN (hint->end, where.end);
}

static gboolean
check_block (OnwardBlockCheck *self, OnwardBlockFile *file, guint64 block, guint64 end,
             guint8 *buffer, GCancellable *cancellable, GError **error)
{
  OnwardRange where = onward_block_grid_get_block (onward_block_file_get_grid (file), block);
  g_autoptr (OnwardBlockSink) sink = NULL;
  gboolean is_proven = FALSE;

  if (!onward_ranges_contain (self->missing, where.start, where.end) ||
      (end < where.end && self->begun->len == MOST_BEGUN))
    return TRUE;

  sink = onward_block_sink_new (file);
  if (!onward_block_sink_reread (sink, block, end, buffer, READ_SIZE, cancellable, &is_proven,
                                 NULL))
    {
      /* What the disk does not give back is missing. */
      self->is_unreadable = TRUE;
      return !g_cancellable_set_error_if_cancelled (cancellable, error);
    }
  if (is_proven)
    onward_ranges_add (self->proven, where.start, where.end);
  else if (end < where.end)
    g_ptr_array_add (self->begun, g_steal_pointer (&sink));
  return TRUE;
}

static gboolean
check_hint (OnwardBlockCheck *self, OnwardBlockFile *file, const OnwardRange *hint, guint8 *buffer,
            GCancellable *cancellable, GError **error)
{
  const OnwardBlockGrid *grid = onward_block_file_get_grid (file);
  guint64 count = onward_block_grid_get_count (grid);

  for (guint64 block = onward_block_grid_find (grid, hint->start); block < count; block++)
    {
      OnwardRange where = onward_block_grid_get_block (grid, block);
      guint64 end = get_covered (where, hint);

      if (where.start >= hint->end)
        return TRUE;
      if (end > where.start && !check_block (self, file, block, end, buffer, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static void
forget (OnwardBlockCheck *self, const OnwardRanges *lost)
{
  for (guint i = 0; i < onward_ranges_get_count (lost); i++)
    {
      const OnwardRange *range = onward_ranges_get (lost, i);

      onward_ranges_subtract (self->proven, range->start, range->end);
    }
  for (guint i = self->begun->len; i > 0; i--)
    {
      OnwardRange begun = { 0, 0 };

      (void) onward_block_sink_get_beginning (g_ptr_array_index (self->begun, i - 1), &begun);
      if (onward_ranges_contain (lost, begun.start, begun.end))
        g_ptr_array_remove_index (self->begun, i - 1);
    }
}

/* Goes on in a new file, with all that the old one still gives back. */
static gboolean
renew (OnwardBlockCheck *self, OnwardBlockFile *file, GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardRanges) lost = onward_ranges_new ();

  if (!onward_block_file_renew (file, self->hints, lost, cancellable, error))
    return FALSE;
  forget (self, lost);
  return TRUE;
}

/**
 * onward_block_check_run:
 * @file: what it is about, open
 * @cancellable: (nullable): stops it
 * @error: (nullable): where to put why it failed
 *
 * Hashes the hinted blocks that are missing; those that are right are proven. The beginnings of
 * others are taken up as if they had just arrived, to be judged with the rest of their blocks.
 *
 * Returns: whether all was looked at; what is wrong in the file is no error, nor is what cannot be
 *   read: then a new file takes its place. Errors: those of writing that, `G_IO_ERROR_CANCELLED`.
 */
gboolean
onward_block_check_run (OnwardBlockCheck *self, OnwardBlockFile *file, GCancellable *cancellable,
                        GError **error)
{
  g_autofree guint8 *buffer = g_malloc (READ_SIZE);

  for (guint i = 0; i < onward_ranges_get_count (self->hints); i++)
    if (!check_hint (self, file, onward_ranges_get (self->hints, i), buffer, cancellable, error))
      return FALSE;
  return !self->is_unreadable || renew (self, file, cancellable, error);
}
