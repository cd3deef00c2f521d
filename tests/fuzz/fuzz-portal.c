/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include <string.h>

#include "onward-portal.h"

/* What is no page without its white space is none with it, and no document of ours is ever one. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree guint8 *later = g_malloc (size + 2);
  g_autofree guint8 *document = g_malloc (size + 1);

  later[0] = '\r';
  later[1] = '\n';
  document[0] = '{';
  if (size > 0)
    {
      memcpy (later + 2, data, size);
      memcpy (document + 1, data, size);
    }

  if (size < 3 || data[0] != 0xef)
    g_assert_cmpint (onward_portal_is_page (data, size), ==,
                     onward_portal_is_page (later, size + 2));
  g_assert_false (onward_portal_is_page (document, size + 1));
  return 0;
}
