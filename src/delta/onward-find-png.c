/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-deflate-finders.h"
#include "onward-deflate.h"

#define SIGNATURE      "\x89PNG\r\n\x1a\n"
#define SIGNATURE_SIZE 8

/* Whether a whole chunk is at @at; how many bytes it carries. */
static gboolean
look_at_chunk (const guint8 *data, gsize size, gsize at, guint32 *ret_length)
{
  if (size - at < ONWARD_DEFLATE_CHUNK_COST)
    return FALSE;

  memcpy (ret_length, data + at, sizeof *ret_length);
  *ret_length = GUINT32_FROM_BE (*ret_length);
  return *ret_length <= size - at - ONWARD_DEFLATE_CHUNK_COST;
}

static gboolean
is_image_data (const guint8 *data, gsize at)
{
  return memcmp (data + at + 4, "IDAT", 4) == 0;
}

/* Where the chunks with image data end; 0 when they are not all of one size, the last aside. */
static gsize
find_end (const guint8 *data, gsize size, gsize at, guint32 chunk)
{
  guint32 last = chunk;
  guint32 length;

  while (look_at_chunk (data, size, at, &length) && is_image_data (data, at))
    {
      if (length == 0 || length > chunk || last != chunk)
        return 0;
      last = length;
      at += length + ONWARD_DEFLATE_CHUNK_COST;
    }
  return at;
}

/**
 * onward_find_png:
 * @data: a file; hostile bytes do no harm
 * @size: its size
 * @from: where to begin
 * @ret_place: (out): where the image data of a PNG are
 *
 * An #OnwardDeflateFinder.
 *
 * Returns: whether there are such, in chunks as nearly all programs make them
 */
gboolean
onward_find_png (const guint8 *data, gsize size, gsize from, OnwardPlace *ret_place)
{
  gsize at = SIGNATURE_SIZE;
  guint32 length;
  gsize end;

  if (from > 0 || size < SIGNATURE_SIZE || memcmp (data, SIGNATURE, SIGNATURE_SIZE) != 0)
    return FALSE;

  while (look_at_chunk (data, size, at, &length) && !is_image_data (data, at))
    at += length + ONWARD_DEFLATE_CHUNK_COST;
  if (!look_at_chunk (data, size, at, &length))
    return FALSE;

  end = find_end (data, size, at, length);
  *ret_place = (OnwardPlace){ at, end, .ends_there = TRUE, .chunk = length };
  return end > 0;
}
