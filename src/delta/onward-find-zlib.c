/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-deflate-finders.h"

#define HEADER_SIZE  2
#define TRAILER_SIZE 4
/* Of the header's bytes: the method, how much is looked back at, and whether at something else. */
#define METHOD_MASK     0x0fu
#define METHOD_DEFLATE  8u
#define MAX_WINDOW      7u
#define FLAG_DICTIONARY (1u << 5)

static gboolean
is_header (const guint8 *data)
{
  return (data[0] & METHOD_MASK) == METHOD_DEFLATE && data[0] >> 4 <= MAX_WINDOW &&
         (data[1] & FLAG_DICTIONARY) == 0 && (data[0] * 256u + data[1]) % 31 == 0;
}

/**
 * onward_find_zlib:
 * @data: a file; hostile bytes do no harm
 * @size: its size
 * @from: where to begin
 * @ret_place: (out): the deflated bytes of a file that is nothing but a zlib stream
 *
 * An #OnwardDeflateFinder.
 *
 * Returns: whether it may be one
 */
gboolean
onward_find_zlib (const guint8 *data, gsize size, gsize from, OnwardPlace *ret_place)
{
  if (from > 0 || size <= HEADER_SIZE + TRAILER_SIZE || !is_header (data))
    return FALSE;

  *ret_place =
      (OnwardPlace){ .start = HEADER_SIZE, .end = size - TRAILER_SIZE, .ends_there = TRUE };
  return TRUE;
}
