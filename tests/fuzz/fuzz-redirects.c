/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include <string.h>

#include "onward-address.h"

static void
check (GUri *from, GUri *to)
{
  g_assert_cmpstr (g_uri_get_scheme (to), !=, "file");
  if (g_str_equal (g_uri_get_scheme (from), "https"))
    g_assert_cmpstr (g_uri_get_scheme (to), ==, "https");
  g_assert_nonnull (g_uri_get_host (to));
  g_assert_null (g_uri_get_userinfo (to));
  g_assert_null (strpbrk (g_uri_get_host (to), "\r\n /@"));
  g_assert_null (strpbrk (g_uri_get_path (to), "\r\n "));
}

static void
follow_all (const char *first, const char *text, gboolean allow_http)
{
  g_auto (GStrv) locations = g_strsplit (text, "\n", 20);
  g_autoptr (GUri) here = onward_address_parse (first, allow_http, NULL);

  for (guint i = 0; locations[i] != NULL; i++)
    {
      g_autoptr (GUri) next = onward_address_follow (here, locations[i], allow_http, NULL);

      if (next == NULL)
        return;
      check (here, next);
      g_uri_unref (here);
      here = g_steal_pointer (&next);
    }
}

/* However a server leads on, a line a Location, it is never from https to less, never to a file,
 * and never to an address that would change the request. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);

  follow_all ("https://example.org/a/b?c", text, TRUE);
  follow_all ("http://127.0.0.1:8000/a", text, FALSE);
  return 0;
}
