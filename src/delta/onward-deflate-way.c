/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-deflate-way.h"
#include "onward-gnu-deflate.h"

#define LEVEL_MASK   0xfu
#define MORE_MEMORY  (1u << 4)
#define FILTERED     (1u << 5)
#define IN_CHUNKS    (1u << 6)
#define WINDOW_SHIFT 7
#define GNU          (1u << 10)

/**
 * onward_deflate_way_get:
 * @deflate: says how
 *
 * Returns: the number for it
 */
guint64
onward_deflate_way_get (const OnwardDeflate *deflate)
{
  if (deflate->is_gnu)
    return (deflate->level - 1u) | GNU;
  return (deflate->level - 1u) | (deflate->memory > ONWARD_DEFLATE_MIN_MEMORY ? MORE_MEMORY : 0) |
         (deflate->is_filtered ? FILTERED : 0) | (deflate->chunk > 0 ? IN_CHUNKS : 0) |
         (ONWARD_DEFLATE_MAX_WINDOW - (guint) deflate->window) << WINDOW_SHIFT;
}

/**
 * onward_deflate_way_set:
 * @deflate: (inout): is told how
 * @way: a number
 * @ret_in_chunks: (out): whether it is the image data of a PNG
 *
 * Returns: whether there is such a way
 */
gboolean
onward_deflate_way_set (OnwardDeflate *deflate, guint64 way, gboolean *ret_in_chunks)
{
  guint level = (way & LEVEL_MASK) + 1;
  gboolean is_gnu = (way & ~(guint64) LEVEL_MASK) == GNU;
  guint64 less_window = is_gnu ? 0 : way >> WINDOW_SHIFT;

  if (level > ONWARD_DEFLATE_MAX_LEVEL ||
      less_window > ONWARD_DEFLATE_MAX_WINDOW - ONWARD_DEFLATE_MIN_WINDOW ||
      (is_gnu && level < ONWARD_GNU_DEFLATE_MIN_LEVEL))
    return FALSE;

  deflate->level = (guint8) level;
  deflate->memory =
      (way & MORE_MEMORY) != 0 ? ONWARD_DEFLATE_MAX_MEMORY : ONWARD_DEFLATE_MIN_MEMORY;
  deflate->is_filtered = (way & FILTERED) != 0;
  deflate->window = (guint8) (ONWARD_DEFLATE_MAX_WINDOW - less_window);
  deflate->is_gnu = is_gnu;
  *ret_in_chunks = (way & IN_CHUNKS) != 0;
  return TRUE;
}
