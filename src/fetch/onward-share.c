/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-share.h"

/**
 * onward_share_find_begin:
 * @grid: where the blocks lie
 * @stretch: what a lane is at
 * @rest: how much it has before it, @stretch and beyond
 * @share: how much each has before it when all share the rest of the file evenly, those included
 *   that are still to come
 *
 * Divides what a lane has before it: it keeps its share, or half when that is less, in whole
 * blocks. What others take over is a block at least, for the last ones are what all wait for.
 *
 * Returns: where that begins, or 0 when there is too little
 */
guint64
onward_share_find_begin (const OnwardBlockGrid *grid, const OnwardStretch *stretch, guint64 rest,
                         guint64 share)
{
  guint64 first = stretch->position + MIN (ONWARD_SHARE_UNDER_WAY, 2 * (guint64) grid->block_size);
  guint64 parts = MAX ((rest + share / 2) / MAX (share, 1), 2);
  guint64 begin = 0;

  if (first >= stretch->range.end)
    return 0;
  begin = first + (stretch->range.end - first) / parts;
  begin -= begin % grid->block_size;
  if (begin < first)
    begin += grid->block_size;
  return begin + grid->block_size <= stretch->range.end ? begin : 0;
}
