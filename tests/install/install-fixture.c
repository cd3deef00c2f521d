/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "install-fixture.h"
#include "onward-fd.h"
#include "onward-tree-scan.h"

#define CONFIG                                                       \
  "[Application]\nId=org.example.Demo\nName=Demo\nCommand=bin/app\n" \
  "Repository=file:///nonexistent\nChannel=stable\nKeep=user/*;*.cfg;\n"

/* @data: (nullable): the folder to make it in, instead of the one for temporary files. */
void
install_fixture_set_up (InstallFixture *self, gconstpointer data)
{
  static const char *const folders[] = { "versions", "receipts", "var" };

  self->root = data != NULL ? g_build_filename (data, "root", NULL) : onward_test_make_dir ();
  self->dir = g_build_filename (self->root, "install", NULL);
  onward_test_write (self->dir, "onward.ini", CONFIG);
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = install_fixture_path (self, folders[i]);

      g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
    }
  self->install = install_fixture_open (self);
}

void
install_fixture_tear_down (InstallFixture *self, gconstpointer data)
{
  onward_install_free (self->install);
  g_free (self->dir);
  onward_test_remove_dir (self->root);
}

int
install_fixture_run_tests (int argc, char **argv, const InstallTest *tests, guint n_tests,
                           void (*set_up) (InstallFixture *, gconstpointer))
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < n_tests; i++)
    g_test_add (tests[i].path, InstallFixture, NULL, set_up, tests[i].test,
                install_fixture_tear_down);
  return g_test_run ();
}

OnwardInstall *
install_fixture_open (InstallFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardPaths) paths = onward_paths_new (self->dir, &error);
  OnwardInstall *install;

  g_assert_no_error (error);
  install = onward_install_open (paths, &error);
  g_assert_no_error (error);
  return install;
}

char *
install_fixture_path (InstallFixture *self, const char *name)
{
  return g_build_filename (self->dir, name, NULL);
}

char *
install_fixture_root_path (InstallFixture *self, const char *name)
{
  return g_build_filename (self->root, name, NULL);
}

static OnwardTree *
scan (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_auto (OnwardFd) fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  OnwardTree *tree = onward_tree_scan (fd, NULL, &error);

  g_assert_no_error (error);
  return tree;
}

void
install_fixture_write_receipt (InstallFixture *self, const char *version)
{
  g_autofree char *folder = g_build_filename (self->dir, "versions", version, NULL);
  g_autofree char *receipt = g_build_filename (self->dir, "receipts", version, NULL);
  g_autoptr (OnwardTree) tree = scan (folder);
  GBytes *bytes = onward_tree_get_bytes (tree);

  g_assert_true (g_file_set_contents (receipt, g_bytes_get_data (bytes, NULL),
                                      (gssize) g_bytes_get_size (bytes), NULL));
}

void
install_fixture_add_version (InstallFixture *self, const char *version)
{
  g_autofree char *folder = g_build_filename (self->dir, "versions", version, NULL);
  g_autofree char *program = g_build_filename (folder, "bin/app", NULL);

  onward_test_write (folder, "bin/app", version);
  onward_test_write (folder, "data", "the same in all versions");
  g_assert_cmpint (chmod (program, 0755), ==, 0);
  install_fixture_write_receipt (self, version);
}

void
install_fixture_set_current (InstallFixture *self, const char *version)
{
  g_autofree char *path = install_fixture_path (self, "current");
  g_autofree char *target = g_strconcat ("versions/", version, NULL);

  (void) unlink (path);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

void
install_fixture_assert_current (InstallFixture *self, const char *version)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *current = onward_install_dup_current (self->install, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (current, ==, version);
}

gboolean
install_fixture_exists (InstallFixture *self, const char *name)
{
  g_autofree char *path = install_fixture_path (self, name);
  struct stat info;

  return lstat (path, &info) == 0;
}

/* What of a file does not compress; the rest is quickly done. */
#define NOISE_SIZE 100000

/* Bytes that are the same for the same seed. */
static void
write_noise (const char *folder, const char *name, guint32 seed, gsize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree guint32 *data = g_malloc0 (size + sizeof (guint32));
  GRand *rand = g_rand_new_with_seed (seed);

  for (gsize i = 0; i * sizeof *data < MIN (size, NOISE_SIZE); i++)
    data[i] = g_rand_int (rand);
  g_rand_free (rand);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, (const char *) data, (gssize) size, NULL));
}

/* A large file that a pack puts into a frame of its own, as it begins like a program. */
static void
write_program (const char *folder, const char *name, guint8 machine, guint32 seed, gsize size)
{
  const guint8 start[] = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1,      0, 0,       0,
                           0,    0,   0,   0,   0,          0,           ET_DYN, 0, machine, 0 };
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_auto (OnwardFd) fd = -1;

  write_noise (folder, name, seed, size);
  fd = open (path, O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (write (fd, start, sizeof start), ==, sizeof start);
}

static void
set_mode (const char *folder, const char *name, mode_t mode)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (chmod (path, mode), ==, 0);
}

static void
make_link (const char *folder, const char *name, const char *target)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
make_folder (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (path, 0755), ==, 0);
}

/* What both releases have in common. */
static char *
make_release (const char *root, const char *name)
{
  char *folder = g_build_filename (root, name, NULL);

  write_noise (folder, "lib/common.so", 1, 100000);
  write_program (folder, "lib/large.so", EM_X86_64, 2, 4400000);
  onward_test_write (folder, "share/empty", "");
  make_folder (folder, "share/nothing");
  onward_test_write (folder, "doc/readme", "Read me.\n");
  return folder;
}

char *
install_fixture_make_old (const char *root)
{
  char *folder = make_release (root, "old");

  onward_test_write (folder, "bin/app", "#!/bin/sh\necho 1.0.0\n");
  set_mode (folder, "bin/app", 0755);
  write_noise (folder, "lib/removed.so", 3, 5000);
  write_program (folder, "data/big.bin", EM_AARCH64, 4, 4500000);
  write_noise (folder, "data/name-a", 5, 70000);
  onward_test_write (folder, "kind/inner", "a folder becomes a file\n");
  onward_test_write (folder, "other-kind", "a file becomes a folder\n");
  make_link (folder, "bin/link", "app");
  return folder;
}

char *
install_fixture_make_new (const char *root)
{
  char *folder = make_release (root, "new");

  onward_test_write (folder, "bin/app", "#!/bin/sh\necho 2.0.0\n");
  set_mode (folder, "bin/app", 0755);
  set_mode (folder, "doc/readme", 0755);
  write_program (folder, "data/big.bin", EM_AARCH64, 6, 4500000);
  write_noise (folder, "data/name-b", 5, 70000);
  write_noise (folder, "data/copy", 5, 70000);
  onward_test_write (folder, "kind", "a folder becomes a file\n");
  onward_test_write (folder, "other-kind/inner", "a file becomes a folder, again\n");
  onward_test_write (folder, "share/new.txt", "new\n");
  onward_test_write (folder, "share/twin-1", "the same new content, twice\n");
  onward_test_write (folder, "share/twin-2", "the same new content, twice\n");
  set_mode (folder, "share/twin-2", 0755);
  make_link (folder, "bin/link", "../doc/readme");
  make_link (folder, "bin/second", "link");
  return folder;
}

void
install_fixture_assert_same (const char *a, const char *b)
{
  g_autoptr (OnwardTree) left = scan (a);
  g_autoptr (OnwardTree) right = scan (b);

  g_assert_true (
      onward_digest_equal (onward_tree_get_digest (left), onward_tree_get_digest (right)));
}

static TestPack *
test_pack_open (const char *packs, OnwardPackInfo *info, OnwardTree *old_tree)
{
  g_autofree char *name = onward_pack_info_dup_file_name (info);
  g_autofree char *contents = NULL;
  g_autoptr (GBytes) head = NULL;
  g_autoptr (GError) error = NULL;
  TestPack *self = g_new0 (TestPack, 1);
  gsize size = 0;

  self->path = g_build_filename (packs, name, NULL);
  g_assert_true (g_file_get_contents (self->path, &contents, &size, NULL));
  head = g_bytes_new (contents, onward_pack_info_get_head_size (info));
  self->head = onward_pack_head_parse (head, size, old_tree, &error);
  g_assert_no_error (error);
  self->tree = onward_tree_ref (onward_pack_head_get_tree (self->head));
  return self;
}

TestPack *
test_pack_new_full (const char *root, const char *folder)
{
  const OnwardPackWriter writer = { ONWARD_COMPRESSION_ZSTD, NULL, NULL };
  g_autofree char *packs = g_build_filename (root, "packs", NULL);
  g_auto (OnwardFd) fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (OnwardTree) scanned = scan (folder);
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (packs, 0755), ==, 0);
  onward_pack_writer_write_full (&writer, fd, scanned, packs, &tree, &info, NULL, &error);
  g_assert_no_error (error);
  return test_pack_open (packs, info, NULL);
}

TestPack *
test_pack_new_delta (const char *root, const char *old_folder, TestPack *old, const char *folder,
                     TestPack *full)
{
  const OnwardPackWriter writer = { ONWARD_COMPRESSION_ZSTD, NULL, NULL };
  g_autofree char *packs = g_build_filename (root, "packs", NULL);
  g_auto (OnwardFd) old_fd = open (old_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_auto (OnwardFd) fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  onward_pack_writer_write_delta (&writer, old_fd, old->tree, fd, full->tree, packs, &info, NULL,
                                  &error);
  g_assert_no_error (error);
  return test_pack_open (packs, info, old->tree);
}

TestPack *
test_pack_new_partial (InstallFixture *self, TestPack *whole, OnwardRanges *ranges)
{
  TestPack *partial = g_new0 (TestPack, 1);
  struct stat info;

  partial->path = install_fixture_root_path (self, "part");
  partial->head = onward_pack_head_ref (whole->head);
  partial->tree = onward_tree_ref (whole->tree);
  g_assert_cmpint (stat (whole->path, &info), ==, 0);
  g_assert_true (g_file_set_contents (partial->path, "", 0, NULL));
  g_assert_cmpint (truncate (partial->path, info.st_size), ==, 0);
  test_pack_fetch (partial, whole, ranges);
  return partial;
}

void
test_pack_fetch (TestPack *self, TestPack *whole, OnwardRanges *ranges)
{
  g_auto (OnwardFd) fd = open (self->path, O_WRONLY | O_CLOEXEC);
  g_autofree char *contents = NULL;

  g_assert_true (g_file_get_contents (whole->path, &contents, NULL, NULL));
  for (guint i = 0; i < onward_ranges_get_count (ranges); i++)
    {
      const OnwardRange *range = onward_ranges_get (ranges, i);
      gsize size = range->end - range->start;

      g_assert_cmpint (pwrite (fd, contents + range->start, size, (off_t) range->start), ==,
                       (gssize) size);
    }
}

void
test_pack_free (TestPack *self)
{
  onward_tree_unref (self->tree);
  onward_pack_head_unref (self->head);
  g_free (self->path);
  g_free (self);
}

OnwardPackReader *
test_pack_read (TestPack *self)
{
  int fd = open (self->path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  return onward_pack_reader_new (fd, self->head);
}
