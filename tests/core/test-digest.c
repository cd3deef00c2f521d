/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>

#include "onward-digest.h"
#include "onward-error.h"
#include "onward-fd.h"
#include "onward-test.h"

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* A digest is written and read in one spelling. */
static void
test_digest_text (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static ("abc", 3);
  g_autofree char *hex = NULL;
  g_autofree OnwardDigest *copy = NULL;
  OnwardDigest digest, parsed;

  onward_digest_of_bytes (bytes, &digest);
  hex = onward_digest_to_string (&digest);
  g_assert_cmpstr (hex, ==, ABC);

  g_assert_true (onward_digest_parse (hex, &parsed, &error));
  g_assert_no_error (error);
  g_assert_true (onward_digest_equal (&digest, &parsed));
  g_assert_cmpuint (onward_digest_hash (&digest), ==, onward_digest_hash (&parsed));

  copy = onward_digest_copy (&digest);
  g_assert_true (onward_digest_equal (&digest, copy));
  copy->bytes[31] ^= 1;
  g_assert_false (onward_digest_equal (&digest, copy));
}

/* Any other spelling is refused and leaves the output alone. */
static void
test_digest_bad_text (void)
{
  /* clang-format off */
  const char *bad[] = {
    "", "b", "ba78", "zz7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
    ABC "0", ABC " ", " " ABC, "0x" ABC,
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a\xc3\xa9",
    "../../../../../../../../../../../../../../../../etc/passwd/000000",
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      OnwardDigest digest = { { 7 } };

      g_assert_false (onward_digest_parse (bad[i], &digest, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_cmpint (digest.bytes[0], ==, 7);
    }
}

static int
open_fixture (const char *dir, gsize size)
{
  g_autofree char *text = g_malloc (size + 1);
  g_autofree char *path = g_build_filename (dir, "file", NULL);
  int fd;

  memset (text, 'x', size);
  text[size] = '\0';
  onward_test_write (dir, "file", text);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  return fd;
}

/* A file is hashed whole, wherever its descriptor stands, and the descriptor stays there. */
static void
test_digest_of_fd (void)
{
  static const gsize sizes[] = { 0, 1, 262143, 262144, 262145, 1000000 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_auto (OnwardFd) fd = open_fixture (dir, sizes[i]);
      g_autofree char *contents = onward_test_read (dir, "file");
      g_autoptr (GError) error = NULL;
      OnwardDigest digest, expected;
      guint64 size = 1;

      onward_digest_of_data (contents, sizes[i], &expected);
      g_assert_cmpint (lseek (fd, (off_t) sizes[i] / 2, SEEK_SET), >=, 0);
      g_assert_true (onward_digest_of_fd (fd, &size, &digest, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (size, ==, sizes[i]);
      g_assert_true (onward_digest_equal (&digest, &expected));
      g_assert_cmpint (lseek (fd, 0, SEEK_CUR), ==, sizes[i] / 2);
    }
}

/* Cancellation passes untouched, an unreadable file is an error, and outputs stay as they were. */
static void
test_digest_of_fd_failures (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_auto (OnwardFd) fd = open_fixture (dir, 10);
  g_auto (OnwardFd) dirfd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  OnwardDigest digest = { { 7 } };
  guint64 size = 7;

  g_cancellable_cancel (cancellable);
  g_assert_false (onward_digest_of_fd (fd, &size, &digest, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_assert_false (onward_digest_of_fd (dirfd, &size, &digest, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_assert_cmpuint (size, ==, 7);
  g_assert_cmpint (digest.bytes[0], ==, 7);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/digest/text", test_digest_text);
  g_test_add_func ("/digest/bad-text", test_digest_bad_text);
  g_test_add_func ("/digest/of-fd", test_digest_of_fd);
  g_test_add_func ("/digest/of-fd/failures", test_digest_of_fd_failures);

  return g_test_run ();
}
