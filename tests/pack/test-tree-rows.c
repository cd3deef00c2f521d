/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-pack-fixture.h"
#include "onward-tree-rows.h"

static OnwardTreeEntry
make_entry (const char *path, OnwardEntryKind kind, guint32 mode)
{
  OnwardTreeEntry entry = { .path = path,
                            .kind = kind,
                            .mode = mode,
                            .link_target = kind == ONWARD_ENTRY_SYMLINK ? "bin/app" : "",
                            .component = "" };

  return entry;
}

static OnwardTreeEntry
make_file (const char *path, guint8 content, guint64 size, guint32 frame, guint64 offset)
{
  OnwardTreeEntry entry = make_entry (path, ONWARD_ENTRY_FILE, 0644);

  entry.size = size;
  entry.frame = frame;
  entry.offset = offset;
  memset (entry.digest.bytes, content, sizeof entry.digest.bytes);
  return entry;
}

static OnwardTree *
make_tree (const OnwardTreeEntry *entries, gsize n_entries)
{
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
  g_autoptr (GError) error = NULL;
  OnwardTree *tree;

  g_array_append_vals (array, entries, (guint) n_entries);
  tree = onward_tree_new (array, &error);
  g_assert_no_error (error);
  return tree;
}

static gboolean
comes_back (OnwardTree *tree)
{
  g_autoptr (GBytes) rows = onward_tree_rows_write (tree);
  g_autoptr (OnwardTree) again = onward_tree_rows_read (rows, NULL);

  return again != NULL &&
         onward_digest_equal (onward_tree_get_digest (again), onward_tree_get_digest (tree));
}

/* Every kind of entry comes back: folders, links, empty files, programs, components, equal files,
 * several frames, and sizes and offsets beyond 4 GiB. */
static void
test_kinds (void)
{
  OnwardTreeEntry entries[] = {
    make_entry ("bin", ONWARD_ENTRY_DIRECTORY, 0755),
    make_file ("bin/app", 1, 5000, 1, 0),
    make_entry ("empty", ONWARD_ENTRY_FILE, 0644),
    make_file ("huge", 2, G_GUINT64_CONSTANT (5) << 30, 2, 0),
    make_entry ("link", ONWARD_ENTRY_SYMLINK, 0777),
    make_file ("small-1", 3, 7, 0, 0),
    make_file ("small-2", 4, 9, 0, 7),
    make_file ("small-3", 3, 7, 0, 0),
    make_file ("tail", 5, 300, 2, G_GUINT64_CONSTANT (5) << 30),
  };
  g_autoptr (OnwardTree) tree = NULL;

  entries[1].mode = 0755;
  entries[6].component = "extras";
  memset (&entries[2].digest, 0, sizeof entries[2].digest);
  onward_digest_of_data ("", 0, &entries[2].digest);
  tree = make_tree (entries, G_N_ELEMENTS (entries));
  g_assert_true (comes_back (tree));
}

/* The tree of a real pack comes back, and so does one without entries. */
static void
test_real (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardTree) none = make_tree (NULL, 0);

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("dir-%u/file-%u.%u", i % 4, i, i % 3);

      onward_pack_fixture_write (fixture->new_dir, name,
                                 onward_test_bytes_text (i % 30, i % 7 == 0 ? 0 : 4000));
    }
  info = onward_pack_fixture_write_full (fixture, fixture->new_dir, &tree);
  g_assert_true (comes_back (tree));
  g_assert_true (comes_back (none));
}

/* What no writer of full packs makes cannot be said in rows: it comes back as another tree, or not
 * at all. */
static void
test_unlike_a_pack (void)
{
  const OnwardTreeEntry gap[] = { make_file ("a", 1, 10, 0, 0), make_file ("b", 2, 10, 0, 11) };
  const OnwardTreeEntry jump[] = { make_file ("a", 1, 10, 0, 0), make_file ("b", 2, 10, 2, 0) };
  g_autoptr (OnwardTree) with_gap = make_tree (gap, G_N_ELEMENTS (gap));
  g_autoptr (OnwardTree) with_jump = make_tree (jump, G_N_ELEMENTS (jump));

  g_assert_false (comes_back (with_gap));
  g_assert_false (comes_back (with_jump));
}

/* One more file changes no row of another. */
static void
test_stable (void)
{
  const OnwardTreeEntry before[] = { make_file ("a", 1, 10, 0, 0), make_file ("c", 3, 30, 0, 10) };
  const OnwardTreeEntry after[] = { make_file ("a", 1, 10, 0, 0), make_file ("b", 2, 20, 0, 10),
                                    make_file ("c", 3, 30, 0, 30) };
  g_autoptr (OnwardTree) old_tree = make_tree (before, G_N_ELEMENTS (before));
  g_autoptr (OnwardTree) tree = make_tree (after, G_N_ELEMENTS (after));
  g_autoptr (GBytes) old_rows = onward_tree_rows_write (old_tree);
  g_autoptr (GBytes) rows = onward_tree_rows_write (tree);
  gsize row = g_bytes_get_size (old_rows) / 2;
  const guint8 *old_data = g_bytes_get_data (old_rows, NULL);
  const guint8 *data = g_bytes_get_data (rows, NULL);

  g_assert_cmpuint (g_bytes_get_size (rows), ==, 3 * row);
  g_assert_cmpmem (data, row, old_data, row);
  g_assert_cmpmem (data + 2 * row, row, old_data + row, row);
}

/* With any bit changed, and cut off anywhere, rows are refused or are another valid tree. */
static void
test_hostile (void)
{
  OnwardTreeEntry entries[] = { make_entry ("dir", ONWARD_ENTRY_DIRECTORY, 0755),
                                make_file ("dir/file", 1, 300, 0, 0),
                                make_entry ("link", ONWARD_ENTRY_SYMLINK, 0777) };
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (GBytes) rows = NULL;
  gsize size;

  entries[2].link_target = "dir/file";
  tree = make_tree (entries, G_N_ELEMENTS (entries));
  rows = onward_tree_rows_write (tree);
  size = g_bytes_get_size (rows);
  for (gsize i = 0; i < size * 8; i++)
    {
      guint8 *data = g_memdup2 (g_bytes_get_data (rows, NULL), size);
      g_autoptr (GBytes) changed = g_bytes_new_take (data, size);
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (rows, 0, i / 8);
      g_autoptr (OnwardTree) other = NULL;
      g_autoptr (OnwardTree) shorter = onward_tree_rows_read (cut, NULL);
      g_autoptr (GError) error = NULL;

      data[i / 8] ^= (guint8) (1 << i % 8);
      other = onward_tree_rows_read (changed, &error);
      g_assert_true ((other == NULL) == (error != NULL));
      if (shorter != NULL)
        g_assert_cmpuint (onward_tree_get_n_entries (shorter), <, 3);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/tree-rows/kinds", test_kinds);
  g_test_add_func ("/tree-rows/real", test_real);
  g_test_add_func ("/tree-rows/unlike-a-pack", test_unlike_a_pack);
  g_test_add_func ("/tree-rows/stable", test_stable);
  g_test_add_func ("/tree-rows/hostile", test_hostile);
  return g_test_run ();
}
