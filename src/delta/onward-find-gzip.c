/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-deflate-finders.h"
#include "onward-number.h"

#define HEADER_SIZE  10
#define TRAILER_SIZE 8
/* Of the flags in a header: what follows it, and what nobody knows. */
#define FLAG_CHECKSUM (1u << 1)
#define FLAG_EXTRA    (1u << 2)
#define FLAG_NAME     (1u << 3)
#define FLAG_COMMENT  (1u << 4)
#define FLAGS_UNKNOWN 0xe0u

static gboolean
skip (gsize size, gsize *at, gsize length)
{
  if (length > size - *at)
    return FALSE;

  *at += length;
  return TRUE;
}

static gboolean
skip_text (const guint8 *data, gsize size, gsize *at)
{
  const guint8 *end = memchr (data + *at, 0, size - *at);

  return end != NULL && skip (size, at, (gsize) (end - (data + *at)) + 1);
}

static gboolean
skip_extra (const guint8 *data, gsize size, gsize *at)
{
  const guint8 *length = data + *at;

  return skip (size, at, 2) && skip (size, at, onward_number_get_16 (length));
}

static gboolean
skip_header (const guint8 *data, gsize size, gsize *at)
{
  const guint8 *header = data + *at;
  guint flags;

  if (!skip (size, at, HEADER_SIZE) || memcmp (header, "\x1f\x8b\x08", 3) != 0)
    return FALSE;

  flags = header[3];
  return (flags & FLAGS_UNKNOWN) == 0 &&
         ((flags & FLAG_EXTRA) == 0 || skip_extra (data, size, at)) &&
         ((flags & FLAG_NAME) == 0 || skip_text (data, size, at)) &&
         ((flags & FLAG_COMMENT) == 0 || skip_text (data, size, at)) &&
         ((flags & FLAG_CHECKSUM) == 0 || skip (size, at, 2));
}

/**
 * onward_find_gzip:
 * @data: a file; hostile bytes do no harm
 * @size: its size
 * @from: where to begin
 * @ret_place: (out): what deflated bytes a member of a gzip file has
 *
 * An #OnwardDeflateFinder.
 *
 * Returns: whether there is one
 */
gboolean
onward_find_gzip (const guint8 *data, gsize size, gsize from, OnwardPlace *ret_place)
{
  gsize at = from;

  if ((from > 0 && !skip (size, &at, TRAILER_SIZE)) || !skip_header (data, size, &at))
    return FALSE;

  *ret_place = (OnwardPlace){ .start = at, .end = size };
  return TRUE;
}
