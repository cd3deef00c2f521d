/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-byte-range.h"

/* Reads digits only: no sign, no blanks, no overflow. */
static gboolean
parse_number (const char **text, guint64 *ret_number)
{
  const char *at = *text;
  guint64 number = 0;

  if (!g_ascii_isdigit (*at))
    return FALSE;
  for (; g_ascii_isdigit (*at); at++)
    if (!g_uint64_checked_mul (&number, number, 10) ||
        !g_uint64_checked_add (&number, number, (guint64) (*at - '0')))
      return FALSE;

  *text = at;
  *ret_number = number;
  return TRUE;
}

static OnwardByteRange
give (guint64 start, guint64 end, guint64 size, guint64 *ret_start, guint64 *ret_end)
{
  if (start >= size || start >= end)
    return ONWARD_BYTE_RANGE_OUTSIDE;
  *ret_start = start;
  *ret_end = MIN (end, size);
  return ONWARD_BYTE_RANGE_ONE;
}

/**
 * onward_byte_range_parse:
 * @header: (nullable): the value of a Range header
 * @size: the size of the file
 * @ret_start: (out): the first byte asked for
 * @ret_end: (out): the byte after the last
 *
 * Understands one range, in the three forms of RFC 9110 §14.1.2; several ranges, other units and
 * nonsense count as no range at all, as the RFC allows. Outputs are set for
 * @ONWARD_BYTE_RANGE_ONE only.
 *
 * Returns: what is asked for
 */
OnwardByteRange
onward_byte_range_parse (const char *header, guint64 size, guint64 *ret_start, guint64 *ret_end)
{
  const char *at = header;
  guint64 first = 0, last = G_MAXUINT64 - 1;

  if (at == NULL || !g_str_has_prefix (at, "bytes="))
    return ONWARD_BYTE_RANGE_NONE;
  at += strlen ("bytes=");

  if (*at == '-')
    {
      at++;
      if (!parse_number (&at, &last) || *at != '\0')
        return ONWARD_BYTE_RANGE_NONE;
      return give (last == 0 ? size : size - MIN (last, size), size, size, ret_start, ret_end);
    }

  if (!parse_number (&at, &first) || *at++ != '-')
    return ONWARD_BYTE_RANGE_NONE;
  if (*at != '\0' && (!parse_number (&at, &last) || *at != '\0' || last < first))
    return ONWARD_BYTE_RANGE_NONE;
  return give (first, MIN (last, G_MAXUINT64 - 1) + 1, size, ret_start, ret_end);
}
