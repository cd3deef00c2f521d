/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-address.h"
#include "onward-error.h"

/* https and files are allowed, http only as told or on the loopback, all else is refused. */
static void
test_address_rules (void)
{
  /* clang-format off */
  static const struct { const char *address; gboolean plain, allowed; } cases[] = {
    { "https://example.org/a",              TRUE,  TRUE },
    { "HTTPS://example.org/a",              TRUE,  TRUE },
    { "file:///srv/repo/a",                 TRUE,  TRUE },
    { "http://127.0.0.1:8080/a",            TRUE,  TRUE },
    { "http://[::1]:8080/a",                TRUE,  TRUE },
    { "http://localhost/a",                 TRUE,  TRUE },
    { "http://127.9.9.9/a",                 TRUE,  TRUE },
    { "http://example.org/a",               FALSE, TRUE },
    { "http://127.0.0.1.example.org/a",     FALSE, TRUE },
    { "http://localhost.example.org/a",     FALSE, TRUE },
    { "http://10.0.0.1/a",                  FALSE, TRUE },
    { "ftp://example.org/a",                FALSE, FALSE },
    { "data:text/plain,a",                  FALSE, FALSE },
    { "javascript:a",                       FALSE, FALSE },
    { "file://example.org/a",               FALSE, FALSE },
    { "https://user:secret@example.org/a",  FALSE, FALSE },
    { "https:///a",                         FALSE, FALSE },
    { "https://a%0d%0aX:y/a",               FALSE, FALSE },
    { "https://example.org/a b",            FALSE, FALSE },
    { "https://example.org/a\r\nX: y",      FALSE, FALSE },
    { "https://example.org:99999/",         FALSE, FALSE },
    { "/srv/repo/a",                        FALSE, FALSE },
    { "",                                   FALSE, FALSE },
  };
  /* clang-format on */

  for (guint i = 0; i < G_N_ELEMENTS (cases) * 2; i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean allow_http = i % 2;
      gboolean allowed = allow_http ? cases[i / 2].allowed : cases[i / 2].plain;
      g_autoptr (GUri) uri = onward_address_parse (cases[i / 2].address, allow_http, &error);

      g_test_message ("“%s” %d", cases[i / 2].address, allow_http);
      if (allowed)
        g_assert_no_error (error);
      else
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
      g_assert_cmpint (uri != NULL, ==, allowed);
    }
}

/* A redirect never leads from https to http, to a file, or to nowhere. */
static void
test_address_redirects (void)
{
  /* clang-format off */
  static const struct { const char *from, *location, *to; } cases[] = {
    { "https://a.org/x/y",    "z",                    "https://a.org/x/z" },
    { "https://a.org/x/y",    "/z?q=1",               "https://a.org/z?q=1" },
    { "https://a.org/x",      "https://b.org/z",      "https://b.org/z" },
    { "https://a.org/x",      "//b.org/z",            "https://b.org/z" },
    { "http://127.0.0.1/x",   "https://b.org/z",      "https://b.org/z" },
    { "http://127.0.0.1/x",   "http://127.0.0.1:1/z", "http://127.0.0.1:1/z" },
    { "https://a.org/x",      "http://a.org/z",       NULL },
    { "https://a.org/x",      "http://127.0.0.1/z",   NULL },
    { "http://127.0.0.1/x",   "http://b.org/z",       NULL },
    { "http://127.0.0.1/x",   "file:///etc/passwd",   NULL },
    { "https://a.org/x",      "data:,z",              NULL },
    { "https://a.org/x",      "",                     NULL },
    { "https://a.org/x",      "https://b.org/\x01",   NULL },
    { "https://a.org/x",      NULL,                   NULL },
  };
  /* clang-format on */

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GUri) from = onward_address_parse (cases[i].from, FALSE, NULL);
      g_autoptr (GUri) to = onward_address_follow (from, cases[i].location, FALSE, &error);
      g_autofree char *text = to == NULL ? NULL : g_uri_to_string (to);

      g_assert_cmpstr (text, ==, cases[i].to);
      if (cases[i].to == NULL)
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
    }
}

/* Only what stays on this computer is asked without a network. */
static void
test_address_local (void)
{
  /* clang-format off */
  static const struct { const char *address; gboolean local; } cases[] = {
    { "http://127.0.0.1/", TRUE }, { "http://[::1]/", TRUE }, { "file:///a", TRUE },
    { "https://localhost/", TRUE }, { "https://example.org/", FALSE },
  };
  /* clang-format on */

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GUri) uri = onward_address_parse (cases[i].address, FALSE, NULL);

      g_assert_cmpint (onward_address_is_local (uri), ==, cases[i].local);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address/rules", test_address_rules);
  g_test_add_func ("/address/redirects", test_address_redirects);
  g_test_add_func ("/address/local", test_address_local);
  return g_test_run ();
}
