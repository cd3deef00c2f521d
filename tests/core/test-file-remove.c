/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>
#include <sys/resource.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-test.h"

#define NOBODY 65534

static gboolean
exists (int dirfd, const char *name)
{
  return faccessat (dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int
open_folder (const char *dir)
{
  int fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

/* A tree goes with all it holds; what its links point at stays. */
static void
test_remove_tree (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_auto (OnwardFd) fd = open_folder (dir);
  g_autoptr (GError) error = NULL;
  g_autofree char *kept = NULL;

  onward_test_write (dir, "outside/kept", "kept");
  onward_test_write (dir, "tree/a/b/c/d", "x");
  onward_test_write (dir, "tree/a/e", "x");
  onward_test_write (dir, "tree/f", "x");
  g_assert_cmpint (symlinkat ("../outside", fd, "tree/folder-link"), ==, 0);
  g_assert_cmpint (symlinkat ("../../outside/kept", fd, "tree/a/file-link"), ==, 0);
  g_assert_cmpint (symlinkat ("nowhere", fd, "tree/dangling"), ==, 0);
  g_assert_cmpint (mkfifoat (fd, "tree/fifo", 0600), ==, 0);

  g_assert_true (onward_file_remove_tree (fd, "tree", NULL, &error));
  g_assert_no_error (error);
  g_assert_false (exists (fd, "tree"));
  kept = onward_test_read (dir, "outside/kept");
  g_assert_cmpstr (kept, ==, "kept");
}

/* A file and a link go too; what is not there is fine. */
static void
test_remove_others (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_auto (OnwardFd) fd = open_folder (dir);
  g_autoptr (GError) error = NULL;

  onward_test_write (dir, "folder/f", "x");
  onward_test_write (dir, "file", "x");
  g_assert_cmpint (symlinkat ("folder", fd, "link"), ==, 0);

  g_assert_true (onward_file_remove_tree (fd, "file", NULL, &error));
  g_assert_true (onward_file_remove_tree (fd, "link", NULL, &error));
  g_assert_true (onward_file_remove_tree (fd, "missing", NULL, &error));
  g_assert_true (onward_file_remove_tree (fd, "missing/too", NULL, &error));
  g_assert_no_error (error);
  g_assert_false (exists (fd, "file"));
  g_assert_false (exists (fd, "link"));
  g_assert_true (exists (fd, "folder/f"));
}

/* Nothing is removed over a link or by a name that leads out. */
static void
test_remove_refuses (void)
{
  static const char *const names[] = { "link/f", "..", ".", "", "a/../folder", "folder/" };
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_auto (OnwardFd) fd = open_folder (dir);

  onward_test_write (dir, "folder/f", "x");
  g_assert_cmpint (symlinkat ("folder", fd, "link"), ==, 0);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (onward_file_remove_tree (fd, names[i], NULL, &error));
      g_assert_nonnull (error);
    }
  g_assert_true (exists (fd, "folder/f"));
}

static void
make_deep (const char *dir, const char *name, guint depth)
{
  g_auto (OnwardFd) fd = open_folder (dir);

  g_assert_cmpint (mkdirat (fd, name, 0700), ==, 0);
  for (guint i = 0; i < depth; i++)
    {
      g_auto (OnwardFd) outer = fd;

      fd = openat (outer, i == 0 ? name : "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      g_assert_cmpint (fd, >=, 0);
      g_assert_cmpint (mkdirat (fd, "d", 0700), ==, 0);
      g_assert_cmpint (mkdirat (fd, "e", 0700), ==, 0);
    }
}

/* A tree far deeper than there are descriptors, and than a path may be long, goes as well. */
static void
test_remove_deep (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_auto (OnwardFd) fd = open_folder (dir);
  g_autoptr (GError) error = NULL;
  struct rlimit limit, old;

  make_deep (dir, "tree", 2100);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &old), ==, 0);
  limit = (struct rlimit){ 32, old.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);

  g_assert_true (onward_file_remove_tree (fd, "tree", NULL, &error));
  g_assert_no_error (error);
  g_assert_false (exists (fd, "tree"));
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &old), ==, 0);
}

/* Read-only and even unreadable folders go, for a user who has no special rights. */
static void
test_remove_read_only (void)
{
  g_autoptr (OnwardTestDir) dir = NULL;
  g_auto (OnwardFd) fd = -1;
  g_autoptr (GError) error = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }

  if (getuid () == 0)
    g_assert_cmpint (setresuid (NOBODY, NOBODY, NOBODY), ==, 0);
  dir = g_strdup ("/tmp/onward-test-XXXXXX");
  g_assert_nonnull (mkdtemp (dir));
  fd = open_folder (dir);
  onward_test_write (dir, "tree/a/b/c", "x");
  onward_test_write (dir, "tree/d/e", "x");
  g_assert_cmpint (fchmodat (fd, "tree/a/b", 0555, 0), ==, 0);
  g_assert_cmpint (fchmodat (fd, "tree/a", 0555, 0), ==, 0);
  g_assert_cmpint (fchmodat (fd, "tree/d", 0, 0), ==, 0);
  g_assert_cmpint (fchmodat (fd, "tree", 0555, 0), ==, 0);

  g_assert_true (onward_file_remove_tree (fd, "tree", NULL, &error));
  g_assert_no_error (error);
  g_assert_false (exists (fd, "tree"));
}

/* Cancelling stops the work and is told as such; the next run finishes it. */
static void
test_remove_cancelled (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_auto (OnwardFd) fd = open_folder (dir);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  onward_test_write (dir, "tree/a/b", "x");
  g_cancellable_cancel (cancellable);
  g_assert_false (onward_file_remove_tree (fd, "tree", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (exists (fd, "tree/a/b"));

  g_clear_error (&error);
  g_assert_true (onward_file_remove_tree (fd, "tree", NULL, &error));
  g_assert_no_error (error);
  g_assert_false (exists (fd, "tree"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/file-remove/tree", test_remove_tree);
  g_test_add_func ("/file-remove/others", test_remove_others);
  g_test_add_func ("/file-remove/refuses", test_remove_refuses);
  g_test_add_func ("/file-remove/deep", test_remove_deep);
  g_test_add_func ("/file-remove/read-only", test_remove_read_only);
  g_test_add_func ("/file-remove/cancelled", test_remove_cancelled);

  return g_test_run ();
}
