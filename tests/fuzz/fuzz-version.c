/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include <string.h>

#include "onward-version.h"

/* Any two lines are ordered consistently, and a valid version is fit for a folder's name. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *a = g_strndup ((const char *) data, size);
  char *b = strchr (a, '\n');
  int order, reverse;

  if (b != NULL)
    *b++ = '\0';
  else
    b = a;

  order = onward_version_compare (a, b);
  reverse = onward_version_compare (b, a);
  g_assert_cmpint ((order > 0) - (order < 0), ==, (reverse < 0) - (reverse > 0));
  g_assert_cmpint (onward_version_compare (a, a), ==, 0);
  if (onward_version_is_valid (a))
    {
      g_assert_true (g_ascii_isdigit (a[0]));
      g_assert_null (strchr (a, '/'));
    }
  return 0;
}
