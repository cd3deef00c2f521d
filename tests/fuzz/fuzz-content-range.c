/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "onward-content-range.h"

/* What is relied on is a range of a file of that size, and no second reading of it differs. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *again = NULL;
  guint64 start = 0, end = 0, total = 0;

  if (!onward_content_range_parse (text, &start, &end, &total))
    return 0;

  g_assert_cmpuint (start, <, end);
  g_assert_cmpuint (end, <=, total);
  again = g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                           start, end - 1, total);
  g_assert_true (onward_content_range_parse (again, &start, &end, &total));
  return 0;
}
