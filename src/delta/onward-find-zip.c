/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-deflate-finders.h"
#include "onward-number.h"

#define MEMBER         "PK\x03\x04"
#define ENTRY          "PK\x01\x02"
#define END            "PK\x05\x06"
#define SIGNATURE_SIZE 4
/* How far the end of the directory may be from that of the file: it has a comment. */
#define MAX_END_SIZE (22 + G_MAXUINT16)
/* The header of a member, and where in it things are. */
#define HEADER_SIZE    30
#define FLAGS          6
#define METHOD         8
#define STORED_SIZE    18
#define NAME_LENGTH    26
#define EXTRA_LENGTH   28
#define FLAG_SECRET    (1u << 0)
#define METHOD_DEFLATE 8

static gboolean
is_at (const guint8 *data, gsize size, gsize at, const char *signature)
{
  return at + SIGNATURE_SIZE <= size && memcmp (data + at, signature, SIGNATURE_SIZE) == 0;
}

/* A zip file begins with a member, or with its directory, as Firefox likes it, or ends with it:
 * then there may be anything before. But an executable is better left whole. */
static gboolean
is_zip (const guint8 *data, gsize size)
{
  gsize last = MIN (size, MAX_END_SIZE);

  if (is_at (data, size, 0, MEMBER) || is_at (data, size, SIGNATURE_SIZE, ENTRY))
    return TRUE;
  return !is_at (data, size, 0,
                 "\x7f"
                 "ELF") &&
         memmem (data + size - last, last, END, SIGNATURE_SIZE) != NULL;
}

/* A size of nothing, or of all ones, stands elsewhere: then the bytes tell where they end. */
static gboolean
read_member (const guint8 *data, gsize size, gsize at, OnwardPlace *ret_place)
{
  const guint8 *header = data + at;
  guint32 stored_size;
  gsize start;

  if (size - at < HEADER_SIZE || onward_number_get_16 (header + METHOD) != METHOD_DEFLATE ||
      (onward_number_get_16 (header + FLAGS) & FLAG_SECRET) != 0)
    return FALSE;

  stored_size = onward_number_get_32 (header + STORED_SIZE);
  start = at + HEADER_SIZE + onward_number_get_16 (header + NAME_LENGTH) +
          onward_number_get_16 (header + EXTRA_LENGTH);
  if (start >= size)
    return FALSE;

  *ret_place = (OnwardPlace){ .start = start, .end = size };
  if (stored_size == 0 || stored_size == G_MAXUINT32)
    return TRUE;

  ret_place->end = start + stored_size;
  ret_place->ends_there = TRUE;
  return stored_size <= size - start;
}

/**
 * onward_find_zip:
 * @data: a file; hostile bytes do no harm
 * @size: its size
 * @from: where to begin
 * @ret_place: (out): what deflated bytes a member of a zip file has
 *
 * An #OnwardDeflateFinder. Goes by the headers of members, wherever they are; the directory is not
 * looked at.
 *
 * Returns: whether there is one
 */
gboolean
onward_find_zip (const guint8 *data, gsize size, gsize from, OnwardPlace *ret_place)
{
  const guint8 *member = data + from;

  if (from == 0 && !is_zip (data, size))
    return FALSE;

  while ((member = memmem (member, size - (gsize) (member - data), MEMBER, SIGNATURE_SIZE)) != NULL)
    {
      if (read_member (data, size, (gsize) (member - data), ret_place))
        return TRUE;
      member += SIGNATURE_SIZE;
    }
  return FALSE;
}
