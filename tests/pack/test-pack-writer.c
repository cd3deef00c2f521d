/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "onward-error.h"
#include "onward-fd.h"
#include "onward-pack-fixture.h"
#include "onward-pack-requirement.h"

static guint
count_files (const char *dir)
{
  g_autoptr (GDir) opened = g_dir_open (dir, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (opened) != NULL)
    n++;
  return n;
}

static void
assert_full_round_trip (OnwardPackFixture *fixture, guint n_carried)
{
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) info =
      onward_pack_fixture_write_full (fixture, fixture->new_dir, &tree);
  g_autoptr (OnwardPackReader) reader = onward_pack_fixture_open_pack (fixture, info);
  OnwardPackHead *head = onward_pack_reader_get_head (reader);

  g_assert_cmpint (onward_pack_head_get_kind (head), ==, ONWARD_PACK_FULL);
  g_assert_true (onward_digest_equal (onward_tree_get_digest (onward_pack_head_get_tree (head)),
                                      onward_tree_get_digest (tree)));
  g_assert_cmpuint (onward_pack_fixture_check (fixture, info, fixture->new_dir), ==, n_carried);
}

/* The digests that a release document names are those of the file and of its blocks. */
static void
assert_digests (OnwardPackFixture *fixture, OnwardPackInfo *info)
{
  g_autoptr (GBytes) pack = onward_pack_fixture_read_pack (fixture, info);
  const guint8 *blocks = g_bytes_get_data (onward_pack_info_get_blocks (info), NULL);
  gsize size = g_bytes_get_size (pack);
  OnwardDigest digest;

  onward_digest_of_bytes (pack, &digest);
  g_assert_cmpuint (onward_pack_info_get_size (info), ==, size);
  g_assert_true (onward_digest_equal (&digest, onward_pack_info_get_digest (info)));
  g_assert_cmpuint (g_bytes_get_size (onward_pack_info_get_blocks (info)), ==,
                    (size + ONWARD_PACK_BLOCK_SIZE - 1) / ONWARD_PACK_BLOCK_SIZE * 32);
  for (gsize start = 0; start < size; start += ONWARD_PACK_BLOCK_SIZE)
    {
      gsize length = MIN (size - start, ONWARD_PACK_BLOCK_SIZE);

      onward_digest_of_data ((const guint8 *) g_bytes_get_data (pack, NULL) + start, length,
                             &digest);
      g_assert_cmpmem (digest.bytes, 32, blocks + start / ONWARD_PACK_BLOCK_SIZE * 32, 32);
    }
}

/* A tree with nothing to carry has a pack of a head alone. */
static void
test_nothing (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) info = NULL;

  onward_pack_fixture_write (fixture->new_dir, "empty", g_bytes_new_static ("", 0));
  onward_pack_fixture_write (fixture->new_dir, "dir/empty", g_bytes_new_static ("", 0));
  info = onward_pack_fixture_write_full (fixture, fixture->new_dir, NULL);
  g_assert_cmpuint (onward_pack_info_get_size (info), ==, onward_pack_info_get_head_size (info));
  assert_full_round_trip (fixture, 0);
}

/* Small, large, empty, equal, random and executable files all come back. */
static void
test_shapes (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  const char *dir = fixture->new_dir;
  g_autofree char *link = g_build_filename (dir, "link", NULL);
  g_autoptr (OnwardPackInfo) info = NULL;

  onward_pack_fixture_write (dir, "empty", g_bytes_new_static ("", 0));
  onward_pack_fixture_write (dir, "one", g_bytes_new_static ("1", 1));
  onward_pack_fixture_write (dir, "text/a.txt", onward_test_bytes_text (1, 5000));
  onward_pack_fixture_write (dir, "text/b.txt", onward_test_bytes_text (1, 5000));
  onward_pack_fixture_write (dir, "text/c.txt", onward_test_bytes_text (2, 70000));
  onward_pack_fixture_write (dir, "large.bin", onward_test_bytes_sparse (3, 5 << 20));
  onward_pack_fixture_write (dir, "photo.png", onward_test_bytes_random (4, 300000));
  onward_pack_fixture_write (dir, "bin/app", onward_test_bytes_code (5, 200000));
  onward_pack_fixture_write (dir, "bin/edge", onward_test_bytes_sparse (6, 4 << 20));
  g_assert_cmpint (symlink ("one", link), ==, 0);

  assert_full_round_trip (fixture, 8);
  info = onward_pack_fixture_write_full (fixture, dir, NULL);
  assert_digests (fixture, info);
}

/* Equal files are carried once, and executables are filtered. */
static void
test_methods (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackReader) reader = NULL;
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  OnwardPackHead *head;

  onward_pack_fixture_write (fixture->new_dir, "a.txt", onward_test_bytes_text (1, 9000));
  onward_pack_fixture_write (fixture->new_dir, "b.txt", onward_test_bytes_text (1, 9000));
  onward_pack_fixture_write (fixture->new_dir, "app", onward_test_bytes_code (2, 9000));
  onward_pack_fixture_write (fixture->new_dir, "arm", onward_test_bytes_code_arm64 (3, 9000));
  info = onward_pack_fixture_write_full (fixture, fixture->new_dir, &tree);
  reader = onward_pack_fixture_open_pack (fixture, info);
  head = onward_pack_reader_get_head (reader);

  g_assert_cmpuint (onward_pack_head_get_n_frames (head), ==, 3);
  g_assert_cmpint (onward_pack_head_get_frame (head, 0)->method, ==, ONWARD_FRAME_LZMA2_ARM64);
  g_assert_cmpint (onward_pack_head_get_frame (head, 1)->method, ==, ONWARD_FRAME_LZMA2_X86);
  g_assert_cmpint (onward_pack_head_get_frame (head, 2)->method, ==, ONWARD_FRAME_LZMA2);
  g_assert_cmpuint (onward_pack_head_get_frame (head, 2)->size, ==, 9000);
  g_assert_cmpuint (onward_tree_lookup (tree, "a.txt")->frame, ==, 2);
  g_assert_cmpuint (onward_tree_lookup (tree, "b.txt")->frame, ==, 2);
  g_assert_true (onward_pack_requirement_check (info));
  g_assert_cmpstr (onward_pack_info_get_requirements (info)[0], ==, "lzma-arm64");
  g_assert_null (onward_pack_info_get_requirements (info)[1]);
}

/* Random bytes are stored as they are, and that requires nothing. */
static void
test_random (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackReader) reader = NULL;
  g_autoptr (OnwardPackInfo) info = NULL;

  onward_pack_fixture_write (fixture->new_dir, "z.png", onward_test_bytes_random (3, 9000));
  info = onward_pack_fixture_write_full (fixture, fixture->new_dir, NULL);
  reader = onward_pack_fixture_open_pack (fixture, info);
  g_assert_cmpint (onward_pack_head_get_frame (onward_pack_reader_get_head (reader), 0)->method, ==,
                   ONWARD_FRAME_STORED);
  g_assert_null (onward_pack_info_get_requirements (info)[0]);
  g_assert_cmpuint (onward_pack_fixture_check (fixture, info, fixture->new_dir), ==, 1);
}

/* Thousands of tiny files share a few frames and come back. */
static void
test_many (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autoptr (OnwardPackReader) reader = NULL;

  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *name = g_strdup_printf ("icons/%02u/icon-%u.js", i % 50, i);

      onward_pack_fixture_write (fixture->new_dir, name, onward_test_bytes_text (i, 300));
    }
  assert_full_round_trip (fixture, 3000);
  info = onward_pack_fixture_write_full (fixture, fixture->new_dir, NULL);
  reader = onward_pack_fixture_open_pack (fixture, info);
  g_assert_cmpuint (onward_pack_head_get_n_frames (onward_pack_reader_get_head (reader)), ==, 1);
}

/* Two runs over two equal folders give the same pack, however the work fell on the cores. */
static void
test_deterministic (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  const char *dirs[] = { fixture->new_dir, fixture->old_dir };
  g_autoptr (OnwardPackInfo) first = NULL;
  g_autoptr (OnwardPackInfo) second = NULL;

  for (guint i = 0; i < 2 * 40; i++)
    {
      guint n = i < 40 ? i : 79 - i;
      g_autofree char *small = g_strdup_printf ("file-%u.x%u", n, n % 3);
      g_autofree char *large = g_strdup_printf ("large-%u", n);

      onward_pack_fixture_write (dirs[i / 40], small, onward_test_bytes_text (n, 5000 + n));
      if (n % 5 == 0)
        onward_pack_fixture_write (dirs[i / 40], large,
                                   onward_test_bytes_sparse (n, (4 << 20) + n % 2));
    }
  first = onward_pack_fixture_write_full (fixture, dirs[0], NULL);
  second = onward_pack_fixture_write_full (fixture, dirs[1], NULL);
  g_assert_true (onward_digest_equal (onward_pack_info_get_digest (first),
                                      onward_pack_info_get_digest (second)));
  g_assert_cmpuint (count_files (fixture->packs), ==, 1);
}

/* With zstd, frames are zstd frames and come back the same. */
static void
test_zstd (void)
{
  const OnwardPackWriter writer = { ONWARD_COMPRESSION_ZSTD, NULL, NULL };
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (fixture->new_dir);
  g_autoptr (OnwardTree) scanned = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autoptr (OnwardPackReader) reader = NULL;
  g_autoptr (GError) error = NULL;

  onward_pack_fixture_write (fixture->new_dir, "a", onward_test_bytes_text (1, 9000));
  scanned = onward_pack_fixture_scan (fixture->new_dir);
  onward_pack_writer_write_full (&writer, dirfd, scanned, fixture->packs, &tree, &info, NULL,
                                 &error);
  g_assert_no_error (error);
  reader = onward_pack_fixture_open_pack (fixture, info);
  g_assert_cmpint (onward_pack_head_get_frame (onward_pack_reader_get_head (reader), 0)->method, ==,
                   ONWARD_FRAME_ZSTD);
  g_assert_cmpuint (onward_pack_fixture_check (fixture, info, fixture->new_dir), ==, 1);
}

static void
assert_refused (OnwardPackFixture *fixture, OnwardTree *scanned, const char *named)
{
  const OnwardPackWriter writer = { ONWARD_COMPRESSION_LZMA, NULL, NULL };
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (fixture->new_dir);
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (onward_pack_writer_write_full (&writer, dirfd, scanned, fixture->packs, &tree,
                                                 &info, NULL, &error));
  g_assert_true (error->domain == ONWARD_ERROR);
  g_assert_nonnull (strstr (error->message, named));
  g_assert_null (tree);
  g_assert_null (info);
  g_assert_cmpuint (count_files (fixture->packs), ==, 0);
}

/* A file that changes, grows, shrinks or vanishes after the scan is named, and no pack is left. */
static void
test_changed (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardTree) scanned = NULL;
  g_autofree char *path = g_build_filename (fixture->new_dir, "dir/moving.txt", NULL);

  onward_pack_fixture_write (fixture->new_dir, "dir/moving.txt", g_bytes_new_static ("one", 3));
  onward_pack_fixture_write (fixture->new_dir, "dir/other.txt", g_bytes_new_static ("rest", 4));
  scanned = onward_pack_fixture_scan (fixture->new_dir);

  onward_pack_fixture_write (fixture->new_dir, "dir/moving.txt", g_bytes_new_static ("two", 3));
  assert_refused (fixture, scanned, "dir/moving.txt");
  onward_pack_fixture_write (fixture->new_dir, "dir/moving.txt", g_bytes_new_static ("ones", 4));
  assert_refused (fixture, scanned, "dir/moving.txt");
  onward_pack_fixture_write (fixture->new_dir, "dir/moving.txt", g_bytes_new_static ("on", 2));
  assert_refused (fixture, scanned, "dir/moving.txt");
  g_assert_cmpint (g_unlink (path), ==, 0);
  assert_refused (fixture, scanned, "dir/moving.txt");
}

typedef struct
{
  guint64 done;
  guint64 total;
  GCancellable *cancellable; /* (unowned) (nullable): cancelled at the first step */
} Progress;

static void
on_progress (guint64 done, guint64 total, gpointer user_data)
{
  Progress *progress = user_data;

  g_assert_cmpuint (done, >=, progress->done);
  g_assert_cmpuint (done, <=, total);
  progress->done = done;
  progress->total = total;
  if (progress->cancellable != NULL)
    g_cancellable_cancel (progress->cancellable);
}

/* Progress grows to the whole, each content counted once. */
static void
test_progress (void)
{
  Progress progress = { 0 };
  const OnwardPackWriter writer = { ONWARD_COMPRESSION_LZMA, on_progress, &progress };
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (fixture->new_dir);
  g_autoptr (OnwardTree) scanned = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  onward_pack_fixture_write (fixture->new_dir, "a", onward_test_bytes_text (1, 9000));
  onward_pack_fixture_write (fixture->new_dir, "b", onward_test_bytes_text (1, 9000));
  onward_pack_fixture_write (fixture->new_dir, "c", onward_test_bytes_code (2, 1000));
  scanned = onward_pack_fixture_scan (fixture->new_dir);
  onward_pack_writer_write_full (&writer, dirfd, scanned, fixture->packs, &tree, &info, NULL,
                                 &error);
  g_assert_no_error (error);
  g_assert_cmpuint (progress.done, ==, 10000);
  g_assert_cmpuint (progress.total, ==, 10000);
}

typedef struct
{
  guint64 memory;
  guint64 seconds;
  guint count;
} Forecast;

static void
on_forecast (guint64 memory, guint64 seconds, gpointer user_data)
{
  Forecast *forecast = user_data;

  forecast->memory = memory;
  forecast->seconds = seconds;
  forecast->count++;
}

/* What a pack takes is told once, before it is begun, and grows with the frames that are made at
 * the same time. */
static void
test_forecast (void)
{
  Forecast forecast = { 0 };
  const OnwardPackWriter writer = { .forecast = on_forecast, .forecast_data = &forecast };
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (fixture->new_dir);
  guint64 least = 0;

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);
      g_autoptr (OnwardTree) scanned = NULL;
      g_autoptr (OnwardTree) tree = NULL;
      g_autoptr (OnwardPackInfo) info = NULL;
      g_autoptr (GError) error = NULL;

      onward_pack_fixture_write (fixture->new_dir, name,
                                 onward_test_bytes_sparse (i, (16 << 20) + i));
      scanned = onward_pack_fixture_scan (fixture->new_dir);
      onward_pack_writer_write_full (&writer, dirfd, scanned, fixture->packs, &tree, &info, NULL,
                                     &error);
      g_assert_no_error (error);
      g_assert_cmpuint (forecast.count, ==, i + 1);
      g_assert_cmpuint (forecast.seconds, ==, (i + 1) * 11);
      if (i == 0)
        least = forecast.memory;
    }
  g_assert_cmpuint (least, >, 150 << 20);
  g_assert_cmpuint (least, <, 250 << 20);
  g_assert_cmpuint (forecast.memory, ==, least * MIN (2, g_get_num_processors ()));
}

/* Cancelling in the middle of the work stops it and leaves nothing behind. */
static void
test_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Progress progress = { .cancellable = cancellable };
  const OnwardPackWriter writer = { ONWARD_COMPRESSION_LZMA, on_progress, &progress };
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (fixture->new_dir);
  g_autoptr (OnwardTree) scanned = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  onward_pack_fixture_write (fixture->new_dir, "quick", onward_test_bytes_sparse (0, 4 << 20));
  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *name = g_strdup_printf ("slow-%u", i);

      onward_pack_fixture_write (fixture->new_dir, name, onward_test_bytes_text (i, 1 << 20));
    }
  scanned = onward_pack_fixture_scan (fixture->new_dir);
  g_assert_false (onward_pack_writer_write_full (&writer, dirfd, scanned, fixture->packs, &tree,
                                                 &info, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (progress.done, <, progress.total);
  g_assert_cmpuint (count_files (fixture->packs), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/pack-writer/nothing", test_nothing);
  g_test_add_func ("/pack-writer/shapes", test_shapes);
  g_test_add_func ("/pack-writer/methods", test_methods);
  g_test_add_func ("/pack-writer/random", test_random);
  g_test_add_func ("/pack-writer/many", test_many);
  g_test_add_func ("/pack-writer/deterministic", test_deterministic);
  g_test_add_func ("/pack-writer/zstd", test_zstd);
  g_test_add_func ("/pack-writer/changed", test_changed);
  g_test_add_func ("/pack-writer/progress", test_progress);
  g_test_add_func ("/pack-writer/forecast", test_forecast);
  g_test_add_func ("/pack-writer/cancelled", test_cancelled);
  return g_test_run ();
}
