/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include <string.h>

#include "onward-entity-tag.h"
#include "onward-retry-after.h"

/* A wait is none or within its bounds; a tag can be sent back as it is. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *tag = onward_entity_tag_parse (text);
  guint wait = onward_retry_after_parse (text, 784111777);

  g_assert_true (wait == 0 || (wait >= 60 && wait <= 24 * 60 * 60));
  if (tag != NULL)
    {
      g_assert_cmpstr (tag, ==, text);
      g_assert_true (g_str_is_ascii (tag));
      g_assert_null (strpbrk (tag, "\r\n "));
    }
  return 0;
}
