/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "onward-fd.h"
#include "onward-pack-fixture.h"

#define SIZE (off_t) (G_GUINT64_CONSTANT (4) * 1024 * 1024 * 1024 + 7)
#define END  "the end"

/* Compares what comes out with zeros, but for the end. */
typedef struct
{
  guint64 size;
  GString *end; /* (owned) */
} Check;

static gboolean
check_piece (guint64 offset, gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  Check *check = user_data;
  const char *piece = data;

  g_assert_cmpuint (offset, ==, check->size);
  check->size += size;
  if (memcmp (piece, piece + 1, size - 1) == 0)
    return TRUE;
  for (gsize i = 0; i < size; i++)
    if (piece[i] != 0)
      g_string_append_c (check->end, piece[i]);
  return TRUE;
}

/* A file of more than 4 GiB is packed, and comes back to its last byte; so does what is beside it,
 * and the file's zeros take no space on the way. */
static void
test_round_trip (void)
{
  const OnwardPackWriter writer = { .compression = ONWARD_COMPRESSION_ZSTD };
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autofree char *path = g_build_filename (fixture->new_dir, "huge", NULL);
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (fixture->new_dir);
  g_auto (OnwardFd) fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  Check check = { 0, g_string_new (NULL) };
  g_autoptr (OnwardPackReader) reader = NULL;
  g_autoptr (OnwardTree) scanned = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (pwrite (fd, END, sizeof END - 1, SIZE), ==, sizeof END - 1);
  onward_pack_fixture_write (fixture->new_dir, "small", onward_test_bytes_text (1, 1000));
  scanned = onward_pack_fixture_scan (fixture->new_dir);
  onward_pack_writer_write_full (&writer, dirfd, scanned, fixture->packs, &tree, &info, NULL,
                                 &error);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_pack_info_get_size (info), <, 1 << 20);

  reader = onward_pack_fixture_open_pack (fixture, info);
  onward_pack_reader_read_frame (reader, onward_tree_lookup (tree, "huge")->frame, check_piece,
                                 &check, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (check.size, ==, (guint64) SIZE + sizeof END - 1);
  g_assert_cmpstr (check.end->str, ==, END);
  g_string_free (check.end, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/pack-writer-large/round-trip", test_round_trip);
  return g_test_run ();
}
