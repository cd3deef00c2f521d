/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-file.h"
#include "onward-test.h"

typedef int (*OpenFunc) (int dirfd, const char *path, int flags, mode_t mode, GError **error);

/* Both ways of opening keep the same promises. */
static const OpenFunc ways[] = { onward_file_open_beneath, onward_file_open_stepwise };

typedef struct
{
  OnwardTestDir *outer; /* (owned) */
  OnwardFd fd;          /* of "inner" */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *inner = NULL;

  fixture->outer = onward_test_make_dir ();
  onward_test_write (fixture->outer, "secret", "secret");
  onward_test_write (fixture->outer, "inner/a/b/file", "text");

  inner = g_build_filename (fixture->outer, "inner", NULL);
  fixture->fd = open (inner, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (fixture->fd, >=, 0);
  g_assert_cmpint (symlinkat ("../secret", fixture->fd, "out"), ==, 0);
  g_assert_cmpint (symlinkat (fixture->outer, fixture->fd, "absolute"), ==, 0);
  g_assert_cmpint (symlinkat ("a", fixture->fd, "in"), ==, 0);
  g_assert_cmpint (symlinkat ("loop", fixture->fd, "loop"), ==, 0);
  g_assert_cmpint (symlinkat ("/proc/self/cwd", fixture->fd, "magic"), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  onward_fd_close (fixture->fd);
  onward_test_remove_dir (fixture->outer);
}

/* A file below the folder opens, and the descriptor does not leak into programs. */
static void
test_open_plain (Fixture *fixture, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (OnwardFd) fd = ways[i](fixture->fd, "a/b/file", O_RDONLY, 0, &error);
      char text[4];

      g_assert_no_error (error);
      g_assert_cmpint (read (fd, text, 4), ==, 4);
      g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
    }
}

/* No link, wherever it leads, is followed, and no name leads out. */
static void
test_open_refuses (Fixture *fixture, gconstpointer data)
{
  static const char *const paths[] = {
    "",     "/",      "..",          "../secret", "a/../../secret",  "a/../a/b/file", "./a",
    "a//b", "a/b/",   "/etc/passwd", "out",       "absolute/secret", "in/b/file",     "in",
    "loop", "loop/x", "magic",       "magic/x",   "a/b/file/x",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (paths); j++)
      {
        g_autoptr (GError) error = NULL;

        g_assert_cmpint (ways[i](fixture->fd, paths[j], O_RDONLY, 0, &error), ==, -1);
        g_assert_nonnull (error);
        g_assert_cmpint (error->domain, ==, ONWARD_ERROR);
      }
}

/* A file is made where it is asked for, and never behind a link that waits there. */
static void
test_open_create (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "a/new0", "a/new1" };
  int flags = O_WRONLY | O_CREAT | O_EXCL;

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (OnwardFd) fd = ways[i](fixture->fd, names[i], flags, 0600, &error);
      struct stat info;

      g_assert_no_error (error);
      g_assert_cmpint (fstat (fd, &info), ==, 0);
      g_assert_cmpint (info.st_mode & 0777, ==, 0600);

      g_assert_cmpint (ways[i](fixture->fd, names[i], flags, 0600, &error), ==, -1);
      g_clear_error (&error);
      g_assert_cmpint (ways[i](fixture->fd, "out", O_WRONLY | O_CREAT, 0600, &error), ==, -1);
      g_clear_error (&error);
      g_assert_cmpint (ways[i](fixture->fd, "no/new", flags, 0600, &error), ==, -1);
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
    }
}

/* A path the user chose may go over links; one below a folder may not. */
static void
test_open_dir (Fixture *fixture, gconstpointer data)
{
  g_autofree char *chosen = g_build_filename (fixture->outer, "inner", "in", NULL);
  g_autoptr (GError) error = NULL;
  g_auto (OnwardFd) own = onward_file_open_dir (fixture->fd, ".", &error);
  g_auto (OnwardFd) below = onward_file_open_dir (fixture->fd, "a/b", &error);
  g_auto (OnwardFd) user = onward_file_open_dir (AT_FDCWD, chosen, &error);

  g_assert_no_error (error);
  g_assert_cmpint (own, >=, 0);
  g_assert_cmpint (below, >=, 0);
  g_assert_cmpint (user, >=, 0);
  g_assert_cmpint (onward_file_open_dir (fixture->fd, "in", &error), ==, -1);
  g_clear_error (&error);
  g_assert_cmpint (onward_file_open_dir (fixture->fd, "a/b/file", &error), ==, -1);
  g_clear_error (&error);
  g_assert_cmpint (onward_file_open_dir (fixture->fd, "x", &error), ==, -1);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
}

/* The parent of a path is the folder itself for a plain name. */
static void
test_open_parent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *name = NULL;
  g_auto (OnwardFd) own = -1;
  g_auto (OnwardFd) below = -1;

  own = onward_file_open_parent (fixture->fd, "a", &name, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, "a");
  g_assert_cmpint (faccessat (own, "a", F_OK, 0), ==, 0);

  below = onward_file_open_parent (fixture->fd, "a/b/file", &name, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, "file");
  g_assert_cmpint (faccessat (below, "file", F_OK, 0), ==, 0);

  g_assert_cmpint (onward_file_open_parent (fixture->fd, "in/b", &name, &error), ==, -1);
  g_clear_error (&error);
  g_assert_cmpint (onward_file_open_parent (fixture->fd, "../secret", &name, &error), ==, -1);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

static void
add (const char *path, void (*func) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, func, tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  add ("/file-open/plain", test_open_plain);
  add ("/file-open/refuses", test_open_refuses);
  add ("/file-open/create", test_open_create);
  add ("/file-open/dir", test_open_dir);
  add ("/file-open/parent", test_open_parent);

  return g_test_run ();
}
