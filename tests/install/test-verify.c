/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "install-fixture.h"
#include "onward-error.h"
#include "onward-keep.h"
#include "onward-verify.h"

/* Installs a release with files, folders and links of all kinds, as 1.0.0. */
static void
set_up (InstallFixture *self, gconstpointer data)
{
  g_autofree char *made = NULL;
  g_autofree char *folder = NULL;

  install_fixture_set_up (self, data);
  made = install_fixture_make_new (self->root);
  folder = install_fixture_path (self, "versions/1.0.0");
  g_assert_cmpint (g_rename (made, folder), ==, 0);
  install_fixture_write_receipt (self, "1.0.0");
}

static char *
join (GPtrArray *paths)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < paths->len; i++)
    g_string_append_printf (text, i > 0 ? " %s" : "%s",
                            (const char *) g_ptr_array_index (paths, i));
  return g_string_free (text, FALSE);
}

static void
assert_differences (InstallFixture *self, const char *const *keep, const char *changed,
                    const char *missing, const char *extra)
{
  g_autoptr (OnwardDifferences) differences = NULL;
  g_autofree char *actual_changed = NULL;
  g_autofree char *actual_missing = NULL;
  g_autofree char *actual_extra = NULL;
  g_autoptr (GError) error = NULL;

  differences = onward_verify_version (self->install, "1.0.0", keep, NULL, &error);
  g_assert_no_error (error);
  actual_changed = join (differences->changed);
  actual_missing = join (differences->missing);
  actual_extra = join (differences->extra);
  g_assert_cmpstr (actual_changed, ==, changed);
  g_assert_cmpstr (actual_missing, ==, missing);
  g_assert_cmpstr (actual_extra, ==, extra);
}

static char *
path_of (InstallFixture *self, const char *name)
{
  return g_build_filename (self->dir, "versions/1.0.0", name, NULL);
}

/* A version as it was installed has no differences. */
static void
test_verify_intact (InstallFixture *self, gconstpointer data)
{
  assert_differences (self, NULL, "", "", "");
}

/* Content of the same size, sizes, modes, kinds and link targets that differ are all found. */
static void
test_verify_changed (InstallFixture *self, gconstpointer data)
{
  g_autofree char *readme = path_of (self, "doc/readme");
  g_autofree char *twin = path_of (self, "share/twin-1");
  g_autofree char *link = path_of (self, "bin/link");
  g_autofree char *kind = path_of (self, "kind");
  g_autofree char *folder = path_of (self, "share");

  onward_test_write (self->dir, "versions/1.0.0/share/new.txt", "NEW\n");
  onward_test_write (self->dir, "versions/1.0.0/share/empty", "no more");
  g_assert_cmpint (chmod (readme, 04755), ==, 0);
  g_assert_cmpint (chmod (twin, 0600), ==, 0);
  g_assert_cmpint (chmod (folder, 0700), ==, 0);
  g_assert_cmpint (unlink (link), ==, 0);
  g_assert_cmpint (symlink ("app", link), ==, 0);
  g_assert_cmpint (unlink (kind), ==, 0);
  g_assert_cmpint (symlink ("bin/app", kind), ==, 0);
  assert_differences (
      self, NULL, "bin/link doc/readme kind share share/empty share/new.txt share/twin-1", "", "");
}

/* Everything that is gone is found, below a folder that is gone too. */
static void
test_verify_missing (InstallFixture *self, gconstpointer data)
{
  g_autofree char *folder = path_of (self, "data");
  g_autofree char *link = path_of (self, "bin/second");

  onward_test_remove_dir (g_steal_pointer (&folder));
  g_assert_cmpint (unlink (link), ==, 0);
  assert_differences (self, NULL, "", "bin/second data data/big.bin data/copy data/name-b", "");
}

/* What no receipt lists is found, a folder once, except what Keep= covers. */
static void
test_verify_extra (InstallFixture *self, gconstpointer data)
{
  static const char *const keep[] = { "user/*", "*.cfg", NULL };
  g_autofree char *link = path_of (self, "lib/link");

  onward_test_write (self->dir, "versions/1.0.0/user/notes", "x");
  onward_test_write (self->dir, "versions/1.0.0/my.cfg", "x");
  onward_test_write (self->dir, "versions/1.0.0/cache/a/b", "x");
  g_assert_cmpint (symlink ("/", link), ==, 0);
  assert_differences (self, NULL, "", "", "cache lib/link my.cfg user");
  assert_differences (self, keep, "", "", "cache/a/b lib/link");
}

/* Without its folder all of a version is missing. */
static void
test_verify_gone (InstallFixture *self, gconstpointer data)
{
  g_autofree char *versions = install_fixture_path (self, "versions");
  g_autofree char *away = install_fixture_path (self, "away");
  g_autoptr (OnwardDifferences) differences = NULL;
  g_autoptr (OnwardTree) tree = onward_install_load_receipt (self->install, "1.0.0", NULL);

  g_assert_cmpint (g_rename (versions, away), ==, 0);
  differences = onward_verify_version (self->install, "1.0.0", NULL, NULL, NULL);
  g_assert_nonnull (differences);
  g_assert_cmpuint (differences->missing->len, ==, onward_tree_get_n_entries (tree));
  g_assert_cmpuint (differences->changed->len + differences->extra->len, ==, 0);
}

/* A version without a receipt cannot be verified; what makes one is told. */
static void
test_verify_not_installed (InstallFixture *self, gconstpointer data)
{
  g_autofree char *receipt = install_fixture_path (self, "receipts/1.0.0");
  g_autoptr (GError) error = NULL;

  g_assert_null (onward_verify_version (self->install, "2.0.0", NULL, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_cmpint (unlink (receipt), ==, 0);
  g_assert_null (onward_verify_version (self->install, "1.0.0", NULL, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
}

/* A receipt that was damaged is refused, not half believed, and no affair of the makers. */
static void
test_verify_damaged_receipt (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  onward_test_write (self->dir, "receipts/1.0.0", "not a tree");
  g_assert_null (onward_verify_version (self->install, "1.0.0", NULL, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "“onward repair”"));
}

/* Cancelling is passed on as such. */
static void
test_verify_cancel (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (onward_verify_version (self->install, "1.0.0", NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

typedef struct
{
  const char *glob;
  const char *path;
  gboolean matches;
} Match;

/* clang-format off */
static const Match matches[] = {
  { "*.cfg",      "a.cfg",          TRUE },
  { "*.cfg",      "dir/a.cfg",      FALSE },
  { "user",       "user",           TRUE },
  { "user",       "user/a/b",       TRUE },
  { "user",       "user2",          FALSE },
  { "user/*",     "user/a",         TRUE },
  { "user/*",     "user/a/b/c",     TRUE },
  { "user/*",     "user",           FALSE },
  { "user/*.txt", "user/a.txt",     TRUE },
  { "user/*.txt", "user/x/a.txt",   FALSE },
  { "p?ugins",    "plugins/mine",   TRUE },
  { "[ab].ini",   "b.ini",          TRUE },
  { "[ab].ini",   "c.ini",          FALSE },
  { "",           "a",              FALSE },
  { "*",          "anything/below", TRUE },
};
/* clang-format on */

/* Globs match within one name, and a folder that matches covers all it holds. */
static void
test_keep_matches (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (matches); i++)
    {
      const char *const keep[] = { "other", matches[i].glob, NULL };

      g_test_message ("%s %s", matches[i].glob, matches[i].path);
      g_assert_cmpint (onward_keep_matches (keep, matches[i].path), ==, matches[i].matches);
    }
  g_assert_false (onward_keep_matches (NULL, "a"));
}

typedef struct
{
  const char *path;
  void (*test) (InstallFixture *, gconstpointer);
} VerifyTest;

/* clang-format off */
static const VerifyTest tests[] = {
  { "/verify/intact",          test_verify_intact },
  { "/verify/changed",         test_verify_changed },
  { "/verify/missing",         test_verify_missing },
  { "/verify/extra",           test_verify_extra },
  { "/verify/not-installed",   test_verify_not_installed },
  { "/verify/gone",            test_verify_gone },
  { "/verify/damaged-receipt", test_verify_damaged_receipt },
  { "/verify/cancel",          test_verify_cancel },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, InstallFixture, NULL, set_up, tests[i].test,
                install_fixture_tear_down);
  g_test_add_func ("/keep/matches", test_keep_matches);

  return g_test_run ();
}
