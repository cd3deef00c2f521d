/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "onward-error.h"
#include "onward-pack-need.h"
#include "onward-staging.h"
#include "update-fixture.h"

/* The first version comes whole from its pack. */
static void
test_staging_first (Update *self, gconstpointer data)
{
  g_autoptr (OnwardTree) receipt = NULL;
  g_autoptr (GError) error = NULL;

  update_assert_version (self, "1.0.0", self->old_folder);
  receipt = onward_install_load_receipt (self->fixture.install, "1.0.0", &error);
  g_assert_no_error (error);
  g_assert_true (onward_digest_equal (onward_tree_get_digest (receipt),
                                      onward_tree_get_digest (self->old->tree)));
}

static gboolean
is_shared (Update *self, const char *old_name, const char *new_name)
{
  struct stat a, b;

  update_stat_file (self, old_name, &a);
  update_stat_file (self, new_name, &b);
  return a.st_ino == b.st_ino;
}

/* Changed, added, removed and renamed files, other modes, kinds and link targets: the new version
 * is the publisher's folder, and unchanged content takes no space. */
static void
test_staging_update (Update *self, gconstpointer data)
{
  update_assert_builds (self, self->new, "2.0.0");
  update_assert_updated (self);
  install_fixture_assert_current (&self->fixture, "1.0.0");

  g_assert_true (is_shared (self, "versions/1.0.0/lib/large.so", "versions/2.0.0/lib/large.so"));
  g_assert_true (is_shared (self, "versions/1.0.0/data/name-a", "versions/2.0.0/data/name-b"));
  g_assert_true (is_shared (self, "versions/1.0.0/data/name-a", "versions/2.0.0/data/copy"));
  /* A link shares its mode, so a file whose mode changed is a copy. */
  g_assert_false (is_shared (self, "versions/1.0.0/doc/readme", "versions/2.0.0/doc/readme"));
}

/* Modes are those of the tree, whatever the umask. */
static void
test_staging_umask (Update *self, gconstpointer data)
{
  mode_t before = umask (0077);

  update_assert_builds (self, self->new, "2.0.0");
  umask (before);
  update_assert_updated (self);
}

/* Only the frames with new content are asked for, and they are enough. */
static void
test_staging_plan_is_enough (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) ranges = update_plan (self, self->new);
  g_autoptr (TestPack) partial = test_pack_new_partial (&self->fixture, self->new, ranges);

  /* The large unchanged file stays where it is. */
  g_assert_cmpuint (onward_ranges_get_length (ranges), >, 260000);
  g_assert_cmpuint (onward_ranges_get_length (ranges), <, 300000);
  update_assert_builds (self, partial, "2.0.0");
  update_assert_updated (self);
}

/* What is installed already needs nothing. */
static void
test_staging_plan_nothing (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) ranges = update_plan (self, self->old);

  g_assert_cmpuint (onward_ranges_get_length (ranges), ==, 0);
}

/* Without a current version, or without its receipt, everything is asked for. */
static void
test_staging_plan_everything (Update *self, gconstpointer data)
{
  g_autofree char *receipt = install_fixture_path (&self->fixture, "receipts/1.0.0");
  g_autoptr (OnwardRanges) ranges = NULL;

  g_assert_cmpint (unlink (receipt), ==, 0);
  ranges = update_plan (self, self->new);
  g_assert_cmpuint (onward_ranges_get_length (ranges), >, 360000);
  update_assert_builds (self, self->new, "2.0.0");
  update_assert_version (self, "2.0.0", self->new_folder);
}

/* A delta pack rebuilds the new version from the old one. */
static void
test_staging_delta (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) ranges = update_plan (self, self->delta);
  g_autoptr (TestPack) partial = test_pack_new_partial (&self->fixture, self->delta, ranges);

  update_assert_builds (self, partial, "2.0.0");
  update_assert_updated (self);
}

/* A delta pack is refused where what it starts from was never installed, and before anything is
 * fetched. */
static void
test_staging_delta_elsewhere (Update *self, gconstpointer data)
{
  g_autofree char *current = install_fixture_path (&self->fixture, "current");
  g_autoptr (OnwardRanges) ranges = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (unlink (current), ==, 0);
  g_assert_false (onward_staging_plan (self->fixture.install, self->delta->head, &ranges, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_assert_null (ranges);
}

static void
assert_damaged (Update *self, GHashTable *damaged, const char *path)
{
  const OnwardTreeEntry *entry = onward_tree_lookup (self->old->tree, path);

  g_assert_nonnull (damaged);
  g_assert_cmpuint (g_hash_table_size (damaged), ==, 1);
  g_assert_true (g_hash_table_contains (damaged, &entry->digest));
}

/* A delta pack cannot replace a damaged file: that is said, with what is missing, and nothing is
 * installed. */
static void
test_staging_delta_damaged (Update *self, gconstpointer data)
{
  g_autoptr (GHashTable) damaged = NULL;
  g_autoptr (GError) error = NULL;

  update_damage (self, "versions/1.0.0/lib/common.so");
  g_assert_false (update_build (self, self->delta, "2.0.0", &damaged, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
  assert_damaged (self, damaged, "lib/common.so");
  g_assert_false (install_fixture_exists (&self->fixture, "versions/2.0.0"));

  update_assert_builds (self, self->new, "2.0.0");
  update_assert_version (self, "2.0.0", self->new_folder);
}

/* A damaged file of the old version is not carried into the new one: what it should hold is said,
 * and with that it is done. */
static void
test_staging_damaged (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) ranges = update_plan (self, self->new);
  g_autoptr (TestPack) partial = test_pack_new_partial (&self->fixture, self->new, ranges);
  g_autoptr (GHashTable) here = onward_pack_need_new_set ();
  g_autoptr (OnwardRanges) more = onward_ranges_new ();
  g_autoptr (GHashTable) damaged = NULL;
  g_autoptr (GHashTable) made = NULL;
  g_autoptr (GError) error = NULL;

  update_damage (self, "versions/1.0.0/lib/large.so");
  g_assert_false (update_build (self, partial, "2.0.0", &damaged, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
  assert_damaged (self, damaged, "lib/large.so");
  g_assert_false (install_fixture_exists (&self->fixture, "versions/2.0.0"));

  made = onward_pack_need_take (self->new->head, here, damaged, FALSE, more);
  g_assert_cmpuint (onward_ranges_get_length (more), >, 99000);
  g_assert_cmpuint (onward_ranges_get_length (more), <, 110000);
  test_pack_fetch (partial, self->new, more);
  update_assert_builds (self, partial, "2.0.0");
  update_assert_version (self, "2.0.0", self->new_folder);
}

/* A file of the old version that is gone, longer, or another kind of thing counts as damaged. */
static void
test_staging_damaged_kinds (Update *self, gconstpointer data)
{
  g_autofree char *path = install_fixture_path (&self->fixture, "versions/1.0.0/lib/common.so");
  g_autofree char *large = install_fixture_path (&self->fixture, "versions/1.0.0/lib/large.so");
  g_autofree char *named = install_fixture_path (&self->fixture, "versions/1.0.0/data/name-a");

  g_assert_cmpint (unlink (path), ==, 0);
  g_assert_cmpint (symlink ("/etc/passwd", path), ==, 0);
  g_assert_cmpint (truncate (large, 4400001), ==, 0);
  g_assert_cmpint (unlink (named), ==, 0);
  g_assert_cmpint (mkfifo (named, 0600), ==, 0);
  update_assert_builds (self, self->new, "2.0.0");
  update_assert_version (self, "2.0.0", self->new_folder);
}

/* Wrong bytes in the pack are noticed, named and never installed; the right ones finish it. */
static void
test_staging_wrong_bytes (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) ranges = update_plan (self, self->new);
  g_autoptr (TestPack) partial = test_pack_new_partial (&self->fixture, self->new, ranges);
  g_autoptr (GHashTable) damaged = NULL;

  for (guint i = 0; i < onward_ranges_get_count (ranges); i++)
    {
      const OnwardRange *range = onward_ranges_get (ranges, i);
      char *leftovers = install_fixture_path (&self->fixture, "var/staging/2.0.0");
      g_autoptr (GError) error = NULL;

      /* What was right in an earlier round would not be read again. */
      onward_test_remove_dir (leftovers);
      update_spoil (partial->path, range);
      g_assert_false (update_build (self, partial, "2.0.0", &damaged, &error));
      g_assert_true (g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT) ||
                     g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED));
      g_assert_true (g_str_has_prefix (error->message, "Staging 2.0.0: "));
      g_assert_null (damaged);
      g_assert_false (install_fixture_exists (&self->fixture, "versions/2.0.0"));
      g_assert_false (install_fixture_exists (&self->fixture, "receipts/2.0.0"));
      update_spoil (partial->path, range);
    }

  update_assert_builds (self, partial, "2.0.0");
  update_assert_updated (self);
}

/* A pack that is cut off is no success. */
static void
test_staging_short_pack (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) nothing = onward_ranges_new ();
  g_autoptr (TestPack) partial = test_pack_new_partial (&self->fixture, self->new, nothing);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (truncate (partial->path, 100), ==, 0);
  g_assert_false (update_build (self, partial, "2.0.0", NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
}

/* A version that stands there already, intact, needs nothing of the pack. */
static void
test_staging_again (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) nothing = onward_ranges_new ();
  g_autoptr (TestPack) empty = NULL;
  struct stat before, after;

  update_assert_builds (self, self->new, "2.0.0");
  update_stat_file (self, "versions/2.0.0", &before);
  empty = test_pack_new_partial (&self->fixture, self->new, nothing);
  update_assert_builds (self, empty, "2.0.0");
  update_stat_file (self, "versions/2.0.0", &after);
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);
}

/* A damaged version that is not current is built again. */
static void
test_staging_rebuild (Update *self, gconstpointer data)
{
  update_assert_builds (self, self->new, "2.0.0");
  update_damage (self, "versions/2.0.0/data/big.bin");
  update_assert_builds (self, self->new, "2.0.0");
  update_assert_updated (self);
}

/* Another tree under the same version replaces the first. */
static void
test_staging_replace (Update *self, gconstpointer data)
{
  update_assert_builds (self, self->old, "2.0.0");
  update_assert_builds (self, self->new, "2.0.0");
  update_assert_updated (self);
}

/* The current version is repaired in its place, from its own intact files and the pack; the user's
 * files in it survive. */
static void
test_staging_repair (Update *self, gconstpointer data)
{
  g_autofree char *folder = install_fixture_path (&self->fixture, "versions/1.0.0");
  g_autofree char *missing = g_build_filename (folder, "doc/readme", NULL);
  g_autofree char *kept = NULL;
  g_autofree char *settings = NULL;

  update_damage (self, "versions/1.0.0/lib/common.so");
  g_assert_cmpint (unlink (missing), ==, 0);
  onward_test_write (folder, "user/notes", "mine");
  onward_test_write (folder, "app.cfg", "mine too");
  update_assert_builds (self, self->old, "1.0.0");

  kept = onward_test_read (folder, "user/notes");
  settings = onward_test_read (folder, "app.cfg");
  g_assert_cmpstr (kept, ==, "mine");
  g_assert_cmpstr (settings, ==, "mine too");
  g_clear_pointer (&kept, g_free);
  kept = g_build_filename (folder, "app.cfg", NULL);
  g_assert_cmpint (unlink (kept), ==, 0);
  g_clear_pointer (&kept, g_free);
  kept = g_build_filename (folder, "user", NULL);
  onward_test_remove_dir (g_steal_pointer (&kept));
  update_assert_version (self, "1.0.0", self->old_folder);
  g_assert_false (install_fixture_exists (&self->fixture, "var/staging/1.0.0"));
}

/* Names that are not versions are refused before anything is made of them. */
static void
test_staging_bad_version (Update *self, gconstpointer data)
{
  static const char *const names[] = { "", "..", "../x", "2.0", "a/b", "2.0.0/..", "-", "2.0.0\n" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (update_build (self, self->new, names[i], NULL, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

/* A second updater is told that one is at work, and by which process. */
static void
test_staging_busy (Update *self, gconstpointer data)
{
  g_autoptr (OnwardInstall) other = install_fixture_open (&self->fixture);
  g_autofree char *pid = g_strdup_printf ("process %ld)", (long) getpid ());
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_install_lock (other, NULL));
  g_assert_false (update_build (self, self->new, "2.0.0", NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, pid));

  onward_install_unlock (other);
  update_assert_builds (self, self->new, "2.0.0");
}

/* clang-format off */
static const UpdateTest tests[] = {
  { "/staging/first", test_staging_first },
  { "/staging/update", test_staging_update },
  { "/staging/umask", test_staging_umask },
  { "/staging/plan-is-enough", test_staging_plan_is_enough },
  { "/staging/plan-nothing", test_staging_plan_nothing },
  { "/staging/plan-everything", test_staging_plan_everything },
  { "/staging/delta", test_staging_delta },
  { "/staging/delta-elsewhere", test_staging_delta_elsewhere },
  { "/staging/delta-damaged", test_staging_delta_damaged },
  { "/staging/damaged", test_staging_damaged },
  { "/staging/damaged-kinds", test_staging_damaged_kinds },
  { "/staging/wrong-bytes", test_staging_wrong_bytes },
  { "/staging/short-pack", test_staging_short_pack },
  { "/staging/again", test_staging_again },
  { "/staging/rebuild", test_staging_rebuild },
  { "/staging/replace", test_staging_replace },
  { "/staging/repair", test_staging_repair },
  { "/staging/bad-version", test_staging_bad_version },
  { "/staging/busy", test_staging_busy },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return update_run_tests (argc, argv, tests, G_N_ELEMENTS (tests), NULL);
}
