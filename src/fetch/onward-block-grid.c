/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-block-grid.h"

/**
 * onward_block_grid_get_count:
 *
 * Returns: how many blocks there are
 */
guint64
onward_block_grid_get_count (const OnwardBlockGrid *self)
{
  return self->size / self->block_size + (self->size % self->block_size != 0);
}

/**
 * onward_block_grid_find:
 * @offset: a place in the file
 *
 * Returns: the number of the block it lies in
 */
guint64
onward_block_grid_find (const OnwardBlockGrid *self, guint64 offset)
{
  return offset / self->block_size;
}

/**
 * onward_block_grid_get_block:
 * @block: the number of a block
 *
 * Returns: where it lies; the last one may be short
 */
OnwardRange
onward_block_grid_get_block (const OnwardBlockGrid *self, guint64 block)
{
  OnwardRange range = { block * self->block_size, self->size };

  g_assert (range.start < range.end);

  if (range.end - range.start > self->block_size)
    range.end = range.start + self->block_size;
  return range;
}
