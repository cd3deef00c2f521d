/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <unistd.h>

#include "onward-digest.h"
#include "onward-fd.h"
#include "onward-paced-server.h"
#include "onward-test.h"
#include "onward-transfer-fixture.h"

#define BLOCK (64 * 1024)
#define MIB   (G_GUINT64_CONSTANT (1) << 20)

/* Digests for the blocks that are wanted; the others are none of anybody's business. */
static GBytes *
make_digests (guint64 size, guint32 block_size, const OnwardRanges *wanted)
{
  guint64 count = (size + block_size - 1) / block_size;
  g_autofree guint8 *data = g_malloc (block_size);
  OnwardDigest *digests = g_new0 (OnwardDigest, count);

  for (guint64 block = 0; block < count; block++)
    {
      guint64 start = block * block_size;
      guint64 end = MIN (start + block_size, size);

      if (!onward_ranges_contain (wanted, start, end))
        continue;
      onward_paced_server_fill (start, data, (gsize) (end - start));
      onward_digest_of_data (data, (gsize) (end - start), &digests[block]);
    }
  return g_bytes_new_take (digests, (gsize) count * sizeof *digests);
}

static void
check_file (const char *path, const OnwardRanges *wanted)
{
  g_auto (OnwardFd) fd = open (path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  for (guint i = 0; i < onward_ranges_get_count (wanted); i++)
    {
      const OnwardRange *range = onward_ranges_get (wanted, i);
      gsize size = (gsize) (range->end - range->start);
      g_autofree guint8 *expected = g_malloc (size);
      g_autofree guint8 *actual = g_malloc (size);

      onward_paced_server_fill (range->start, expected, size);
      g_assert_cmpint (pread (fd, actual, size, (off_t) range->start), ==, (gssize) size);
      g_assert_cmpmem (actual, size, expected, size);
    }
}

/* Fetches @wanted of a file of @size from one or two servers and checks it; says what it cost. */
static guint64
fetch (const char *const *uris, guint64 size, guint32 block_size, const OnwardRanges *wanted)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "part", NULL);
  g_autoptr (GBytes) digests = make_digests (size, block_size, wanted);
  OnwardTransferSpec spec = { uris, path, size, block_size, digests, 3 };
  g_autoptr (OnwardFetcher) fetcher = onward_fetcher_new (FALSE);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_new (fetcher, &spec);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < onward_ranges_get_count (wanted); i++)
    onward_transfer_want (transfer, onward_ranges_get (wanted, i)->start,
                          onward_ranges_get (wanted, i)->end);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_transfer_get_bytes_done (transfer), ==,
                    onward_ranges_get_length (wanted));
  check_file (path, wanted);
  return onward_transfer_get_bytes_on_wire (transfer);
}

/* Where every connection is slow, several work on the file, and hardly a byte comes twice. */
static void
test_lanes_spread (void)
{
  g_autoptr (OnwardRanges) wanted = onward_ranges_parse ("0-8388608", 8 * MIB);
  g_autoptr (OnwardPacedServer) server = onward_paced_server_new (8 * MIB, 4);
  const char *uris[] = { onward_paced_server_get_uri (server), NULL };
  guint64 on_wire = fetch (uris, 8 * MIB, BLOCK, wanted);

  g_assert_cmpuint (onward_paced_server_get_most (server), >=, 2);
  g_assert_cmpuint (onward_paced_server_get_most (server), <=, 5);
  g_assert_cmpuint (onward_paced_server_get_served (server), >=, 4);
  g_assert_cmpuint (on_wire, >=, 8 * MIB);
  g_assert_cmpuint (on_wire, <=, 10 * MIB);
}

/* With two addresses, both are put to work. */
static void
test_lanes_two_addresses (void)
{
  g_autoptr (OnwardRanges) wanted = onward_ranges_parse ("0-8388608", 8 * MIB);
  g_autoptr (OnwardPacedServer) one = onward_paced_server_new (8 * MIB, 4);
  g_autoptr (OnwardPacedServer) other = onward_paced_server_new (8 * MIB, 4);
  const char *uris[] = { onward_paced_server_get_uri (one), onward_paced_server_get_uri (other),
                         NULL };

  (void) fetch (uris, 8 * MIB, BLOCK, wanted);
  g_assert_cmpuint (onward_paced_server_get_served (one), >=, 1);
  g_assert_cmpuint (onward_paced_server_get_served (other), >=, 1);
}

/* Where one connection will do, there is one. */
static void
test_lanes_alone (void)
{
  g_autoptr (OnwardRanges) wanted = onward_ranges_parse ("0-33554432", 32 * MIB);
  g_autoptr (OnwardPacedServer) server = onward_paced_server_new (32 * MIB, 0);
  const char *uris[] = { onward_paced_server_get_uri (server), NULL };

  g_setenv ("ONWARD_TEST_CROWD_MS", "1000", TRUE);
  g_assert_cmpuint (fetch (uris, 32 * MIB, BLOCK, wanted), ==, 32 * MIB);
  g_assert_cmpuint (onward_paced_server_get_served (server), ==, 1);
  g_setenv ("ONWARD_TEST_CROWD_MS", "20", TRUE);
}

/* What is asked of an address one after the other takes one connection, which need not be made
 * anew. */
static void
test_lanes_keep_the_connection (void)
{
  g_autoptr (OnwardRanges) wanted =
      onward_ranges_parse ("0-65536,131072-262144,524288-1048576", MIB);
  g_autoptr (OnwardPacedServer) server = onward_paced_server_new (MIB, 0);
  const char *uris[] = { onward_paced_server_get_uri (server), NULL };

  g_setenv ("ONWARD_TEST_CROWD_MS", "1000", TRUE);
  (void) fetch (uris, MIB, BLOCK, wanted);
  g_assert_cmpuint (onward_paced_server_get_served (server), ==, 3);
  g_assert_cmpuint (onward_paced_server_get_connections (server), ==, 1);
  g_setenv ("ONWARD_TEST_CROWD_MS", "20", TRUE);
}

/* Sizes and places beyond 2^31 and 2^32 are right, and take no room where nothing is wanted. */
static void
test_lanes_beyond_four_gibibytes (void)
{
  static const guint64 sizes[] = { (G_GUINT64_CONSTANT (1) << 31) - 1, G_GUINT64_CONSTANT (1) << 31,
                                   G_GUINT64_CONSTANT (1) << 32,
                                   (G_GUINT64_CONSTANT (1) << 32) + 5 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (OnwardRanges) wanted = onward_ranges_new ();
      g_autoptr (OnwardPacedServer) server = onward_paced_server_new (sizes[i], 0);
      const char *uris[] = { onward_paced_server_get_uri (server), NULL };
      guint64 last = (sizes[i] - 1) / MIB * MIB;

      onward_ranges_add (wanted, last, sizes[i]);
      onward_ranges_add (wanted, 1023 * MIB, 1025 * MIB);
      if (sizes[i] > 2049 * MIB)
        onward_ranges_add (wanted, 2047 * MIB, 2049 * MIB);
      g_assert_cmpuint (fetch (uris, sizes[i], MIB, wanted), ==, onward_ranges_get_length (wanted));
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1", TRUE);
  g_setenv ("ONWARD_TEST_DEADLINE_MS", "500", TRUE);
  g_setenv ("ONWARD_TEST_CROWD_MS", "20", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lanes/spread", test_lanes_spread);
  g_test_add_func ("/lanes/two-addresses", test_lanes_two_addresses);
  g_test_add_func ("/lanes/alone", test_lanes_alone);
  g_test_add_func ("/lanes/keep-the-connection", test_lanes_keep_the_connection);
  g_test_add_func ("/lanes/beyond-four-gibibytes", test_lanes_beyond_four_gibibytes);
  return g_test_run ();
}
