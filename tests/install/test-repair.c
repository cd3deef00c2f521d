/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "onward-error.h"
#include "onward-fd.h"
#include "onward-repair.h"
#include "onward-verify.h"
#include "update-fixture.h"

static char *
get_path (Update *self, const char *name)
{
  return g_build_filename (self->fixture.dir, "versions/1.0.0", name, NULL);
}

/* The bytes that a repair asks for, fetched; nothing else of the pack is there. */
static TestPack *
fetch (Update *self, guint64 *ret_bytes)
{
  g_autoptr (OnwardRanges) ranges = NULL;
  g_autoptr (GError) error = NULL;

  onward_repair_plan (self->fixture.install, self->old->head, "1.0.0", NULL, &ranges, NULL, &error);
  g_assert_no_error (error);
  *ret_bytes = onward_ranges_get_length (ranges);
  return test_pack_new_partial (&self->fixture, self->old, ranges);
}

static guint
run (Update *self, TestPack *pack, GError **error)
{
  g_autoptr (OnwardPackReader) reader = test_pack_read (pack);
  guint n_repaired = 0;

  onward_repair_run (self->fixture.install, reader, "1.0.0", NULL, &n_repaired, NULL, error);
  return n_repaired;
}

/* Repairs with the bytes asked for, after which the version is what was published. */
static guint
assert_repairs (Update *self, guint64 *ret_bytes)
{
  g_autoptr (TestPack) pack = fetch (self, ret_bytes);
  g_autoptr (GError) error = NULL;
  g_autofree char *staging = install_fixture_path (&self->fixture, "var/staging");
  guint n_repaired = run (self, pack, &error);

  g_assert_no_error (error);
  update_assert_version (self, "1.0.0", self->old_folder);
  g_assert_true (g_rmdir (staging) == 0 || errno == ENOENT);
  return n_repaired;
}

/* The bytes of the pack that the frame of a file takes. */
static guint64
get_frame_size (Update *self, const char *path)
{
  const OnwardTreeEntry *entry = onward_tree_lookup (self->old->tree, path);
  guint64 offset = 0;
  guint frame = 0;

  g_assert_true (onward_pack_head_locate (self->old->head, entry, &frame, &offset));
  return onward_pack_head_get_frame (self->old->head, frame)->stored_size;
}

/* A version that is whole costs nothing and is not touched. */
static void
test_repair_nothing (Update *self, gconstpointer data)
{
  struct stat before, after;
  guint64 bytes = 1;

  update_stat_file (self, "versions/1.0.0/bin/app", &before);
  g_assert_cmpuint (assert_repairs (self, &bytes), ==, 0);
  g_assert_cmpuint (bytes, ==, 0);
  update_stat_file (self, "versions/1.0.0/bin/app", &after);
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);
}

/* One byte of each file in turn, only told by its digest: the frame of that file is fetched, and no
 * other file is touched. */
static void
test_repair_changed (Update *self, gconstpointer data)
{
  for (guint i = 0; i < onward_tree_get_n_entries (self->old->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->old->tree, i);
      g_autofree char *name = g_strconcat ("versions/1.0.0/", entry->path, NULL);
      struct stat before, after;
      guint64 bytes = 0;

      if (entry->kind != ONWARD_ENTRY_FILE || entry->size == 0)
        continue;
      update_stat_file (self, "versions/1.0.0/share/empty", &before);
      update_damage (self, name);
      g_assert_cmpuint (assert_repairs (self, &bytes), ==, 1);
      g_assert_cmpuint (bytes, ==, get_frame_size (self, entry->path));
      update_stat_file (self, "versions/1.0.0/share/empty", &after);
      g_assert_cmpuint (before.st_ino, ==, after.st_ino);
    }
}

static void
remove_file (const char *path)
{
  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
append (const char *path)
{
  g_auto (OnwardFd) fd = open (path, O_WRONLY | O_APPEND | O_CLOEXEC);

  g_assert_cmpint (write (fd, "more", 4), ==, 4);
}

static void
truncate_file (const char *path)
{
  g_assert_cmpint (truncate (path, 1), ==, 0);
}

static void
make_executable (const char *path)
{
  g_assert_cmpint (chmod (path, 0777), ==, 0);
}

static void
lead_away (const char *path)
{
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (symlink ("/etc/passwd", path), ==, 0);
}

static void
remove_folder (const char *path)
{
  onward_test_remove_dir (g_strdup (path));
}

static void
lead_folder_away (const char *path)
{
  remove_folder (path);
  g_assert_cmpint (symlink ("/tmp", path), ==, 0);
}

static void
replace_folder (const char *path)
{
  remove_folder (path);
  g_assert_true (g_file_set_contents (path, "a file", -1, NULL));
}

typedef struct
{
  const char *path;
  void (*damage) (const char *path);
  guint n_damaged;
} Damage;

/* clang-format off */
static const Damage damages[] = {
  { "doc/readme",    remove_file,      1 },
  { "doc/readme",    append,           1 },
  { "data/big.bin",  truncate_file,    1 },
  { "doc/readme",    make_executable,  1 },
  { "lib/common.so", lead_away,        1 },
  { "share/empty",   remove_file,      1 },
  { "share/empty",   append,           1 },
  { "bin/link",      remove_file,      1 },
  { "bin/link",      lead_away,        1 },
  { "share/nothing", remove_folder,    1 },
  { "share/nothing", make_executable,  1 },
  { "share/nothing", replace_folder,   1 },
  { "kind",          remove_folder,    2 },
  { "lib",           lead_folder_away, 4 },
  { "data",          replace_folder,   3 },
};
/* clang-format on */

/* Whatever became of a file, a link or a folder, it is put right, and nothing is ever written
 * through a link. */
static void
test_repair_everything (Update *self, gconstpointer data)
{
  guint64 bytes;

  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *path = get_path (self, damages[i].path);

      g_test_message ("%s, %u", damages[i].path, i);
      damages[i].damage (path);
      g_assert_cmpuint (assert_repairs (self, &bytes), ==, damages[i].n_damaged);
    }
}

/* All of it at once, and down to an empty folder. */
static void
test_repair_all (Update *self, gconstpointer data)
{
  g_autofree char *folder = get_path (self, NULL);
  guint64 bytes;

  remove_folder (folder);
  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  g_assert_cmpuint (assert_repairs (self, &bytes), ==, onward_tree_get_n_entries (self->old->tree));
}

/* What the version holds elsewhere is not fetched. */
static void
test_repair_twin (Update *self, gconstpointer data)
{
  g_autoptr (TestPack) pack = NULL;
  g_autoptr (OnwardRanges) ranges = NULL;
  g_autoptr (OnwardPackReader) reader = NULL;
  g_autoptr (GError) error = NULL;
  guint n_repaired = 0;

  update_assert_builds (self, self->new, "2.0.0");
  update_damage (self, "versions/2.0.0/share/twin-1");
  onward_repair_plan (self->fixture.install, self->new->head, "2.0.0", NULL, &ranges, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_ranges_get_length (ranges), ==, 0);
  pack = test_pack_new_partial (&self->fixture, self->new, ranges);
  reader = test_pack_read (pack);
  onward_repair_run (self->fixture.install, reader, "2.0.0", NULL, &n_repaired, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_repaired, ==, 1);
  update_assert_version (self, "2.0.0", self->new_folder);
}

/* Both of two equal files come from one place in the pack. */
static void
test_repair_twins (Update *self, gconstpointer data)
{
  g_autoptr (OnwardPackReader) reader = test_pack_read (self->new);
  g_autoptr (GError) error = NULL;
  guint n_repaired = 0;

  update_assert_builds (self, self->new, "2.0.0");
  update_damage (self, "versions/2.0.0/share/twin-1");
  update_damage (self, "versions/2.0.0/share/twin-2");
  onward_repair_run (self->fixture.install, reader, "2.0.0", NULL, &n_repaired, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_repaired, ==, 2);
  update_assert_version (self, "2.0.0", self->new_folder);
}

/* A copy that runs keeps the file it has open, and finds the whole one when it opens it again. */
static void
test_repair_while_running (Update *self, gconstpointer data)
{
  g_autofree char *path = get_path (self, "doc/readme");
  g_auto (OnwardFd) folder = -1;
  g_auto (OnwardFd) file = -1;
  g_autofree char *name = get_path (self, NULL);
  struct stat before, after;
  char text[32] = "";
  guint64 bytes;

  update_damage (self, "versions/1.0.0/doc/readme");
  folder = open (name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  file = open (path, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (fstat (folder, &before), ==, 0);
  g_assert_cmpuint (assert_repairs (self, &bytes), ==, 1);

  g_assert_cmpint (stat (name, &after), ==, 0);
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);
  g_assert_cmpint (read (file, text, sizeof text - 1), ==, 9);
  g_assert_cmpstr (text, !=, "Read me.\n");
}

/* What is nobody's but the user's stays, listed by Keep= or not. */
static void
test_repair_extra (Update *self, gconstpointer data)
{
  g_autofree char *path = get_path (self, "user/notes");
  g_autoptr (TestPack) pack = NULL;
  g_autoptr (GError) error = NULL;
  guint64 bytes;

  onward_test_write (self->fixture.dir, "versions/1.0.0/user/notes", "mine");
  onward_test_write (self->fixture.dir, "versions/1.0.0/stray", "mine, too");
  update_damage (self, "versions/1.0.0/doc/readme");
  pack = fetch (self, &bytes);
  g_assert_cmpuint (run (self, pack, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (install_fixture_exists (&self->fixture, "versions/1.0.0/stray"));
}

/* A folder in the place of a file may hold what is not ours: it is left, and said. */
static void
test_repair_folder_in_the_way (Update *self, gconstpointer data)
{
  g_autofree char *path = get_path (self, "doc/readme");
  g_autoptr (TestPack) pack = NULL;
  g_autoptr (GError) error = NULL;
  guint64 bytes;

  remove_file (path);
  onward_test_write (self->fixture.dir, "versions/1.0.0/doc/readme/notes", "mine");
  pack = fetch (self, &bytes);
  run (self, pack, &error);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "doc/readme"));
  g_assert_true (install_fixture_exists (&self->fixture, "versions/1.0.0/doc/readme/notes"));
}

/* A version that came without a receipt, or with a damaged one, has one afterwards. */
static void
test_repair_adopts (Update *self, gconstpointer data)
{
  static const char *const receipts[] = { NULL, "", "garbage", "receipt of another version" };
  g_autofree char *receipt = install_fixture_path (&self->fixture, "receipts/1.0.0");
  guint64 bytes;

  for (guint i = 0; i < G_N_ELEMENTS (receipts); i++)
    {
      (void) g_unlink (receipt);
      if (receipts[i] != NULL)
        onward_test_write (self->fixture.dir, "receipts/1.0.0", receipts[i]);
      g_assert_cmpuint (assert_repairs (self, &bytes), ==, 0);
      g_assert_cmpuint (bytes, ==, 0);
    }

  (void) g_unlink (receipt);
  update_damage (self, "versions/1.0.0/bin/app");
  g_assert_cmpuint (assert_repairs (self, &bytes), ==, 1);
  g_assert_cmpuint (bytes, ==, get_frame_size (self, "bin/app"));
}

/* A pack that gives wrong bytes changes nothing. */
static void
test_repair_bad_pack (Update *self, gconstpointer data)
{
  g_autoptr (TestPack) pack = NULL;
  g_autoptr (OnwardRanges) ranges = NULL;
  g_autoptr (GError) error = NULL;
  guint64 bytes;

  update_damage (self, "versions/1.0.0/data/big.bin");
  onward_repair_plan (self->fixture.install, self->old->head, "1.0.0", NULL, &ranges, NULL, &error);
  g_assert_no_error (error);
  pack = fetch (self, &bytes);
  update_spoil (pack->path, onward_ranges_get (ranges, 0));
  run (self, pack, &error);
  g_assert_nonnull (error);
  g_assert_cmpuint (assert_repairs (self, &bytes), ==, 1);
}

/* What is cut off after some files were put in place has less to do the next time. */
static void
test_repair_resumes (Update *self, gconstpointer data)
{
  g_autofree char *path = get_path (self, "lib/common.so");
  g_autoptr (GError) error = NULL;
  g_autoptr (TestPack) pack = NULL;
  guint64 bytes;

  update_damage (self, "versions/1.0.0/bin/app");
  remove_file (path);
  onward_test_write (self->fixture.dir, "versions/1.0.0/lib/common.so/x", "in the way");
  pack = fetch (self, &bytes);
  run (self, pack, &error);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==,
                   "Repairing 1.0.0: Replacing “lib/common.so”: a folder that holds something is "
                   "in its place; move it away");

  remove_folder (path);
  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  g_assert_cmpuint (assert_repairs (self, &bytes), ==, 1);
}

/* While another updater works, that is said. */
static void
test_repair_refused (Update *self, gconstpointer data)
{
  OnwardInstall *other = install_fixture_open (&self->fixture);
  g_autoptr (OnwardPackReader) reader = test_pack_read (self->old);
  g_autoptr (GError) error = NULL;
  guint n_repaired = 0;

  g_assert_true (onward_install_lock (other, &error));
  g_assert_false (
      onward_repair_run (self->fixture.install, reader, "1.0.0", NULL, &n_repaired, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  g_clear_error (&error);
  onward_install_free (other);
}

/* A version whose folder is gone comes back whole, in one step; what it was without stays away. */
static void
test_repair_gone (Update *self, gconstpointer data)
{
  g_autofree char *versions = install_fixture_path (&self->fixture, "versions");
  guint64 bytes = 0;

  remove_folder (versions);
  g_assert_cmpuint (assert_repairs (self, &bytes), ==, onward_tree_get_n_entries (self->old->tree));
  g_assert_cmpuint (bytes, >, 0);
}

/* clang-format off */
static const UpdateTest tests[] = {
  { "/repair/nothing",           test_repair_nothing },
  { "/repair/changed",           test_repair_changed },
  { "/repair/everything",        test_repair_everything },
  { "/repair/all",               test_repair_all },
  { "/repair/twin",              test_repair_twin },
  { "/repair/twins",             test_repair_twins },
  { "/repair/while-running",     test_repair_while_running },
  { "/repair/extra",             test_repair_extra },
  { "/repair/folder-in-the-way", test_repair_folder_in_the_way },
  { "/repair/adopts",            test_repair_adopts },
  { "/repair/bad-pack",          test_repair_bad_pack },
  { "/repair/resumes",           test_repair_resumes },
  { "/repair/refused",           test_repair_refused },
  { "/repair/gone",              test_repair_gone },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return update_run_tests (argc, argv, tests, G_N_ELEMENTS (tests), NULL);
}
