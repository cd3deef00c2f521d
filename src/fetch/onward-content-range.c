/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-content-range.h"

/* Digits only up to @end: no sign, no blanks, no overflow. */
static gboolean
parse_number (const char **text, char end, guint64 *ret_number)
{
  const char *at = *text;
  guint64 number = 0;

  if (!g_ascii_isdigit (*at))
    return FALSE;
  for (; g_ascii_isdigit (*at); at++)
    if (!g_uint64_checked_mul (&number, number, 10) ||
        !g_uint64_checked_add (&number, number, (guint64) (*at - '0')))
      return FALSE;
  if (*at != end)
    return FALSE;

  *text = end == '\0' ? at : at + 1;
  *ret_number = number;
  return TRUE;
}

/**
 * onward_content_range_parse:
 * @value: (nullable): the value of a Content-Range header
 * @ret_start: (out): the first byte
 * @ret_end: (out): the byte after the last
 * @ret_total: (out): the size of the whole file
 *
 * Understands `bytes FIRST-LAST/TOTAL` of RFC 9110 §14.4 and nothing else: an unknown total, other
 * units, signs, blanks and numbers that overflow or contradict one another are refused. Outputs
 * are set on success only.
 *
 * Returns: whether the header can be relied on
 */
gboolean
onward_content_range_parse (const char *value, guint64 *ret_start, guint64 *ret_end,
                            guint64 *ret_total)
{
  const char *at = value;
  guint64 first = 0, last = 0, total = 0;

  if (at == NULL || !g_str_has_prefix (at, "bytes "))
    return FALSE;
  at += strlen ("bytes ");

  if (!parse_number (&at, '-', &first) || !parse_number (&at, '/', &last) ||
      !parse_number (&at, '\0', &total) || first > last || last >= total)
    return FALSE;

  *ret_start = first;
  *ret_end = last + 1;
  *ret_total = total;
  return TRUE;
}
