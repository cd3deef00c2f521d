/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-test.h"

typedef struct
{
  OnwardTestDir *dir; /* (owned) */
  OnwardFd fd;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->dir = onward_test_make_dir ();
  fixture->fd = open (fixture->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (fixture->fd, >=, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  onward_fd_close (fixture->fd);
  onward_test_remove_dir (fixture->dir);
}

static guint
count_entries (Fixture *fixture)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->dir, 0, NULL);
  guint count = 0;

  while (g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

/* Each errno with a remedy of its own has its own code; the message says what, on what, why. */
static void
test_file_errors (void)
{
  static const struct
  {
    int errno_value;
    OnwardError code;
  } cases[] = {
    { ENOSPC, ONWARD_ERROR_NO_SPACE },
    { EDQUOT, ONWARD_ERROR_NO_SPACE },
    { EROFS, ONWARD_ERROR_READ_ONLY_INSTALL },
    { EACCES, ONWARD_ERROR_NOT_PERMITTED },
    { EPERM, ONWARD_ERROR_NOT_PERMITTED },
    { ENOENT, ONWARD_ERROR_NOT_FOUND },
    { EIO, ONWARD_ERROR_FAILED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *expected =
          g_strdup_printf ("Opening “a/b”: %s", g_strerror (cases[i].errno_value));

      onward_file_set_error (&error, cases[i].errno_value, "Opening", "a/b");
      g_assert_error (error, ONWARD_ERROR, (int) cases[i].code);
      g_assert_cmpstr (error->message, ==, expected);
    }
}

/* A path that is no UTF-8 still gives a message that is. */
static void
test_file_error_bad_path (void)
{
  g_autoptr (GError) error = NULL;

  onward_file_set_error (&error, EIO, "Opening", "a\xff");
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

/* Only plain relative paths are clean. */
static void
test_file_clean_path (void)
{
  static const char *const clean[] = { "a", "a/b", "...", "a/..b/.c", "a b", "..a", ".a" };
  static const char *const unclean[] = { "",   "/",    "/a",   "a/",    "a//b",   ".",
                                         "..", "a/..", "../a", "a/./b", "a/../b", "./a" };
  g_autofree char *long_name = g_strnfill (256, 'a');
  g_autoptr (GString) long_path = g_string_new ("a");

  for (gsize i = 0; i < G_N_ELEMENTS (clean); i++)
    g_assert_true (onward_file_is_clean_path (clean[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (unclean); i++)
    g_assert_false (onward_file_is_clean_path (unclean[i]));

  g_assert_false (onward_file_is_clean_path (long_name));
  g_assert_true (onward_file_is_clean_path (long_name + 1));
  while (long_path->len < 5000)
    g_string_append (long_path, "/a");
  g_assert_false (onward_file_is_clean_path (long_path->str));
}

/* What is written can be read back, with exactly the mode asked for, and nothing else is left. */
static void
test_file_write_read (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) contents = g_bytes_new_static ("a\0b", 3);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) back = NULL;
  g_autoptr (GError) error = NULL;
  struct stat info;

  g_assert_true (onward_file_write (fixture->fd, "f", contents, 0755, &error));
  g_assert_no_error (error);
  back = onward_file_read (fixture->fd, "f", 3, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (back, contents));
  g_assert_cmpint (fstatat (fixture->fd, "f", &info, 0), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, 0755);

  g_assert_true (onward_file_write (fixture->fd, "f", empty, 0600, &error));
  g_clear_pointer (&back, g_bytes_unref);
  back = onward_file_read (fixture->fd, "f", 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (back), ==, 0);
  g_assert_cmpuint (count_entries (fixture), ==, 1);
}

/* Large contents arrive whole. */
static void
test_file_large (Fixture *fixture, gconstpointer data)
{
  gsize size = 3 * 1024 * 1024 + 17;
  g_autofree char *text = g_strnfill (size, 'x');
  g_autoptr (GBytes) contents = g_bytes_new_static (text, size);
  g_autoptr (GBytes) back = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_file_write (fixture->fd, "f", contents, 0644, &error));
  back = onward_file_read (fixture->fd, "f", size, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (back, contents));

  g_assert_null (onward_file_read (fixture->fd, "f", size - 1, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

/* A file that grows without end, a FIFO that nobody writes and a folder are no files to read. */
static void
test_file_read_refuses (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    int dirfd;
    const char *path;
    int code;
  } cases[] = {
    { 0, "fifo", ONWARD_ERROR_MALFORMED },
    { 0, "folder", ONWARD_ERROR_MALFORMED },
    { 0, "missing", ONWARD_ERROR_NOT_FOUND },
    { 0, "link", ONWARD_ERROR_FAILED },
    { 0, "../x", ONWARD_ERROR_MALFORMED },
    { AT_FDCWD, "/dev/zero", ONWARD_ERROR_MALFORMED },
    { AT_FDCWD, "/proc/self/maps", ONWARD_ERROR_MALFORMED },
  };

  onward_test_write (fixture->dir, "target", "x");
  g_assert_cmpint (mkfifoat (fixture->fd, "fifo", 0600), ==, 0);
  g_assert_cmpint (mkdirat (fixture->fd, "folder", 0700), ==, 0);
  g_assert_cmpint (symlinkat ("target", fixture->fd, "link"), ==, 0);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      int dirfd = cases[i].dirfd == 0 ? fixture->fd : cases[i].dirfd;
      g_autoptr (GError) error = NULL;

      g_assert_null (onward_file_read (dirfd, cases[i].path, 64, &error));
      g_assert_error (error, ONWARD_ERROR, cases[i].code);
    }
}

/* Writing over a link replaces the link and leaves alone what it points at. */
static void
test_file_write_over_link (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) contents = g_bytes_new_static ("new", 3);
  g_autoptr (GError) error = NULL;
  g_autofree char *target = NULL;
  g_autofree char *written = NULL;

  onward_test_write (fixture->dir, "target", "old");
  g_assert_cmpint (symlinkat ("target", fixture->fd, "f"), ==, 0);
  g_assert_true (onward_file_write (fixture->fd, "f", contents, 0644, &error));

  target = onward_test_read (fixture->dir, "target");
  written = onward_test_read (fixture->dir, "f");
  g_assert_cmpstr (target, ==, "old");
  g_assert_cmpstr (written, ==, "new");
}

/* A write that fails leaves the old contents and no temporary file. */
static void
test_file_write_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) contents = g_bytes_new_static ("new", 3);
  g_autoptr (GError) error = NULL;

  onward_test_write (fixture->dir, "folder/f", "x");
  g_assert_false (onward_file_write (fixture->fd, "folder", contents, 0644, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "Writing “folder”: "));
  g_assert_cmpuint (count_entries (fixture), ==, 1);

  g_clear_error (&error);
  g_assert_false (onward_file_write (fixture->fd, "missing/f", contents, 0644, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
}

/* A full disk is told as such. */
static void
test_file_full_disk (void)
{
  g_auto (OnwardFd) fd = open ("/dev/full", O_WRONLY | O_CLOEXEC);
  g_autoptr (GError) error = NULL;

  if (fd < 0)
    {
      g_test_skip ("there is no /dev/full");
      return;
    }

  g_assert_false (onward_file_write_all (fd, "x", 1, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NO_SPACE);
}

/* A link is made, then replaced in one step, and read back. */
static void
test_file_link_over (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  g_assert_true (onward_file_link_over (fixture->fd, "versions/1.0.0", "current", &error));
  first = onward_file_read_link (fixture->fd, "current", &error);
  g_assert_cmpstr (first, ==, "versions/1.0.0");
  g_assert_true (onward_file_link_over (fixture->fd, "versions/2.0.0", "current", &error));
  second = onward_file_read_link (fixture->fd, "current", &error);
  g_assert_cmpstr (second, ==, "versions/2.0.0");
  g_assert_no_error (error);
  g_assert_cmpuint (count_entries (fixture), ==, 1);
}

/* What is no link cannot be read as one, and a folder is not replaced by one. */
static void
test_file_link_refuses (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  onward_test_write (fixture->dir, "folder/f", "x");
  g_assert_null (onward_file_read_link (fixture->fd, "folder/f", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_null (onward_file_read_link (fixture->fd, "missing", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (onward_file_link_over (fixture->fd, "x", "folder", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_assert_cmpuint (count_entries (fixture), ==, 1);
}

/* Folders are made with their parents, twice without harm, but never through a link. */
static void
test_file_make_dir (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *absolute = g_build_filename (fixture->dir, "d", "e", NULL);
  struct stat info;

  g_assert_true (onward_file_make_dir (fixture->fd, "a/b/c", &error));
  g_assert_true (onward_file_make_dir (fixture->fd, "a/b/c", &error));
  g_assert_true (onward_file_make_dir (AT_FDCWD, absolute, &error));
  g_assert_no_error (error);
  g_assert_cmpint (fstatat (fixture->fd, "a/b/c", &info, 0), ==, 0);
  g_assert_true (S_ISDIR (info.st_mode));
  g_assert_cmpint (fstatat (fixture->fd, "d/e", &info, 0), ==, 0);

  g_assert_cmpint (symlinkat ("a", fixture->fd, "link"), ==, 0);
  g_assert_false (onward_file_make_dir (fixture->fd, "link/x", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (onward_file_make_dir (fixture->fd, "../x", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_clear_error (&error);
  onward_test_write (fixture->dir, "file", "x");
  g_assert_false (onward_file_make_dir (fixture->fd, "file", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
}

/* Syncing works on files, folders and whole file systems, and says so when it does not. */
static void
test_file_sync (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint64 bytes = 0;

  g_assert_true (onward_file_sync (fixture->fd, "x", &error));
  g_assert_true (onward_file_sync_system (fixture->fd, "x", &error));
  g_assert_true (onward_file_get_free_space (fixture->fd, &bytes, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (bytes, >, 0);

  g_assert_false (onward_file_sync (-1, "x", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (onward_file_sync_system (-1, "x", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (onward_file_get_free_space (-1, &bytes, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
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

  g_test_add_func ("/file/errors", test_file_errors);
  g_test_add_func ("/file/error-bad-path", test_file_error_bad_path);
  g_test_add_func ("/file/clean-path", test_file_clean_path);
  g_test_add_func ("/file/full-disk", test_file_full_disk);
  add ("/file/write-read", test_file_write_read);
  add ("/file/large", test_file_large);
  add ("/file/read-refuses", test_file_read_refuses);
  add ("/file/write-over-link", test_file_write_over_link);
  add ("/file/write-fails", test_file_write_fails);
  add ("/file/link-over", test_file_link_over);
  add ("/file/link-refuses", test_file_link_refuses);
  add ("/file/make-dir", test_file_make_dir);
  add ("/file/sync", test_file_sync);

  return g_test_run ();
}
