/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <glib/gstdio.h>

#include "onward-pack-fixture.h"
#include "onward-test-golden.h"

/* The folders that the golden packs were made of. */
static void
write_trees (OnwardPackFixture *fixture)
{
  g_autoptr (GBytes) image = onward_test_bytes_random (1, 5000);
  g_autoptr (GBytes) text = onward_test_bytes_text (2, 20000);
  g_autoptr (GBytes) code = onward_test_bytes_code (3, 9000);

  onward_pack_fixture_write (fixture->old_dir, "app", g_bytes_ref (code));
  onward_pack_fixture_write (fixture->old_dir, "data/text", g_bytes_ref (text));
  onward_pack_fixture_write (fixture->old_dir, "data/image", g_bytes_ref (image));
  onward_pack_fixture_write (fixture->new_dir, "app", onward_test_bytes_change (code, 3000));
  onward_pack_fixture_write (fixture->new_dir, "data/image.png",
                             onward_test_bytes_change (image, 3000));
  onward_pack_fixture_write (fixture->new_dir, "data/text-moved", g_bytes_ref (text));
  onward_pack_fixture_write (fixture->new_dir, "data/new", onward_test_bytes_text (4, 300));
  onward_pack_fixture_write (fixture->new_dir, "empty", g_bytes_new_static ("", 0));
  onward_pack_fixture_write (fixture->new_dir, "large", onward_test_bytes_sparse (5, 4 << 20));
}

/* Puts a golden pack where the fixture looks for a pack of its kind. */
static OnwardPackInfo *
install_golden (OnwardPackFixture *fixture, const char *name, OnwardPackKind kind)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", name, NULL);
  g_autofree char *target = NULL;
  g_autofree char *data = NULL;
  g_autoptr (GBytes) blocks = NULL;
  g_autoptr (GError) error = NULL;
  OnwardPackInfo *info;
  OnwardDigest digest;
  guint32 stored_size;
  gsize size = 0;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  onward_digest_of_data (data, size, &digest);
  memcpy (&stored_size, data + 20, sizeof stored_size);
  blocks = g_bytes_new (&digest, sizeof digest);
  info = onward_pack_info_new (kind, kind == ONWARD_PACK_DELTA ? &digest : NULL, &digest, size,
                               24 + GUINT32_FROM_LE (stored_size), ONWARD_PACK_BLOCK_SIZE, blocks);
  target = onward_pack_fixture_dup_path (fixture, info);
  g_file_set_contents (target, data, (gssize) size, &error);
  g_assert_no_error (error);
  return info;
}

/* A full pack of version 1 stays readable for ever. */
static void
test_full_1 (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) info = install_golden (fixture, "pack-1.full", ONWARD_PACK_FULL);

  write_trees (fixture);
  g_assert_cmpuint (onward_pack_fixture_check (fixture, info, fixture->new_dir), ==, 5);
}

/* So does a full pack whose frames are zstd. */
static void
test_zstd_1 (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) info = install_golden (fixture, "pack-1-zstd.full", ONWARD_PACK_FULL);

  write_trees (fixture);
  g_assert_cmpuint (onward_pack_fixture_check (fixture, info, fixture->new_dir), ==, 5);
}

static void
write_arm64_tree (OnwardPackFixture *fixture)
{
  onward_pack_fixture_write (fixture->new_dir, "app", onward_test_bytes_code_arm64 (6, 9000));
  onward_pack_fixture_write (fixture->new_dir, "text", onward_test_bytes_text (7, 300));
}

/* And one with the filter for AArch64, which older programs refuse. */
static void
test_arm64_1 (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) info = install_golden (fixture, "pack-1-arm64.full", ONWARD_PACK_FULL);
  g_autoptr (OnwardPackReader) reader = onward_pack_fixture_open_pack (fixture, info);

  write_arm64_tree (fixture);
  g_assert_cmpint (onward_pack_head_get_frame (onward_pack_reader_get_head (reader), 0)->method, ==,
                   ONWARD_FRAME_LZMA2_ARM64);
  g_assert_cmpuint (onward_pack_fixture_check (fixture, info, fixture->new_dir), ==, 2);
}

/* And a delta pack of version 1, with a delta of version 1 in it. */
static void
test_delta_1 (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) info = install_golden (fixture, "pack-1.delta", ONWARD_PACK_DELTA);
  g_autoptr (OnwardPackReader) reader = onward_pack_fixture_open_pack (fixture, info);
  OnwardPackHead *head = onward_pack_reader_get_head (reader);

  write_trees (fixture);
  g_assert_cmpint (onward_pack_head_get_frame (head, 0)->method, ==, ONWARD_FRAME_DELTA);
  g_assert_cmpuint (onward_pack_fixture_check (fixture, info, fixture->new_dir), ==, 4);
}

/* And one of version 2, which says what changes. */
static void
test_delta_2 (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) info = install_golden (fixture, "pack-2.delta", ONWARD_PACK_DELTA);
  g_autoptr (OnwardPackReader) reader = NULL;
  g_autoptr (GBytes) pack = onward_pack_fixture_read_pack (fixture, info);
  OnwardPackHead *head;

  write_trees (fixture);
  reader = onward_pack_fixture_open_pack (fixture, info);
  head = onward_pack_reader_get_head (reader);
  g_assert_cmpint (((const guint8 *) g_bytes_get_data (pack, NULL))[8], ==, 2);
  g_assert_cmpint (onward_pack_head_get_frame (head, 0)->method, ==, ONWARD_FRAME_TREE_DELTA);
  g_assert_cmpuint (onward_pack_fixture_check (fixture, info, fixture->new_dir), ==, 4);
}

static void
move_pack (OnwardPackFixture *fixture, OnwardPackInfo *info, const char *dir, const char *name)
{
  g_autoptr (GBytes) pack = onward_pack_fixture_read_pack (fixture, info);

  onward_pack_fixture_write (dir, name, g_steal_pointer (&pack));
}

static void
write_golden_arm64 (const char *dir)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) full = NULL;

  write_arm64_tree (fixture);
  full = onward_pack_fixture_write_full (fixture, fixture->new_dir, NULL);
  move_pack (fixture, full, dir, "pack-1-arm64.full");
}

static gboolean
write_golden (const char *dir)
{
  const OnwardPackWriter writer = { ONWARD_COMPRESSION_ZSTD, NULL, NULL };
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardTree) scanned = NULL;
  g_autoptr (OnwardTree) zstd_tree = NULL;
  g_autoptr (OnwardPackInfo) full = NULL;
  g_autoptr (OnwardPackInfo) zstd = NULL;
  g_autoptr (OnwardPackInfo) delta = NULL;
  g_autoptr (GError) error = NULL;
  int dirfd;

  write_trees (fixture);
  dirfd = onward_pack_fixture_open (fixture->new_dir);
  full = onward_pack_fixture_write_full (fixture, fixture->new_dir, &tree);
  delta = onward_pack_fixture_write_delta (fixture, tree);
  scanned = onward_pack_fixture_scan (fixture->new_dir);
  onward_pack_writer_write_full (&writer, dirfd, scanned, fixture->packs, &zstd_tree, &zstd, NULL,
                                 &error);
  g_assert_no_error (error);
  g_close (dirfd, NULL);
  move_pack (fixture, full, dir, "pack-1.full");
  move_pack (fixture, zstd, dir, "pack-1-zstd.full");
  move_pack (fixture, delta, dir, "pack-2.delta");
  write_golden_arm64 (dir);
  return TRUE;
}

static const OnwardTestGolden tests[] = {
  { "/golden/full-1", test_full_1 },   { "/golden/zstd-1", test_zstd_1 },
  { "/golden/arm64-1", test_arm64_1 }, { "/golden/delta-1", test_delta_1 },
  { "/golden/delta-2", test_delta_2 },
};

int
main (int argc, char **argv)
{
  return onward_test_golden_run (argc, argv, tests, G_N_ELEMENTS (tests), write_golden);
}
