/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "onward-archive.h"
#include "publish-fixture.h"

#define DATE "2026-10-02"

static char *
run_tar (const char *archive, const char *operation, const char *option)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) tar =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "env", "TZ=UTC", "tar", "--zstd",
                        "--file", archive, operation, option, NULL);
  char *text = NULL;

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (tar, NULL, NULL, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (tar));
  return text;
}

/* Names in a stable order, owned by root, of one date, with their modes; odd names as they are. */
static void
test_archive_listing (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *output = g_build_filename (dir, "out.tar.zst", NULL);
  g_autofree char *program = g_build_filename (dir, "-odd name", "z", NULL);
  g_autofree char *link = g_build_filename (dir, "-odd name", "m", NULL);
  g_autofree char *folder = g_build_filename (dir, "-odd name", NULL);
  g_autofree char *listing = NULL;
  g_autoptr (GError) error = NULL;

  onward_test_write (dir, "-odd name/z", "program");
  onward_test_write (dir, "-odd name/a", "text");
  g_assert_cmpint (symlink ("z", link), ==, 0);
  g_assert_cmpint (g_chmod (program, 0755), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  onward_archive_write (dir, "-odd name", DATE, output, NULL, &error);
  g_assert_no_error (error);

  listing = run_tar (output, "--list", "-v");
  g_assert_cmpstr (listing, ==,
                   "drwxr-xr-x 0/0               0 2026-10-02 00:00 -odd name/\n"
                   "-rw-r--r-- 0/0               4 2026-10-02 00:00 -odd name/a\n"
                   "lrwxrwxrwx 0/0               0 2026-10-02 00:00 -odd name/m -> z\n"
                   "-rwxr-xr-x 0/0               7 2026-10-02 00:00 -odd name/z\n");
}

/* More bytes than fit into any buffer on the way come out again. */
static void
test_archive_large (void)
{
  const gsize size = 3000000;
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *output = g_build_filename (dir, "out.tar.zst", NULL);
  g_autofree char *path = g_build_filename (dir, "app", "data", NULL);
  g_autofree guint32 *data = g_malloc (size);
  g_autofree char *unpacked = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) tar = NULL;
  g_autoptr (GBytes) bytes = NULL;

  for (gsize i = 0; i < size / sizeof *data; i++)
    data[i] = g_rand_int (rand);
  onward_test_write (dir, "app/data", "");
  g_assert_true (g_file_set_contents (path, (const char *) data, (gssize) size, NULL));
  onward_archive_write (dir, "app", DATE, output, NULL, &error);
  g_assert_no_error (error);

  tar = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "tar", "--zstd", "--extract",
                          "--to-stdout", "--file", output, "app/data", NULL);
  g_subprocess_communicate (tar, NULL, NULL, &bytes, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), data, size);
}

/* A file that is there is not overwritten, a folder that is not there cannot be archived, and the
 * message says which. */
static void
test_archive_fails (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *output = g_build_filename (dir, "out.tar.zst", NULL);
  g_autofree char *nowhere = g_build_filename (dir, "nowhere", "out.tar.zst", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  onward_test_write (dir, "app/file", "text");
  g_assert_false (onward_archive_write (dir, "missing", DATE, output, NULL, &error));
  g_assert_nonnull (strstr (error->message, "missing"));
  g_clear_error (&error);
  g_assert_false (onward_archive_write (dir, "app", DATE, nowhere, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);

  (void) g_unlink (output);
  onward_test_write (dir, "out.tar.zst", "mine");
  g_assert_false (onward_archive_write (dir, "app", DATE, output, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  text = onward_test_read (dir, "out.tar.zst");
  g_assert_cmpstr (text, ==, "mine");
}

/* An interrupt ends it. */
static void
test_archive_cancelled (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *output = g_build_filename (dir, "out.tar.zst", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  onward_test_write (dir, "app/file", "text");
  g_cancellable_cancel (cancellable);
  g_assert_false (onward_archive_write (dir, "app", DATE, output, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/archive/listing", test_archive_listing);
  g_test_add_func ("/archive/large", test_archive_large);
  g_test_add_func ("/archive/fails", test_archive_fails);
  g_test_add_func ("/archive/cancelled", test_archive_cancelled);
  return g_test_run ();
}
