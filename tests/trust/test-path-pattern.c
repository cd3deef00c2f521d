/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-path-pattern.h"

#include <string.h>

/* clang-format off */
static const struct
{
  const char *pattern;
  const char *path;
  gboolean matches;
} cases[] = {
  /* The examples of the specification. */
  { "targets/*.tgz", "targets/foo.tgz", TRUE },
  { "targets/*.tgz", "targets/bar.tgz", TRUE },
  { "targets/*.tgz", "targets/foo.txt", FALSE },
  { "foo-version-?.tgz", "foo-version-2.tgz", TRUE },
  { "foo-version-?.tgz", "foo-version-a.tgz", TRUE },
  { "foo-version-?.tgz", "foo-version-alpha.tgz", FALSE },
  { "*.tgz", "foo.tgz", TRUE },
  { "*.tgz", "targets/foo.tgz", FALSE },
  { "foo.tgz", "foo.tgz", TRUE },
  { "foo.tgz", "food.tgz", FALSE },
  /* Whole paths, and nothing across a slash. */
  { "", "", TRUE },
  { "", "a", FALSE },
  { "a", "", FALSE },
  { "*", "", TRUE },
  { "*", "abc", TRUE },
  { "*", "a/b", FALSE },
  { "*/*", "a/b", TRUE },
  { "*/*", "a/b/c", FALSE },
  { "*/*", "a", FALSE },
  { "*/", "a/", TRUE },
  { "a*", "a/b", FALSE },
  { "a?b", "a/b", FALSE },
  { "a[/]b", "a/b", FALSE },
  { "a[!x]b", "a/b", FALSE },
  { "/a", "a", FALSE },
  { "a", "/a", FALSE },
  { "a/*/c", "a/b/c", TRUE },
  { "a/*/c", "a//c", TRUE },
  { "a/*/c", "a/b/b/c", FALSE },
  { "**", "abc", TRUE },
  { "**", "a/b", FALSE },
  { "a**b", "axxb", TRUE },
  /* The last star takes as much as it has to. */
  { "*ab", "aab", TRUE },
  { "*ab*", "xaabx", TRUE },
  { "a*b*c", "abbbc", TRUE },
  { "a*b*c", "abbbd", FALSE },
  { "*a*/b*", "xax/by", TRUE },
  { "*a/b", "aaa/b", TRUE },
  { "*a/b", "aab/b", FALSE },
  /* Sets. */
  { "[abc]", "b", TRUE },
  { "[abc]", "d", FALSE },
  { "[a-c]x", "bx", TRUE },
  { "[a-c]x", "dx", FALSE },
  { "[!a-c]x", "dx", TRUE },
  { "[!a-c]x", "bx", FALSE },
  { "[]]", "]", TRUE },
  { "[!]]", "]", FALSE },
  { "[!]]", "x", TRUE },
  { "[a-]", "-", TRUE },
  { "[-a]", "-", TRUE },
  { "[c-a]", "b", FALSE },
  { "[", "[", TRUE },
  { "[a", "[a", TRUE },
  { "[a/b]", "[a/b]", TRUE },
  { "[!", "[!", TRUE },
  { "*[a-c]", "xyzb", TRUE },
  /* Nothing is quoted, and characters are whole. */
  { "\\*", "\\x", TRUE },
  { "\\*", "*", FALSE },
  { "?", "é", TRUE },
  { "??", "é", FALSE },
  { "[à-ü]", "é", TRUE },
  { "[!é]", "é", FALSE },
  { "*é", "aéé", TRUE },
  { "A", "a", FALSE },
};
/* clang-format on */

/* 4.5, PATHPATTERN: wildcards of the shell, which no path separator matches. */
static void
test_pathpattern (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("“%s” “%s”", cases[i].pattern, cases[i].path);
      g_assert_cmpint (onward_path_pattern_matches (cases[i].pattern, cases[i].path), ==,
                       cases[i].matches);
    }
}

/* A pattern made to be slow is not: this would take longer than anyone waits. */
static void
test_hostile_pattern (void)
{
  g_autoptr (GString) pattern = g_string_new (NULL);
  g_autofree char *path = g_strnfill (2000, 'a');

  for (guint i = 0; i < 500; i++)
    g_string_append (pattern, "a*");
  g_string_append_c (pattern, 'b');
  g_assert_false (onward_path_pattern_matches (pattern->str, path));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/path-pattern/4.5", test_pathpattern);
  g_test_add_func ("/path-pattern/hostile", test_hostile_pattern);

  return g_test_run ();
}
