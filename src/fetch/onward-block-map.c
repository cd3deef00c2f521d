/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-block-map.h"

struct _OnwardBlockMap
{
  guint64 size;
  guint32 block_size;

  /* All of whole blocks. */
  OnwardRanges *wanted;   /* (owned) */
  OnwardRanges *missing;  /* (owned): wanted and not proven */
  OnwardRanges *verified; /* (owned): proven */
};

/**
 * onward_block_map_new:
 * @size: the size of the file
 * @block_size: the size of all blocks but the last, not 0
 *
 * Returns: (transfer full): a map of which nothing is wanted yet
 */
OnwardBlockMap *
onward_block_map_new (guint64 size, guint32 block_size)
{
  OnwardBlockMap *self = g_new0 (OnwardBlockMap, 1);

  g_assert (block_size > 0);

  self->size = size;
  self->block_size = block_size;
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

/**
 * onward_block_map_get_size:
 *
 * Returns: the size of the file
 */
guint64
onward_block_map_get_size (const OnwardBlockMap *self)
{
  return self->size;
}

/**
 * onward_block_map_get_count:
 *
 * Returns: how many blocks there are
 */
guint64
onward_block_map_get_count (const OnwardBlockMap *self)
{
  return self->size / self->block_size + (self->size % self->block_size != 0);
}

/**
 * onward_block_map_find:
 * @offset: a place in the file
 *
 * Returns: the number of the block it lies in
 */
guint64
onward_block_map_find (const OnwardBlockMap *self, guint64 offset)
{
  return offset / self->block_size;
}

/**
 * onward_block_map_get_block:
 * @block: the number of a block
 *
 * Returns: where it lies; the last one may be short
 */
OnwardRange
onward_block_map_get_block (const OnwardBlockMap *self, guint64 block)
{
  OnwardRange range = { block * self->block_size, self->size };

  g_assert (range.start < range.end);

  if (range.end - range.start > self->block_size)
    range.end = range.start + self->block_size;
  return range;
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
  end = MIN (end, self->size);
  if (start >= end)
    return;

  start = onward_block_map_get_block (self, start / self->block_size).start;
  end = onward_block_map_get_block (self, (end - 1) / self->block_size).end;
  onward_ranges_add (self->wanted, start, end);
  onward_ranges_add (self->missing, start, end);
  for (guint i = 0; i < onward_ranges_get_count (self->verified); i++)
    {
      const OnwardRange *range = onward_ranges_get (self->verified, i);

      onward_ranges_subtract (self->missing, range->start, range->end);
    }
}

/**
 * onward_block_map_prove:
 * @block: the number of a block whose digest was found right
 */
void
onward_block_map_prove (OnwardBlockMap *self, guint64 block)
{
  OnwardRange range = onward_block_map_get_block (self, block);

  onward_ranges_add (self->verified, range.start, range.end);
  onward_ranges_subtract (self->missing, range.start, range.end);
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
  OnwardRange range = onward_block_map_get_block (self, block);

  return onward_ranges_contain (self->missing, range.start, range.end);
}

/**
 * onward_block_map_get_covered:
 * @block: the number of a block
 * @ranges: any ranges of the file
 *
 * Returns: how far @ranges cover the block from its beginning: the byte after the last
 */
guint64
onward_block_map_get_covered (const OnwardBlockMap *self, guint64 block, const OnwardRanges *ranges)
{
  OnwardRange where = onward_block_map_get_block (self, block);

  for (guint i = 0; i < onward_ranges_get_count (ranges); i++)
    {
      const OnwardRange *range = onward_ranges_get (ranges, i);

      if (range->start <= where.start && range->end > where.start)
        return MIN (range->end, where.end);
    }
  return where.start;
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
