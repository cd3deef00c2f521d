/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-tree-path.h"

/* Ordinary names of every language pass. */
static void
test_tree_path_good (void)
{
  /* clang-format off */
  const char *good[] = {
    "a", "bin/app", "lib/libfoo.so.1.2", ".hidden", "..a", "a..b", "...a", "a b", " a", "-rf", "~",
    "a\\b",
    "a/.onward-version", "a:b", "*", "$HOME", "%s%n", "'\"", "share/文件/é.txt", "😀", "日本語", "naïve/Ünïcode",
    "a\xe2\x80\x8d",
    "C:", "con", "nul.txt", "@#!&()[]{}", "a+b=c,d;e",
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (onward_tree_path_check (good[i], &error));
      g_assert_no_error (error);
    }
}

/* Names that lead elsewhere, deceive or mean different things on different systems do not. */
static void
test_tree_path_hostile (void)
{
  /* clang-format off */
  const char *bad[] = {
    "", "/", "/etc/passwd", "//etc", ".", "..", "./a", "../a", "a/", "a//b", "a/.", "a/..", "a/./b",
    "a/../b", "a/../../b", "sub/../sub/a", "../../../../../../etc/passwd", "a/b/../../../c", "...",
    "a...",
    "a.", "a/b.", "a./b", "a ", "a /b", "a/b ", ". ", ".. ", ".. /a", "a\n", "a\nb", "\n", "a\rb",
    "a\tb",
    "\x01", "a\x1b[31mb", "a\x7f", "a/\x1f/b", "\b", "a\xc2\x80", "a\xc2\x85" "b",
    "a\xc2\x9b" "31m",
    "\xff", "a\xc3", "\xc0\xaf", "\xe0\x80\xaf", "a\xed\xa0\x80", "\xf4\x90\x80\x80", "caf\xe9",
    "e\xcc\x81", "a/e\xcc\x81/b", "\xe2\x84\xab", "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab",
    "a\xe2\x80\xaetxt.exe", "\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac", "\xe2\x80\xad",
    "\xe2\x81\xa6",
    "\xe2\x81\xa7", "\xe2\x81\xa8", "\xe2\x81\xa9", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xd8\x9c",
    "\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf" "a", ".onward-version", ".Onward-Version",
  };
  /* clang-format on */

  g_assert_cmpuint (G_N_ELEMENTS (bad), >=, 60);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      if (onward_tree_path_check (bad[i], &error))
        g_test_message ("accepted: row %zu", i);
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

static char *
repeat (const char *piece, gsize count, const char *tail)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; i < count; i++)
    g_string_append (text, piece);
  g_string_append (text, tail);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* The limits on depth and length are exact. */
static void
test_tree_path_limits (void)
{
  g_autofree char *deep = repeat ("a/", 31, "a");
  g_autofree char *deeper = repeat ("a/", 32, "a");
  g_autofree char *wide = repeat ("w", 200, "");
  g_autofree char *wider = repeat ("w", 201, "");
  g_autofree char *name = repeat ("n", 127, "/");
  g_autofree char *longest = repeat (name, 15, name);
  g_autofree char *longer = g_strconcat (longest, "n", NULL);

  longest[strlen (longest) - 1] = 'n';
  g_assert_cmpuint (strlen (longest), ==, ONWARD_TREE_PATH_MAX_SIZE);
  g_assert_true (onward_tree_path_check (deep, NULL));
  g_assert_false (onward_tree_path_check (deeper, NULL));
  g_assert_true (onward_tree_path_check (wide, NULL));
  g_assert_false (onward_tree_path_check (wider, NULL));
  g_assert_true (onward_tree_path_check (longest, NULL));
  g_assert_false (onward_tree_path_check (longer, NULL));
}

/* A link may climb as far as the root, not above it. */
static void
test_tree_path_link (void)
{
  /* clang-format off */
  const char *good[][2] = {
    { "l", "a" }, { "l", "./a" }, { "l", "a/b" }, { "d/l", "../a" }, { "d/e/l", "../../a" },
    { "d/l", ".." }, { "l", "a/../b" }, { "d/l", "../d/../d" }, { "l", "." }, { "l", "é" },
  };
  const char *bad[][2] = {
    { "l", "" }, { "l", "/" }, { "l", "/etc" }, { "l", ".." }, { "l", "../a" }, { "d/l", "../.." },
    { "d/l", "../../d" }, { "l", "a/../.." }, { "l", "a/../../a" }, { "l", "a//b" }, { "l", "a/" },
    { "l", "./" }, { "l", "a\nb" }, { "l", "\x1b" }, { "l", "\xff" }, { "l", "e\xcc\x81" },
    { "l", "\xe2\x80\xae" }, { "l", "a." }, { "l", "a /b" }, { "l", "..." },
    { "d/e/f/l", "../../../../etc/passwd" }, { "l", "./.././a" },
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (onward_tree_path_check_link (good[i][0], good[i][1], NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (onward_tree_path_check_link (bad[i][0], bad[i][1], &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

/* Paths that a file system could take for one another get one key. */
static void
test_tree_path_fold (void)
{
  /* clang-format off */
  const char *same[][2] = {
    { "README", "readme" }, { "Straße", "STRASSE" }, { "ÉTÉ", "été" }, { "Σ", "ς" },
    { "a/B", "A/b" },
    { "ﬁ", "FI" }, { "Ω", "ω" },
  };
  const char *different[][2] = { { "a", "b" }, { "e", "é" }, { "a/b", "ab" }, { "İ", "i" } };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (same); i++)
    {
      g_autofree char *a = onward_tree_path_fold (same[i][0]);
      g_autofree char *b = onward_tree_path_fold (same[i][1]);

      g_assert_cmpstr (a, ==, b);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (different); i++)
    {
      g_autofree char *a = onward_tree_path_fold (different[i][0]);
      g_autofree char *b = onward_tree_path_fold (different[i][1]);

      g_assert_cmpstr (a, !=, b);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/tree-path/good", test_tree_path_good);
  g_test_add_func ("/tree-path/hostile", test_tree_path_hostile);
  g_test_add_func ("/tree-path/limits", test_tree_path_limits);
  g_test_add_func ("/tree-path/link", test_tree_path_link);
  g_test_add_func ("/tree-path/fold", test_tree_path_fold);

  return g_test_run ();
}
