/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <glib/gstdio.h>

#include "onward-error.h"
#include "onward-fd.h"
#include "onward-pack-fixture.h"

static OnwardPackInfo *
write_both (OnwardPackFixture *fixture, OnwardPackInfo **ret_full)
{
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) full =
      onward_pack_fixture_write_full (fixture, fixture->new_dir, &tree);
  g_autoptr (OnwardTree) old_tree = onward_pack_fixture_scan (fixture->old_dir);
  g_autoptr (OnwardPackInfo) delta = onward_pack_fixture_write_delta (fixture, tree);
  g_autoptr (OnwardPackReader) reader = onward_pack_fixture_open_pack (fixture, delta);
  OnwardPackHead *head = onward_pack_reader_get_head (reader);

  g_assert_cmpint (onward_pack_info_get_kind (delta), ==, ONWARD_PACK_DELTA);
  g_assert_true (
      onward_digest_equal (onward_pack_info_get_from (delta), onward_tree_get_digest (old_tree)));
  g_assert_true (onward_digest_equal (onward_tree_get_digest (onward_pack_head_get_tree (head)),
                                      onward_tree_get_digest (tree)));
  if (ret_full != NULL)
    *ret_full = g_steal_pointer (&full);
  return g_steal_pointer (&delta);
}

static const OnwardFrame *
find_frame (OnwardPackReader *reader, const char *path)
{
  OnwardPackHead *head = onward_pack_reader_get_head (reader);
  guint64 offset;
  guint frame;

  if (!onward_pack_head_locate (head, onward_tree_lookup (onward_pack_head_get_tree (head), path),
                                &frame, &offset))
    return NULL;
  return onward_pack_head_get_frame (head, frame);
}

/* Changed, new and moved files are rebuilt together from all that changed or vanished; what is
 * anywhere in the old tree does not travel. */
static void
test_ways (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackReader) reader = NULL;
  g_autoptr (OnwardPackInfo) full = NULL;
  g_autoptr (OnwardPackInfo) delta = NULL;
  g_autoptr (GBytes) app = onward_test_bytes_random (1, 400000);
  g_autoptr (GBytes) moved = onward_test_bytes_random (2, 100000);
  g_autoptr (GBytes) same = onward_test_bytes_text (3, 100000);

  onward_pack_fixture_write (fixture->old_dir, "app", g_bytes_ref (app));
  onward_pack_fixture_write (fixture->old_dir, "v1/library.so", g_bytes_ref (moved));
  onward_pack_fixture_write (fixture->old_dir, "same", g_bytes_ref (same));
  onward_pack_fixture_write (fixture->old_dir, "deleted", onward_test_bytes_text (4, 9000));
  onward_pack_fixture_write (fixture->new_dir, "app", onward_test_bytes_change (app, 70000));
  onward_pack_fixture_write (fixture->new_dir, "v2/library.so",
                             onward_test_bytes_change (moved, 30000));
  onward_pack_fixture_write (fixture->new_dir, "renamed", g_bytes_ref (same));
  onward_pack_fixture_write (fixture->new_dir, "new-1", onward_test_bytes_text (5, 9000));
  onward_pack_fixture_write (fixture->new_dir, "new-2", onward_test_bytes_text (6, 9000));
  onward_pack_fixture_write (fixture->new_dir, "empty", g_bytes_new_static ("", 0));

  delta = write_both (fixture, &full);
  g_assert_cmpuint (onward_pack_info_get_size (delta), <, onward_pack_info_get_size (full) / 20);
  g_assert_cmpuint (onward_pack_fixture_check (fixture, delta, fixture->new_dir), ==, 4);

  reader = onward_pack_fixture_open_pack (fixture, delta);
  g_assert_cmpint (find_frame (reader, "app")->method, ==, ONWARD_FRAME_TREE_DELTA);
  g_assert_cmpuint (find_frame (reader, "app")->references->len, ==, 3);
  g_assert_cmpuint (g_array_index (find_frame (reader, "app")->references, OnwardReference, 0).size,
                    ==, 400000);
  g_assert_true (find_frame (reader, "app") == find_frame (reader, "v2/library.so"));
  g_assert_true (find_frame (reader, "app") == find_frame (reader, "new-1"));
  g_assert_true (find_frame (reader, "app") == find_frame (reader, "new-2"));
  g_assert_null (find_frame (reader, "renamed"));
  g_assert_null (find_frame (reader, "empty"));
}

/* A file with nothing in common with its old version travels whole, beside other such files. */
static void
test_unlike (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackReader) reader = NULL;
  g_autoptr (OnwardPackInfo) delta = NULL;

  onward_pack_fixture_write (fixture->old_dir, "a", onward_test_bytes_random (1, 60000));
  onward_pack_fixture_write (fixture->old_dir, "b", onward_test_bytes_random (2, 60000));
  onward_pack_fixture_write (fixture->old_dir, "tiny", g_bytes_new_static ("old", 3));
  onward_pack_fixture_write (fixture->new_dir, "a", onward_test_bytes_random (3, 60000));
  onward_pack_fixture_write (fixture->new_dir, "b", onward_test_bytes_random (4, 60000));
  onward_pack_fixture_write (fixture->new_dir, "tiny", g_bytes_new_static ("new", 3));

  delta = write_both (fixture, NULL);
  reader = onward_pack_fixture_open_pack (fixture, delta);
  g_assert_cmpuint (onward_pack_head_get_n_frames (onward_pack_reader_get_head (reader)), ==, 1);
  g_assert_cmpint (find_frame (reader, "a")->method, ==, ONWARD_FRAME_STORED);
  g_assert_cmpuint (onward_pack_fixture_check (fixture, delta, fixture->new_dir), ==, 3);
}

/* Between equal trees, and to and from an empty one, there is a pack, too. */
static void
test_edges (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) same = NULL;
  g_autoptr (OnwardPackInfo) from_empty = NULL;
  g_autoptr (OnwardPackInfo) to_empty = NULL;
  g_autofree char *path = g_build_filename (fixture->new_dir, "a", NULL);

  onward_pack_fixture_write (fixture->old_dir, "a", g_bytes_new_static ("", 0));
  onward_pack_fixture_write (fixture->new_dir, "a", onward_test_bytes_text (1, 5000));
  from_empty = write_both (fixture, NULL);
  g_assert_cmpuint (onward_pack_fixture_check (fixture, from_empty, fixture->new_dir), ==, 1);

  onward_pack_fixture_write (fixture->old_dir, "a", onward_test_bytes_text (1, 5000));
  same = write_both (fixture, NULL);
  g_assert_cmpuint (onward_pack_info_get_size (same), ==, onward_pack_info_get_head_size (same));
  g_assert_cmpuint (onward_pack_fixture_check (fixture, same, fixture->new_dir), ==, 0);

  onward_pack_fixture_write (fixture->new_dir, "a", g_bytes_new_static ("", 0));
  to_empty = write_both (fixture, NULL);
  g_assert_cmpuint (onward_pack_fixture_check (fixture, to_empty, fixture->new_dir), ==, 0);
}

/* The same two folders give the same pack, however the work fell on the cores. */
static void
test_deterministic (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) first = NULL;
  g_autoptr (OnwardPackInfo) second = NULL;

  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *name = g_strdup_printf ("dir-%u/file-%u", i % 4, i);
      g_autoptr (GBytes) bytes = onward_test_bytes_text (i, 30000 + i * 1000);

      onward_pack_fixture_write (fixture->new_dir, name, onward_test_bytes_change (bytes, 7000));
      if (i % 3 != 0)
        onward_pack_fixture_write (fixture->old_dir, name, g_steal_pointer (&bytes));
    }
  first = write_both (fixture, NULL);
  second = write_both (fixture, NULL);
  g_assert_true (onward_digest_equal (onward_pack_info_get_digest (first),
                                      onward_pack_info_get_digest (second)));
  g_assert_cmpuint (onward_pack_fixture_check (fixture, first, fixture->new_dir), ==, 30);
}

/* An old folder that is no longer what its tree says is an error that names the file. */
static void
test_changed_old (void)
{
  const OnwardPackWriter writer = { ONWARD_COMPRESSION_LZMA, NULL, NULL };
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_auto (OnwardFd) old_dirfd = onward_pack_fixture_open (fixture->old_dir);
  g_auto (OnwardFd) new_dirfd = onward_pack_fixture_open (fixture->new_dir);
  g_autoptr (OnwardTree) old_tree = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) full = NULL;
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  onward_pack_fixture_write (fixture->old_dir, "bin/app", onward_test_bytes_random (1, 5000));
  onward_pack_fixture_write (fixture->new_dir, "bin/app", onward_test_bytes_random (2, 5000));
  old_tree = onward_pack_fixture_scan (fixture->old_dir);
  full = onward_pack_fixture_write_full (fixture, fixture->new_dir, &tree);
  onward_pack_fixture_write (fixture->old_dir, "bin/app", onward_test_bytes_random (3, 5000));

  g_assert_false (onward_pack_writer_write_delta (&writer, old_dirfd, old_tree, new_dirfd, tree,
                                                  fixture->packs, &info, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "bin/app"));
  g_assert_null (info);
}

/* What a writer told. */
typedef struct
{
  guint n_forecasts;
  guint64 memory;
  guint64 seconds;
  guint64 done;
  guint64 total;
} Told;

static void
on_forecast (guint64 memory, guint64 seconds, gpointer user_data)
{
  Told *told = user_data;

  g_assert_cmpuint (told->done, ==, 0);
  told->n_forecasts++;
  told->memory = memory;
  told->seconds = seconds;
}

static void
on_progress (guint64 done, guint64 total, gpointer user_data)
{
  Told *told = user_data;

  g_assert_cmpuint (told->n_forecasts, ==, 1);
  g_assert_cmpuint (done, >=, told->done);
  g_assert_cmpuint (done, <=, total);
  told->done = done;
  told->total = total;
}

static guint64
write_told (OnwardPackFixture *fixture, OnwardTree *tree, OnwardDeltaEffort effort, Told *told)
{
  const OnwardPackWriter writer = { .progress = on_progress,
                                    .progress_data = told,
                                    .effort = effort,
                                    .forecast = on_forecast,
                                    .forecast_data = told };
  g_autoptr (OnwardTree) old_tree = onward_pack_fixture_scan (fixture->old_dir);
  g_auto (OnwardFd) old_dirfd = onward_pack_fixture_open (fixture->old_dir);
  g_auto (OnwardFd) new_dirfd = onward_pack_fixture_open (fixture->new_dir);
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  onward_pack_writer_write_delta (&writer, old_dirfd, old_tree, new_dirfd, tree, fixture->packs,
                                  &info, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_pack_fixture_check (fixture, info, fixture->new_dir), >, 0);
  return onward_pack_info_get_size (info);
}

/* What deltas take is told before, and how far they are while they are made, whatever the effort;
 * also of a content so large that a delta of it is only compared when it is not clearly smaller. */
static void
test_told (void)
{
  const gsize size = 17 << 20;

  for (OnwardDeltaEffort effort = ONWARD_DELTA_BEST; effort <= ONWARD_DELTA_FAST; effort++)
    {
      g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
      g_autoptr (GBytes) old_bytes = effort == ONWARD_DELTA_FAST
                                         ? onward_test_bytes_random (1, size)
                                         : onward_test_bytes_sparse (1, size);
      g_autoptr (OnwardTree) tree = NULL;
      Told told = { 0 };

      onward_pack_fixture_write (fixture->old_dir, "a", g_bytes_ref (old_bytes));
      onward_pack_fixture_write (fixture->new_dir, "a",
                                 onward_test_bytes_change (old_bytes, size / 2));
      tree = onward_pack_fixture_scan (fixture->new_dir);
      g_assert_cmpuint (write_told (fixture, tree, effort, &told), <, 1000);
      g_assert_cmpuint (told.n_forecasts, ==, 1);
      g_assert_cmpuint (told.memory, >, size);
      g_assert_cmpuint (told.seconds, >, 0);
      g_assert_cmpuint (told.done, ==, told.total);
    }
}

/* The memory told for a file that begins with these bytes. */
static guint64
tell_memory (const char *beginning)
{
  const gsize size = 1 << 20;
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (GBytes) random = onward_test_bytes_random (1, size);
  guint8 *data = g_memdup2 (g_bytes_get_data (random, NULL), size);
  g_autoptr (GBytes) old_bytes = g_bytes_new_take (data, size);
  g_autoptr (OnwardTree) tree = NULL;
  Told told = { 0 };

  memcpy (data, beginning, strlen (beginning));
  onward_pack_fixture_write (fixture->old_dir, "a", g_bytes_ref (old_bytes));
  onward_pack_fixture_write (fixture->new_dir, "a", onward_test_bytes_change (old_bytes, size / 2));
  tree = onward_pack_fixture_scan (fixture->new_dir);
  (void) write_told (fixture, tree, ONWARD_DELTA_FAST, &told);
  return told.memory;
}

/* What an archive may give counts, on both sides. */
static void
test_told_of_archives (void)
{
  guint64 memory = tell_memory ("text");

  g_assert_cmpuint (tell_memory ("PK\x03\x04"), >, memory + (32 << 20));
  g_assert_cmpuint (tell_memory ("\x89PNG"), >, memory + (32 << 20));
}

/* So does what no old file helps, which is compressed as in a full pack. */
static void
test_told_of_new (void)
{
  const gsize size = 4 << 20;
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardTree) tree = NULL;
  Told told = { 0 };

  onward_pack_fixture_write (fixture->old_dir, "a", onward_test_bytes_random (1, 1000));
  onward_pack_fixture_write (fixture->new_dir, "a", onward_test_bytes_random (1, 1000));
  onward_pack_fixture_write (fixture->new_dir, "b", onward_test_bytes_sparse (2, size));
  tree = onward_pack_fixture_scan (fixture->new_dir);
  (void) write_told (fixture, tree, ONWARD_DELTA_FAST, &told);
  g_assert_cmpuint (told.n_forecasts, ==, 1);
  g_assert_cmpuint (told.memory, >, size);
  g_assert_cmpuint (told.seconds, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/delta-pack/ways", test_ways);
  g_test_add_func ("/delta-pack/unlike", test_unlike);
  g_test_add_func ("/delta-pack/edges", test_edges);
  g_test_add_func ("/delta-pack/deterministic", test_deterministic);
  g_test_add_func ("/delta-pack/changed-old", test_changed_old);
  g_test_add_func ("/delta-pack/told", test_told);
  g_test_add_func ("/delta-pack/told-of-archives", test_told_of_archives);
  g_test_add_func ("/delta-pack/told-of-new", test_told_of_new);
  return g_test_run ();
}
