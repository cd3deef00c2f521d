/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "onward-ranges.h"

/* What is taken for ranges is written back as the same text, so nothing is read two ways. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (OnwardRanges) ranges = onward_ranges_parse (text, G_MAXUINT64);
  g_autofree char *again = NULL;

  if (ranges == NULL)
    return 0;

  again = onward_ranges_to_string (ranges);
  g_assert_cmpstr (again, ==, text);
  for (guint i = 0; i < onward_ranges_get_count (ranges); i++)
    {
      const OnwardRange *range = onward_ranges_get (ranges, i);

      g_assert_true (onward_ranges_contain (ranges, range->start, range->end));
    }
  onward_ranges_subtract (ranges, 0, G_MAXUINT64);
  g_assert_cmpuint (onward_ranges_get_length (ranges), ==, 0);
  return 0;
}
