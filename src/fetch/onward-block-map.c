/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-block-map.h"

struct _OnwardBlockMap
{
  OnwardBlockGrid grid;

  /* All of whole blocks. */
  OnwardRanges *wanted;   /* (owned) */
  OnwardRanges *missing;  /* (owned): wanted and not proven */
  OnwardRanges *verified; /* (owned): proven */
};

/**
 * onward_block_map_new:
 * @grid: where the blocks lie
 *
 * Returns: (transfer full): a map of which nothing is wanted yet
 */
OnwardBlockMap *
onward_block_map_new (const OnwardBlockGrid *grid)
{
  OnwardBlockMap *self = g_new0 (OnwardBlockMap, 1);

  self->grid = *grid;
  self->wanted = onward_ranges_new ();
  self->missing = onward_ranges_new ();
  self->verified = onward_ranges_new ();
  return self;
}

/**
 * onward_block_map_free:
 * @self: (nullable): a map
 */
void
onward_block_map_free (OnwardBlockMap *self)
{
  if (self == NULL)
    return;
  onward_ranges_free (self->wanted);
  onward_ranges_free (self->missing);
  onward_ranges_free (self->verified);
  g_free (self);
}

static void
subtract_all (OnwardRanges *self, const OnwardRanges *others)
{
  for (guint i = 0; i < onward_ranges_get_count (others); i++)
    {
      const OnwardRange *range = onward_ranges_get (others, i);

      onward_ranges_subtract (self, range->start, range->end);
    }
}

/**
 * onward_block_map_want:
 * @start: the first byte
 * @end: the byte after the last
 *
 * Adds to what is wanted, rounded out to blocks and cut to the file.
 */
void
onward_block_map_want (OnwardBlockMap *self, guint64 start, guint64 end)
{
  end = MIN (end, self->grid.size);
  if (start >= end)
    return;

  start = onward_block_grid_get_block (&self->grid, start / self->grid.block_size).start;
  end = onward_block_grid_get_block (&self->grid, (end - 1) / self->grid.block_size).end;
  onward_ranges_add (self->wanted, start, end);
  onward_ranges_add (self->missing, start, end);
  subtract_all (self->missing, self->verified);
}

/**
 * onward_block_map_prove:
 * @blocks: whole blocks whose digests were found right
 */
void
onward_block_map_prove (OnwardBlockMap *self, const OnwardRanges *blocks)
{
  for (guint i = 0; i < onward_ranges_get_count (blocks); i++)
    {
      const OnwardRange *range = onward_ranges_get (blocks, i);

      onward_ranges_add (self->verified, range->start, range->end);
    }
  subtract_all (self->missing, blocks);
}

/**
 * onward_block_map_is_missing:
 * @block: the number of a block
 *
 * Returns: whether it is wanted and not proven
 */
gboolean
onward_block_map_is_missing (const OnwardBlockMap *self, guint64 block)
{
  OnwardRange range = onward_block_grid_get_block (&self->grid, block);

  return onward_ranges_contain (self->missing, range.start, range.end);
}

/**
 * onward_block_map_get_wanted:
 *
 * Returns: (transfer none): what is wanted
 */
const OnwardRanges *
onward_block_map_get_wanted (const OnwardBlockMap *self)
{
  return self->wanted;
}

/**
 * onward_block_map_get_missing:
 *
 * Returns: (transfer none): what is wanted and not proven
 */
const OnwardRanges *
onward_block_map_get_missing (const OnwardBlockMap *self)
{
  return self->missing;
}

/**
 * onward_block_map_get_verified:
 *
 * Returns: (transfer none): what is proven, wanted or not
 */
const OnwardRanges *
onward_block_map_get_verified (const OnwardBlockMap *self)
{
  return self->verified;
}
