/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-role-name.h"

#include <string.h>

/* Names are one component of a path and URL, whatever they hold. */
static void
test_quote (void)
{
  static const char *const cases[][2] = {
    { "a", "a" },           { "../b", "..%2Fb" }, { "/b", "%2Fb" },   { "?", "%3F" },
    { "#", "%23" },         { "%2F", "%252F" },   { "é", "%C3%A9" },  { "a b", "a%20b" },
    { "\n\x7f", "%0A%7F" }, { "\\", "%5C" },      { "-._~", "-._~" }, { "+&:@", "%2B%26%3A%40" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *quoted = onward_role_name_quote (cases[i][0]);
      g_autofree char *file = onward_role_name_dup_file (cases[i][0]);
      g_autofree char *entry = onward_role_name_dup_entry (cases[i][0]);

      g_assert_cmpstr (quoted, ==, cases[i][1]);
      g_assert_cmpstr (file, ==, cases[i][1]);
      g_assert_true (g_str_has_prefix (entry, cases[i][0]) && g_str_has_suffix (entry, ".json"));
    }
}

/* What no file can be called gets another name, which no quoted name is equal to. */
static void
test_files (void)
{
  g_autofree char *long_name = g_strnfill (201, 'x');
  g_autofree char *fitting = g_strnfill (200, 'x');
  const char *names[] = { "", ".", "..", "...", long_name };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *kept = onward_role_name_dup_file (fitting);

  g_assert_cmpstr (kept, ==, fitting);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      char *file = onward_role_name_dup_file (names[i]);
      g_autofree char *again = onward_role_name_dup_file (file);

      g_assert_true (g_str_has_prefix (file, "%~"));
      g_assert_cmpuint (strlen (file), ==, 66);
      g_assert_null (strchr (file, '/'));
      g_assert_cmpstr (again, !=, file);
      g_assert_true (g_hash_table_add (seen, file));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/role-name/quote", test_quote);
  g_test_add_func ("/role-name/files", test_files);

  return g_test_run ();
}
