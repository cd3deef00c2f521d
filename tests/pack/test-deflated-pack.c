/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <zlib.h>

#include "onward-fd.h"
#include "onward-pack-fixture.h"
#include "onward-pack-need.h"
#include "onward-pack-requirement.h"
#include "onward-test-deflate.h"

static const OnwardTestWay usual = { 6, 8, Z_DEFAULT_STRATEGY };

/* A library as Java has them: members that stay, and one that changes. */
static GBytes *
make_jar (gboolean is_changed)
{
  GByteArray *file = g_byte_array_new ();
  g_autoptr (GBytes) kept = onward_test_deflate_text (1, 60000);
  g_autoptr (GBytes) first = onward_test_deflate_text (2, 50000);
  g_autoptr (GBytes) second = onward_test_deflate_change (first);

  onward_test_deflate_zip (file, "kept.class", kept, &usual, TRUE);
  onward_test_deflate_zip (file, "changed.class", is_changed ? second : first, &usual, TRUE);
  onward_test_deflate_zip (file, "kept.properties", kept, &usual, FALSE);
  onward_test_deflate_zip_end (file, 3);
  return g_byte_array_free_to_bytes (file);
}

static GBytes *
make_gzip (gboolean is_changed)
{
  const OnwardTestWay fast = { 1, 8, Z_DEFAULT_STRATEGY };
  GByteArray *file = g_byte_array_new ();
  g_autoptr (GBytes) first = onward_test_deflate_text (3, 2500000);
  g_autoptr (GBytes) second = onward_test_deflate_change (first);

  onward_test_deflate_gzip (file, is_changed ? second : first, &fast);
  return g_byte_array_free_to_bytes (file);
}

static GBytes *
make_png (gboolean is_changed)
{
  const OnwardTestWay filtered = { 6, 8, Z_FILTERED };
  GByteArray *file = g_byte_array_new ();
  g_autoptr (GBytes) first = onward_test_deflate_text (4, 80000);
  g_autoptr (GBytes) second = onward_test_deflate_change (first);

  onward_test_deflate_png (file, is_changed ? second : first, &filtered, MAX_WBITS, 8192);
  return g_byte_array_free_to_bytes (file);
}

static void
write_trees (OnwardPackFixture *fixture)
{
  onward_pack_fixture_write (fixture->old_dir, "lib/app-1.jar", make_jar (FALSE));
  onward_pack_fixture_write (fixture->new_dir, "lib/app-2.jar", make_jar (TRUE));
  onward_pack_fixture_write (fixture->old_dir, "share/help.gz", make_gzip (FALSE));
  onward_pack_fixture_write (fixture->new_dir, "share/help.gz", make_gzip (TRUE));
  onward_pack_fixture_write (fixture->old_dir, "share/icon.png", make_png (FALSE));
  onward_pack_fixture_write (fixture->new_dir, "share/icon.png", make_png (TRUE));
  onward_pack_fixture_write (fixture->old_dir, "app", onward_test_bytes_text (5, 100000));
  onward_pack_fixture_write (fixture->new_dir, "app", onward_test_bytes_text (5, 100100));
}

/* A tree whose archives changed a little costs a fraction of them, says what it needs, and comes
 * back; also with a folder for what is inflated, in which nothing is left. */
static void
test_tree (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) full = NULL;
  g_autoptr (OnwardPackInfo) delta = NULL;
  const char *const expected[] = { "zlib-1", "zlib-6", NULL };

  write_trees (fixture);
  full = onward_pack_fixture_write_full (fixture, fixture->new_dir, &tree);
  delta = onward_pack_fixture_write_delta (fixture, tree);
  g_assert_cmpuint (onward_pack_info_get_size (full), >, 500000);
  g_assert_cmpuint (onward_pack_info_get_size (delta), <, 4000);
  g_assert_cmpuint (onward_pack_fixture_check (fixture, delta, fixture->new_dir), ==, 4);
  g_assert_true (g_strv_equal (onward_pack_info_get_requirements (delta), expected));
  g_assert_true (onward_pack_requirement_check (delta));
  g_assert_null (onward_pack_info_get_requirements (full)[0]);
  g_assert_true (onward_pack_requirement_check (full));
}

static guint64
guess_scratch (OnwardPackFixture *fixture, OnwardPackInfo *pack)
{
  g_autoptr (OnwardPackReader) reader = onward_pack_fixture_open_pack (fixture, pack);

  return onward_pack_need_scratch (pack, onward_pack_reader_get_head (reader));
}

/* Before anything is fetched it is told what unpacking takes on the disk: the archive that is
 * inflated has to fit. */
static void
test_scratch_is_told (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (GBytes) archive = make_gzip (FALSE);
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) full = NULL;
  g_autoptr (OnwardPackInfo) delta = NULL;
  g_autoptr (OnwardPackInfo) plain = NULL;
  const char *const nothing[] = { NULL };

  write_trees (fixture);
  full = onward_pack_fixture_write_full (fixture, fixture->new_dir, &tree);
  delta = onward_pack_fixture_write_delta (fixture, tree);
  plain = onward_pack_info_new_requiring (delta, nothing);
  g_assert_cmpuint (guess_scratch (fixture, delta), >=, 2 * g_bytes_get_size (archive));
  g_assert_cmpuint (guess_scratch (fixture, delta), <, 6000000);
  g_assert_cmpuint (guess_scratch (fixture, plain), ==, 0);
  g_assert_cmpuint (guess_scratch (fixture, full), ==, 0);
}

/* Whoever cannot do what a pack requires, or does not know what it means, leaves it. */
static void
test_requirements (void)
{
  static const struct
  {
    const char *name;
    gboolean is_met;
  } cases[] = {
    { "gzip", TRUE },     { "gzip-9", FALSE },  { "zlib-1", TRUE },  { "zlib-9", TRUE },
    { "zlib-0", FALSE },  { "zlib-10", FALSE }, { "zlib-", FALSE },  { "zlib", FALSE },
    { "zlib-6x", FALSE }, { "zlib--1", FALSE }, { "zopfli", FALSE },
  };
  const OnwardDigest digest = { { 0 } };
  g_autoptr (GBytes) blocks = g_bytes_new (digest.bytes, sizeof digest.bytes);
  g_autoptr (OnwardPackInfo) pack = onward_pack_info_new (ONWARD_PACK_DELTA, &digest, &digest, 100,
                                                          10, ONWARD_PACK_BLOCK_SIZE, blocks);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *const names[] = { "zlib-6", cases[i].name, NULL };
      g_autoptr (OnwardPackInfo) requiring = onward_pack_info_new_requiring (pack, names);

      g_assert_true (onward_pack_requirement_check (requiring) == cases[i].is_met);
    }
}

static gboolean
drop (guint64 offset, gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  guint64 *total = user_data;

  *total += size;
  return TRUE;
}

static GBytes *
give_gzip (const OnwardDigest *digest, guint64 size, gpointer user_data, GError **error)
{
  return make_gzip (FALSE);
}

/* What is inflated of old content goes to the folder that is set, in a file without a name. */
static void
test_scratch (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autofree char *scratch = g_build_filename (fixture->packs, "scratch", NULL);
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) full = NULL;
  g_autoptr (OnwardPackInfo) delta = NULL;
  g_autoptr (OnwardPackReader) reader = NULL;
  g_autoptr (GDir) left = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (OnwardFd) dirfd = -1;
  guint64 total = 0;

  onward_pack_fixture_write (fixture->old_dir, "help.gz", make_gzip (FALSE));
  onward_pack_fixture_write (fixture->new_dir, "help.gz", make_gzip (TRUE));
  full = onward_pack_fixture_write_full (fixture, fixture->new_dir, &tree);
  delta = onward_pack_fixture_write_delta (fixture, tree);
  reader = onward_pack_fixture_open_pack (fixture, delta);
  onward_pack_reader_set_source (reader, give_gzip, NULL);

  g_assert_cmpint (g_mkdir (scratch, 0700), ==, 0);
  dirfd = onward_pack_fixture_open (scratch);
  onward_pack_reader_set_scratch (reader, dirfd);
  g_assert_true (onward_pack_reader_read_frame (reader, 0, drop, &total, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (total, ==, onward_tree_get_size (tree));
  left = g_dir_open (scratch, 0, NULL);
  g_assert_null (g_dir_read_name (left));

  g_assert_cmpint (g_rmdir (scratch), ==, 0);
  g_assert_false (onward_pack_reader_read_frame (reader, 0, drop, &total, NULL, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/deflated-pack/tree", test_tree);
  g_test_add_func ("/deflated-pack/scratch-is-told", test_scratch_is_told);
  g_test_add_func ("/deflated-pack/requirements", test_requirements);
  g_test_add_func ("/deflated-pack/scratch", test_scratch);
  return g_test_run ();
}
