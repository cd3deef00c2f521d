/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "onward-tree-changes.h"
#include "publish-fixture.h"

/* Makes a folder from "PATH=TEXT", "PATH*=TEXT" for a program, "PATH>TARGET" for a link and "PATH/"
 * for an empty folder, and scans it. */
static OnwardTree *
make_tree (const char *description)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_auto (GStrv) words = g_strsplit (description, " ", -1);

  for (char **word = words; *word != NULL && **word != '\0'; word++)
    {
      gsize length = strcspn (*word, "*=>");
      g_autofree char *name = g_strndup (*word, length);
      g_autofree char *path = g_build_filename (dir, name, NULL);
      const char *text = *word + length + 1;

      if ((*word)[length] == '>')
        g_assert_cmpint (symlink (text, path), ==, 0);
      else if (g_str_has_suffix (name, "/"))
        g_assert_cmpint (g_mkdir_with_parents (path, 0755), ==, 0);
      else
        onward_test_write (dir, name, (*word)[length] == '*' ? text + 1 : text);
      if ((*word)[length] == '*')
        g_assert_cmpint (g_chmod (path, 0755), ==, 0);
    }

  return publish_fixture_scan (dir);
}

static char *
describe (GArray *changes)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < changes->len; i++)
    {
      const OnwardChange *change = &g_array_index (changes, OnwardChange, i);

      g_string_append_printf (text, "%s%s %s", i == 0 ? "" : ", ",
                              onward_tree_changes_get_nick (change->kind), change->path);
      if (change->old_path != NULL)
        g_string_append_printf (text, " from %s", change->old_path);
      g_string_append_printf (text, " %" G_GUINT64_FORMAT, change->size);
    }

  return g_string_free (text, FALSE);
}

/* What is added, changed, renamed and deleted, in the order of the new tree, deletions last. */
static void
test_tree_changes_find (void)
{
  static const struct
  {
    const char *before;
    const char *after;
    const char *expected;
  } cases[] = {
    { "", "", "" },
    { "a=1 b=2", "a=1 b=2", "" },
    { "", "a=1 b=22", "added a 1, added b 2" },
    { "a=1 b=22", "", "deleted a 1, deleted b 2" },
    { "a=1", "a=2222", "changed a 4" },
    { "a=1", "a*=1", "changed a 1" },
    { "a=1", "a>b b=2", "changed a 0, added b 1" },
    { "a>x x=1 y=2", "a>y x=1 y=2", "changed a 0" },
    { "a=1", "b=1", "renamed b from a 1" },
    { "a=1", "b*=1", "renamed b from a 1" },
    { "d/a=1", "e/a=1", "renamed e/a from d/a 1" },
    { "a=1", "a=1 b=1", "added b 1" },
    { "a=1", "b=1 c=1", "renamed b from a 1, added c 1" },
    { "a=1 b=1", "c=1", "renamed c from b 1, deleted a 1" },
    { "a=1 b=2", "c=2 d=3", "renamed c from b 1, added d 1, deleted a 1" },
    { "a=", "b=", "added b 0, deleted a 0" },
    { "a>x x=1", "b>x x=1", "added b 0, deleted a 0" },
    { "d/ a=1", "e/ a=1", "" },
    { "a=1", "a/b=1", "renamed a/b from a 1" },
    { "a/b=1", "a=1", "renamed a from a/b 1" },
    { "a/b=1", "a=2", "added a 1, deleted a/b 1" },
    { "a>x x=1", "a/b=2 x=1", "added a/b 1, deleted a 0" },
    { "z=1 a=2", "z=2 a=1", "changed a 1, changed z 1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTree) before = make_tree (cases[i].before);
      g_autoptr (OnwardTree) after = make_tree (cases[i].after);
      g_autoptr (GArray) changes = onward_tree_changes_find (before, after);
      g_autofree char *text = describe (changes);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

/* The table shows the first changes one by one, the others in the sums, and names that could act on
 * a terminal spelt out. */
static void
test_tree_changes_print (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (GArray) changes = g_array_new (FALSE, FALSE, sizeof (OnwardChange));
      OnwardChange odd = { ONWARD_CHANGE_RENAMED, "\033[2Jnew", "old\r", 1000 };
      OnwardChange plain = { ONWARD_CHANGE_ADDED, "plain", NULL, 2000000 };

      g_array_append_val (changes, odd);
      for (guint i = 0; i < 41; i++)
        g_array_append_val (changes, plain);
      onward_tree_changes_print (changes);
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout ("*old\\x0d → \\x1b[2Jnew*");
  g_test_trap_assert_stdout ("*… and 2 more*");
  g_test_trap_assert_stdout ("*added        41 files*82.0*MB*");
  g_test_trap_assert_stdout ("*renamed       1 files*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tree-changes/find", test_tree_changes_find);
  g_test_add_func ("/tree-changes/print", test_tree_changes_print);
  return g_test_run ();
}
