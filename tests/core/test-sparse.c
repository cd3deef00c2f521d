/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "onward-error.h"
#include "onward-fd.h"
#include "onward-sparse.h"
#include "onward-test-forbid.h"

#define PIECE (256 * 1024)

static int
make_file (void)
{
  g_autofree char *dir = g_dir_make_tmp (NULL, NULL);
  int fd = open (dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

  (void) rmdir (dir);
  return fd;
}

/* Whatever comes in whatever order is read again as it was, holes at the end included. */
static void
test_round_trip (void)
{
  const struct
  {
    guint8 byte;
    gsize size;
  } pieces[] = {
    { 0, PIECE }, { 1, 10 }, { 0, 1 }, { 0, 5000 }, { 2, 0 }, { 3, 5000 }, { 0, PIECE }
  };
  g_auto (OnwardFd) fd = make_file ();
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *data = g_malloc0 (PIECE);
  g_autofree guint8 *found = NULL;
  struct stat info;

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      memset (data, pieces[i].byte, PIECE);
      g_assert_true (onward_sparse_write (fd, data, pieces[i].size, &error));
      g_byte_array_append (expected, data, (guint) pieces[i].size);
    }
  g_assert_no_error (error);
  g_assert_cmpint (fstat (fd, &info), ==, 0);
  g_assert_cmpint (info.st_size, ==, expected->len);
  found = g_malloc (expected->len);
  g_assert_cmpint (pread (fd, found, expected->len, 0), ==, expected->len);
  g_assert_cmpmem (found, expected->len, expected->data, expected->len);
}

/* What is all zeros but for one byte is no hole, wherever that byte is. */
static void
test_almost (void)
{
  const gsize places[] = { 0, 1, PIECE / 2, PIECE - 1 };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_auto (OnwardFd) fd = make_file ();
      g_autofree guint8 *data = g_malloc0 (PIECE);
      guint8 byte = 0;

      data[places[i]] = 7;
      g_assert_true (onward_sparse_write (fd, data, PIECE, NULL));
      g_assert_cmpint (pread (fd, &byte, 1, (off_t) places[i]), ==, 1);
      g_assert_cmpuint (byte, ==, 7);
    }
}

/* Zeros beyond 4 GiB take no space, and what follows them is where it belongs. */
static void
test_large (void)
{
  g_auto (OnwardFd) fd = make_file ();
  g_autofree guint8 *data = g_malloc0 (PIECE);
  guint64 n = (G_GUINT64_CONSTANT (1) << 32) / PIECE + 1;
  struct stat info;
  char end[4] = "";

  for (guint64 i = 0; i < n; i++)
    g_assert_true (onward_sparse_write (fd, data, PIECE, NULL));
  g_assert_true (onward_sparse_write (fd, "end", 3, NULL));
  g_assert_cmpint (fstat (fd, &info), ==, 0);
  g_assert_cmpint (info.st_size, ==, (off_t) (n * PIECE + 3));
  g_assert_cmpint (info.st_blocks, <, 1000);
  g_assert_cmpint (pread (fd, end, 3, (off_t) (n * PIECE)), ==, 3);
  g_assert_cmpstr (end, ==, "end");
}

/* A file that cannot be written says so, zeros or not. */
static void
test_refused (void)
{
  g_auto (OnwardFd) fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  g_autofree guint8 *data = g_malloc0 (PIECE);

  for (guint8 byte = 0; byte < 2; byte++)
    {
      g_autoptr (GError) error = NULL;

      data[PIECE / 2] = byte;
      g_assert_false (onward_sparse_write (fd, data, PIECE, &error));
      g_assert_true (error != NULL && error->domain == ONWARD_ERROR);
    }
}

/* Where a file grows by writing alone, that is done, and nothing is lost or doubled. */
static void
test_no_holes (void)
{
  if (g_test_subprocess ())
    {
      onward_test_forbid (SYS_ftruncate, 0, 0, EOPNOTSUPP);
      test_round_trip ();
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/sparse/round-trip", test_round_trip);
  g_test_add_func ("/sparse/almost", test_almost);
  g_test_add_func ("/sparse/large", test_large);
  g_test_add_func ("/sparse/no-holes", test_no_holes);
  g_test_add_func ("/sparse/refused", test_refused);
  return g_test_run ();
}
