/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include <string.h>

#include "onward-address.h"

/* An address that is allowed, or is led to, can be used as it is. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GUri) base = onward_address_parse ("https://example.org/a/b?c", FALSE, NULL);
  g_autoptr (GUri) address = onward_address_parse (text, FALSE, NULL);
  g_autoptr (GUri) next = onward_address_follow (base, text, TRUE, NULL);

  if (next != NULL)
    g_assert_cmpstr (g_uri_get_scheme (next), ==, "https");
  if (address != NULL && !onward_address_is_file (address))
    {
      g_assert_nonnull (g_uri_get_host (address));
      g_assert_null (g_uri_get_userinfo (address));
      g_assert_null (strpbrk (g_uri_get_host (address), "\r\n /@"));
    }
  return 0;
}
