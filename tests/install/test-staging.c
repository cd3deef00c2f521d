/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "install-fixture.h"
#include "onward-error.h"
#include "onward-fd.h"
#include "onward-staging.h"
#include "onward-verify.h"

/* Two releases and their packs, made once for all tests. */
typedef struct
{
  char *root;
  char *old_folder;
  char *new_folder;
  TestPack *old;
  TestPack *new;
  TestPack *delta;
} Releases;

/* An install in which the first of the releases is installed and current. */
typedef struct
{
  InstallFixture fixture;
  const char *old_folder;
  const char *new_folder;
  TestPack *old;
  TestPack *new;
  TestPack *delta;
} Update;

static void
releases_init (Releases *self)
{
  self->root = onward_test_make_dir ();
  self->old_folder = install_fixture_make_old (self->root);
  self->new_folder = install_fixture_make_new (self->root);
  self->old = test_pack_new_full (self->root, self->old_folder);
  self->new = test_pack_new_full (self->root, self->new_folder);
  self->delta =
      test_pack_new_delta (self->root, self->old_folder, self->old, self->new_folder, self->new);
}

static void
releases_clear (Releases *self)
{
  test_pack_free (self->old);
  test_pack_free (self->new);
  test_pack_free (self->delta);
  g_free (self->old_folder);
  g_free (self->new_folder);
  onward_test_remove_dir (self->root);
}

static gboolean
build (Update *self, TestPack *pack, const char *version, OnwardRanges **ret_damaged,
       GError **error)
{
  g_autoptr (OnwardPackReader) reader = test_pack_read (pack);

  return onward_staging_build (self->fixture.install, reader, version, NULL, NULL, ret_damaged,
                               NULL, error);
}

static void
assert_builds (Update *self, TestPack *pack, const char *version)
{
  g_autoptr (GError) error = NULL;

  build (self, pack, version, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_version (Update *self, const char *version, const char *folder)
{
  g_autofree char *path = g_build_filename (self->fixture.dir, "versions", version, NULL);
  g_autoptr (OnwardDifferences) differences = NULL;
  g_autoptr (GError) error = NULL;

  install_fixture_assert_same (path, folder);
  differences = onward_verify_version (self->fixture.install, version, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (differences->changed->len, ==, 0);
  g_assert_cmpuint (differences->missing->len, ==, 0);
  g_assert_cmpuint (differences->extra->len, ==, 0);
}

/* The update is complete, the old version as it was, and nothing else is left. */
static void
assert_updated (Update *self)
{
  g_autofree char *staging = install_fixture_path (&self->fixture, "var/staging");

  assert_version (self, "2.0.0", self->new_folder);
  assert_version (self, "1.0.0", self->old_folder);
  g_assert_cmpint (g_rmdir (staging), ==, 0);
}

static void
update_init (Update *self, const Releases *releases, const char *root)
{
  install_fixture_set_up (&self->fixture, root);
  self->old_folder = releases->old_folder;
  self->new_folder = releases->new_folder;
  self->old = releases->old;
  self->new = releases->new;
  self->delta = releases->delta;
  assert_builds (self, self->old, "1.0.0");
  install_fixture_set_current (&self->fixture, "1.0.0");
}

static void
update_set_up (Update *self, gconstpointer data)
{
  update_init (self, data, NULL);
}

static void
update_tear_down (Update *self, gconstpointer data)
{
  install_fixture_tear_down (&self->fixture, NULL);
}

static void
stat_file (Update *self, const char *name, struct stat *info)
{
  g_autofree char *path = install_fixture_path (&self->fixture, name);

  g_assert_cmpint (lstat (path, info), ==, 0);
}

static gboolean
is_shared (Update *self, const char *old_name, const char *new_name)
{
  struct stat a, b;

  stat_file (self, old_name, &a);
  stat_file (self, new_name, &b);
  return a.st_ino == b.st_ino;
}

/* Changes one byte in the middle of a file, in place. */
static void
flip_byte (const char *path, off_t offset)
{
  g_auto (OnwardFd) fd = open (path, O_RDWR | O_CLOEXEC);
  guint8 byte = 0;

  g_assert_cmpint (pread (fd, &byte, 1, offset), ==, 1);
  byte ^= 0x40;
  g_assert_cmpint (pwrite (fd, &byte, 1, offset), ==, 1);
}

/* Makes a range of a file other than it was; twice makes it as it was. */
static void
spoil (const char *path, const OnwardRange *range)
{
  g_auto (OnwardFd) fd = open (path, O_RDWR | O_CLOEXEC);
  gsize size = range->end - range->start;
  g_autofree guint8 *data = g_malloc (size);

  g_assert_cmpint (pread (fd, data, size, (off_t) range->start), ==, (gssize) size);
  for (gsize i = 0; i < size; i++)
    data[i] ^= 0x55;
  g_assert_cmpint (pwrite (fd, data, size, (off_t) range->start), ==, (gssize) size);
}

static void
damage (Update *self, const char *name)
{
  g_autofree char *path = install_fixture_path (&self->fixture, name);
  struct stat info;

  stat_file (self, name, &info);
  flip_byte (path, info.st_size / 2);
}

static OnwardRanges *
plan (Update *self, TestPack *pack)
{
  g_autoptr (GError) error = NULL;
  OnwardRanges *ranges = NULL;

  onward_staging_plan (self->fixture.install, pack->head, &ranges, &error);
  g_assert_no_error (error);
  return ranges;
}

/* The first version comes whole from its pack. */
static void
test_staging_first (Update *self, gconstpointer data)
{
  g_autoptr (OnwardTree) receipt = NULL;
  g_autoptr (GError) error = NULL;

  assert_version (self, "1.0.0", self->old_folder);
  receipt = onward_install_load_receipt (self->fixture.install, "1.0.0", &error);
  g_assert_no_error (error);
  g_assert_true (onward_digest_equal (onward_tree_get_digest (receipt),
                                      onward_tree_get_digest (self->old->tree)));
}

/* Changed, added, removed and renamed files, other modes, kinds and link targets: the new version
 * is the publisher's folder, and unchanged content takes no space. */
static void
test_staging_update (Update *self, gconstpointer data)
{
  assert_builds (self, self->new, "2.0.0");
  assert_updated (self);
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

  assert_builds (self, self->new, "2.0.0");
  umask (before);
  assert_updated (self);
}

/* Only the frames with new content are asked for, and they are enough. */
static void
test_staging_plan_is_enough (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) ranges = plan (self, self->new);
  g_autoptr (TestPack) partial = test_pack_new_partial (&self->fixture, self->new, ranges);

  /* The large unchanged file stays where it is. */
  g_assert_cmpuint (onward_ranges_get_length (ranges), >, 260000);
  g_assert_cmpuint (onward_ranges_get_length (ranges), <, 300000);
  assert_builds (self, partial, "2.0.0");
  assert_updated (self);
}

/* What is installed already needs nothing. */
static void
test_staging_plan_nothing (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) ranges = plan (self, self->old);

  g_assert_cmpuint (onward_ranges_get_length (ranges), ==, 0);
}

/* Without a current version, or without its receipt, everything is asked for. */
static void
test_staging_plan_everything (Update *self, gconstpointer data)
{
  g_autofree char *receipt = install_fixture_path (&self->fixture, "receipts/1.0.0");
  g_autoptr (OnwardRanges) ranges = NULL;

  g_assert_cmpint (unlink (receipt), ==, 0);
  ranges = plan (self, self->new);
  g_assert_cmpuint (onward_ranges_get_length (ranges), >, 360000);
  assert_builds (self, self->new, "2.0.0");
  assert_version (self, "2.0.0", self->new_folder);
}

/* A delta pack rebuilds the new version from the old one. */
static void
test_staging_delta (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) ranges = plan (self, self->delta);
  g_autoptr (TestPack) partial = test_pack_new_partial (&self->fixture, self->delta, ranges);

  assert_builds (self, partial, "2.0.0");
  assert_updated (self);
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

/* A delta pack cannot replace a damaged file: that is said, without ranges, and nothing is
 * installed. */
static void
test_staging_delta_damaged (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) damaged = NULL;
  g_autoptr (GError) error = NULL;

  damage (self, "versions/1.0.0/lib/common.so");
  g_assert_false (build (self, self->delta, "2.0.0", &damaged, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
  g_assert_null (damaged);
  g_assert_false (install_fixture_exists (&self->fixture, "versions/2.0.0"));

  assert_builds (self, self->new, "2.0.0");
  assert_version (self, "2.0.0", self->new_folder);
}

/* A damaged file of the old version is not carried into the new one: its content is asked for from
 * the pack, and nothing else is. */
static void
test_staging_damaged (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) ranges = plan (self, self->new);
  g_autoptr (TestPack) partial = test_pack_new_partial (&self->fixture, self->new, ranges);
  g_autoptr (OnwardRanges) damaged = NULL;
  g_autoptr (GError) error = NULL;

  damage (self, "versions/1.0.0/lib/large.so");
  g_assert_false (build (self, partial, "2.0.0", &damaged, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
  g_assert_nonnull (damaged);
  g_assert_cmpuint (onward_ranges_get_length (damaged), >, 99000);
  g_assert_cmpuint (onward_ranges_get_length (damaged), <, 110000);
  g_assert_false (install_fixture_exists (&self->fixture, "versions/2.0.0"));

  test_pack_fetch (partial, self->new, damaged);
  assert_builds (self, partial, "2.0.0");
  assert_version (self, "2.0.0", self->new_folder);
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
  assert_builds (self, self->new, "2.0.0");
  assert_version (self, "2.0.0", self->new_folder);
}

/* Wrong bytes in the pack are noticed, named and never installed; the right ones finish it. */
static void
test_staging_wrong_bytes (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) ranges = plan (self, self->new);
  g_autoptr (TestPack) partial = test_pack_new_partial (&self->fixture, self->new, ranges);
  g_autoptr (OnwardRanges) damaged = NULL;

  for (guint i = 0; i < onward_ranges_get_count (ranges); i++)
    {
      const OnwardRange *range = onward_ranges_get (ranges, i);
      char *leftovers = install_fixture_path (&self->fixture, "var/staging/2.0.0");
      g_autoptr (GError) error = NULL;

      /* What was right in an earlier round would not be read again. */
      onward_test_remove_dir (leftovers);
      spoil (partial->path, range);
      g_assert_false (build (self, partial, "2.0.0", &damaged, &error));
      g_assert_true (g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT) ||
                     g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED));
      g_assert_true (g_str_has_prefix (error->message, "Staging 2.0.0: "));
      g_assert_null (damaged);
      g_assert_false (install_fixture_exists (&self->fixture, "versions/2.0.0"));
      g_assert_false (install_fixture_exists (&self->fixture, "receipts/2.0.0"));
      spoil (partial->path, range);
    }

  assert_builds (self, partial, "2.0.0");
  assert_updated (self);
}

/* A pack that is cut off is no success. */
static void
test_staging_short_pack (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) nothing = onward_ranges_new ();
  g_autoptr (TestPack) partial = test_pack_new_partial (&self->fixture, self->new, nothing);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (truncate (partial->path, 100), ==, 0);
  g_assert_false (build (self, partial, "2.0.0", NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
}

typedef struct
{
  GCancellable *cancellable; /* cancelled, */
  gboolean kill;             /* or the process killed, */
  guint after;               /* after so many files */
  guint last;
  guint total;
} Interruption;

static void
on_progress (guint done, guint total, gpointer user_data)
{
  Interruption *self = user_data;

  g_assert_cmpuint (done, ==, self->last + 1);
  self->last = done;
  self->total = total;
  if (done == self->after && self->kill)
    raise (SIGKILL);
  if (done == self->after && self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

static gboolean
build_interrupted (Update *self, Interruption *interruption, GError **error)
{
  g_autoptr (OnwardPackReader) reader = test_pack_read (self->new);

  return onward_staging_build (self->fixture.install, reader, "2.0.0", on_progress, interruption,
                               NULL, interruption->cancellable, error);
}

/* Progress counts every file once, up to all of them. */
static void
test_staging_progress (Update *self, gconstpointer data)
{
  Interruption none = { 0 };
  g_autoptr (GError) error = NULL;

  build_interrupted (self, &none, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none.last, ==, onward_tree_get_n_files (self->new->tree));
  g_assert_cmpuint (none.total, ==, none.last);
}

/* Cancelled after any file, the next build goes on from what was complete. */
static void
test_staging_cancel (Update *self, gconstpointer data)
{
  guint n_files = onward_tree_get_n_files (self->new->tree);

  for (guint after = 1; after < n_files; after++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Interruption interruption = { cancellable, FALSE, after, 0, 0 };
      g_autoptr (GError) error = NULL;

      g_assert_false (build_interrupted (self, &interruption, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_false (install_fixture_exists (&self->fixture, "versions/2.0.0"));
    }

  assert_builds (self, self->new, "2.0.0");
  assert_updated (self);
}

/* A file that an earlier run completed is used as it is. */
static void
test_staging_goes_on (Update *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Interruption interruption = { cancellable, FALSE, 0, 0, 0 };
  g_autoptr (OnwardRanges) nothing = onward_ranges_new ();
  g_autoptr (TestPack) empty = NULL;
  g_autoptr (GError) error = NULL;

  /* All files are there: the pack is needed no more. */
  interruption.after = onward_tree_get_n_files (self->new->tree);
  g_assert_false (build_interrupted (self, &interruption, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  empty = test_pack_new_partial (&self->fixture, self->new, nothing);
  assert_builds (self, empty, "2.0.0");
  assert_updated (self);
}

/* Killed after any file, the next process gets there. */
static void
test_staging_kill (Update *self, gconstpointer data)
{
  guint n_files = onward_tree_get_n_files (self->new->tree);

  for (guint after = 1; after <= n_files; after += 3)
    {
      pid_t child = fork ();
      int status = 0;

      if (child == 0)
        {
          Interruption interruption = { NULL, TRUE, after, 0, 0 };

          (void) build_interrupted (self, &interruption, NULL);
          _exit (0);
        }
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFSIGNALED (status));
      assert_version (self, "1.0.0", self->old_folder);
    }

  assert_builds (self, self->new, "2.0.0");
  assert_updated (self);
}

/* What a half-built staging folder may hold: files cut off or of other content or mode, things
 * that do not belong, and links that lead out. Nothing outside is touched. */
static void
test_staging_hostile_leftovers (Update *self, gconstpointer data)
{
  g_autofree char *staging = install_fixture_path (&self->fixture, "var/staging/2.0.0");
  g_autofree char *outside = install_fixture_root_path (&self->fixture, "outside");
  g_autofree char *lib = g_build_filename (staging, "lib", NULL);
  g_autofree char *readme = g_build_filename (staging, "doc/readme", NULL);
  g_autofree char *data_link = g_build_filename (staging, "data", NULL);
  g_autofree char *old_app = install_fixture_path (&self->fixture, "versions/1.0.0/bin/app");
  g_autofree char *app = g_build_filename (staging, "bin/app", NULL);
  g_autofree char *precious = NULL;

  onward_test_write (outside, "precious", "untouched");
  onward_test_write (staging, "doc/readme", "Read me.\n");
  onward_test_write (staging, "share/new.txt", "ne");
  onward_test_write (staging, "share/twin-1", "THE SAME NEW CONTENT, TWICE\n");
  onward_test_write (staging, "stranger/deep/er", "x");
  onward_test_write (staging, "share/empty/now-a-folder", "x");
  onward_test_write (staging, "bin/elsewhere", "x");
  g_assert_cmpint (link (old_app, app), ==, 0);
  g_assert_cmpint (symlink (outside, lib), ==, 0);
  g_assert_cmpint (symlink (outside, data_link), ==, 0);
  g_assert_cmpint (chmod (readme, 06755), ==, 0);

  assert_builds (self, self->new, "2.0.0");
  assert_updated (self);
  precious = onward_test_read (outside, "precious");
  g_assert_cmpstr (precious, ==, "untouched");
  g_free (g_steal_pointer (&precious));
  precious = g_build_filename (outside, "precious", NULL);
  g_assert_cmpint (unlink (precious), ==, 0);
  g_assert_cmpint (g_rmdir (outside), ==, 0);
}

/* A link in place of the staging folder of the version is removed; one in place of var/staging is
 * refused. Neither is gone through. */
static void
test_staging_planted_links (Update *self, gconstpointer data)
{
  g_autofree char *staging = install_fixture_path (&self->fixture, "var/staging");
  g_autofree char *inner = install_fixture_path (&self->fixture, "var/staging/2.0.0");
  g_autofree char *outside = install_fixture_root_path (&self->fixture, "outside");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (outside, 0755), ==, 0);
  g_assert_cmpint (g_rmdir (staging), ==, 0);
  g_assert_cmpint (symlink (outside, staging), ==, 0);
  g_assert_false (build (self, self->new, "2.0.0", NULL, &error));
  g_assert_nonnull (error);

  g_assert_cmpint (unlink (staging), ==, 0);
  g_assert_cmpint (g_mkdir (staging, 0755), ==, 0);
  g_assert_cmpint (symlink (outside, inner), ==, 0);
  assert_builds (self, self->new, "2.0.0");
  assert_updated (self);
  g_assert_cmpint (g_rmdir (outside), ==, 0);
}

/* A version that stands there already, intact, needs nothing of the pack. */
static void
test_staging_again (Update *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) nothing = onward_ranges_new ();
  g_autoptr (TestPack) empty = NULL;
  struct stat before, after;

  assert_builds (self, self->new, "2.0.0");
  stat_file (self, "versions/2.0.0", &before);
  empty = test_pack_new_partial (&self->fixture, self->new, nothing);
  assert_builds (self, empty, "2.0.0");
  stat_file (self, "versions/2.0.0", &after);
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);
}

/* A damaged version that is not current is built again. */
static void
test_staging_rebuild (Update *self, gconstpointer data)
{
  assert_builds (self, self->new, "2.0.0");
  damage (self, "versions/2.0.0/data/big.bin");
  assert_builds (self, self->new, "2.0.0");
  assert_updated (self);
}

/* Another tree under the same version replaces the first. */
static void
test_staging_replace (Update *self, gconstpointer data)
{
  assert_builds (self, self->old, "2.0.0");
  assert_builds (self, self->new, "2.0.0");
  assert_updated (self);
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

  damage (self, "versions/1.0.0/lib/common.so");
  g_assert_cmpint (unlink (missing), ==, 0);
  onward_test_write (folder, "user/notes", "mine");
  onward_test_write (folder, "app.cfg", "mine too");
  assert_builds (self, self->old, "1.0.0");

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
  assert_version (self, "1.0.0", self->old_folder);
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

      g_assert_false (build (self, self->new, names[i], NULL, &error));
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
  g_assert_false (build (self, self->new, "2.0.0", NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, pid));

  onward_install_unlock (other);
  assert_builds (self, self->new, "2.0.0");
}

/* With room enough the update is let through; a download larger than the disk is not, and the
 * message says how much is needed, kept and free. */
static void
test_staging_preflight (Update *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_staging_preflight (self->fixture.install, self->new->head, 1000, &error));
  g_assert_no_error (error);

  g_assert_false (onward_staging_preflight (self->fixture.install, self->new->head,
                                            G_GUINT64_CONSTANT (1) << 60, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "kept free"));
  g_assert_nonnull (strstr (error->message, "are free"));
}

/* Mounts a small disk over the root of a new fixture; FALSE where that is not possible. */
static gboolean
mount_small_disk (const char *path, const char *options)
{
  return unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
         mount ("tmpfs", path, "tmpfs", 0, options) == 0;
}

/* On a disk that is too small: refused up front, and where it fills up on the way nothing is
 * installed, the old version is intact, and with room the update goes on. */
static void
test_staging_full_disk (gconstpointer data)
{
  g_autofree char *path = onward_test_make_dir ();
  Update update = { 0 };
  Update *self = &update;
  g_autoptr (GError) error = NULL;

  if (!mount_small_disk (path, "size=70m"))
    {
      rmdir (path);
      g_test_skip ("cannot mount here");
      return;
    }
  update_init (self, data, path);

  g_assert_false (onward_staging_preflight (self->fixture.install, self->new->head, 0, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NO_SPACE);
  g_clear_error (&error);

  g_assert_cmpint (mount ("tmpfs", path, "tmpfs", MS_REMOUNT, "size=11m"), ==, 0);
  g_assert_false (build (self, self->new, "2.0.0", NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NO_SPACE);
  g_assert_false (install_fixture_exists (&self->fixture, "versions/2.0.0"));
  assert_version (self, "1.0.0", self->old_folder);

  g_assert_cmpint (mount ("tmpfs", path, "tmpfs", MS_REMOUNT, "size=160m"), ==, 0);
  assert_builds (self, self->new, "2.0.0");
  assert_updated (self);
  update_tear_down (self, NULL);
  g_assert_cmpint (umount2 (path, MNT_DETACH), ==, 0);
  rmdir (path);
}

/* On a read-only install the update is refused up front, as such. */
static void
test_staging_read_only (Update *self, gconstpointer data)
{
  pid_t child = fork ();
  int status = 0;

  if (child == 0)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardInstall) install = NULL;

      if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
          mount (self->fixture.dir, self->fixture.dir, NULL, MS_BIND, NULL) != 0 ||
          mount (NULL, self->fixture.dir, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0)
        _exit (77);
      install = install_fixture_open (&self->fixture);
      (void) onward_staging_preflight (install, self->new->head, 0, &error);
      _exit (g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_READ_ONLY_INSTALL) ? 0 : 1);
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WIFEXITED (status) && WEXITSTATUS (status) == 77)
    g_test_skip ("cannot mount here");
  else
    g_assert_cmpint (status, ==, 0);
}

/* Staging on another disk than the versions is refused up front: no rename leads from one to the
 * other. */
static void
test_staging_other_disk (Update *self, gconstpointer data)
{
  g_autofree char *staging = install_fixture_path (&self->fixture, "var/staging");
  pid_t child = fork ();
  int status = 0;

  if (child == 0)
    {
      g_autoptr (OnwardInstall) install = NULL;
      g_autoptr (GError) error = NULL;

      if (!mount_small_disk (staging, "size=1m"))
        _exit (77);
      install = install_fixture_open (&self->fixture);
      (void) onward_staging_preflight (install, self->new->head, 0, &error);
      _exit (error != NULL && strstr (error->message, "different file systems") != NULL ? 0 : 1);
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WIFEXITED (status) && WEXITSTATUS (status) == 77)
    g_test_skip ("cannot mount here");
  else
    g_assert_cmpint (status, ==, 0);
}

typedef struct
{
  const char *path;
  void (*test) (Update *, gconstpointer);
} UpdateTest;

/* clang-format off */
static const UpdateTest update_tests[] = {
  { "/staging/first",             test_staging_first },
  { "/staging/update",            test_staging_update },
  { "/staging/umask",             test_staging_umask },
  { "/staging/plan-is-enough",    test_staging_plan_is_enough },
  { "/staging/plan-nothing",      test_staging_plan_nothing },
  { "/staging/plan-everything",   test_staging_plan_everything },
  { "/staging/delta",             test_staging_delta },
  { "/staging/delta-elsewhere",   test_staging_delta_elsewhere },
  { "/staging/delta-damaged",     test_staging_delta_damaged },
  { "/staging/damaged",           test_staging_damaged },
  { "/staging/damaged-kinds",     test_staging_damaged_kinds },
  { "/staging/wrong-bytes",       test_staging_wrong_bytes },
  { "/staging/short-pack",        test_staging_short_pack },
  { "/staging/progress",          test_staging_progress },
  { "/staging/cancel",            test_staging_cancel },
  { "/staging/goes-on",           test_staging_goes_on },
  { "/staging/kill",              test_staging_kill },
  { "/staging/hostile-leftovers", test_staging_hostile_leftovers },
  { "/staging/planted-links",     test_staging_planted_links },
  { "/staging/again",             test_staging_again },
  { "/staging/rebuild",           test_staging_rebuild },
  { "/staging/replace",           test_staging_replace },
  { "/staging/repair",            test_staging_repair },
  { "/staging/bad-version",       test_staging_bad_version },
  { "/staging/busy",              test_staging_busy },
  { "/staging/preflight",         test_staging_preflight },
  { "/staging/read-only",         test_staging_read_only },
  { "/staging/other-disk",        test_staging_other_disk },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  Releases releases;
  int result;

  g_test_init (&argc, &argv, NULL);
  releases_init (&releases);

  for (guint i = 0; i < G_N_ELEMENTS (update_tests); i++)
    g_test_add (update_tests[i].path, Update, &releases, update_set_up, update_tests[i].test,
                update_tear_down);
  g_test_add_data_func ("/staging/full-disk", &releases, test_staging_full_disk);

  result = g_test_run ();
  releases_clear (&releases);
  return result;
}
