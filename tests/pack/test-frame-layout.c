/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-fd.h"
#include "onward-frame-layout.h"
#include "onward-pack-fixture.h"

static GPtrArray *
make_layout (OnwardPackFixture *fixture, OnwardTree *tree)
{
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (fixture->new_dir);
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  GPtrArray *groups;

  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    if (onward_tree_get_entry (tree, i)->kind == ONWARD_ENTRY_FILE)
      g_ptr_array_add (entries, (gpointer) onward_tree_get_entry (tree, i));
  groups = onward_frame_layout_make (dirfd, entries, &error);
  g_assert_no_error (error);
  return groups;
}

static char *
describe (GPtrArray *groups)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < groups->len; i++)
    {
      const OnwardFrameGroup *group = g_ptr_array_index (groups, i);

      g_string_append (text, group->is_x86 ? "x86:" : "");
      for (guint j = 0; j < group->entries->len; j++)
        {
          const OnwardTreeEntry *entry = g_ptr_array_index (group->entries, j);

          g_string_append_printf (text, "%s ", entry->path);
        }
      g_string_append (text, "| ");
    }
  return g_string_free (text, FALSE);
}

/* Large files come first and alone, then executables, then the rest by extension and path. */
static void
test_order (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  const char *dir = fixture->new_dir;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (GPtrArray) groups = NULL;
  g_autofree char *text = NULL;

  onward_pack_fixture_write (dir, "a/z.js", onward_test_bytes_text (1, 100));
  onward_pack_fixture_write (dir, "b/a.js", onward_test_bytes_text (2, 100));
  onward_pack_fixture_write (dir, "a/m.css", onward_test_bytes_text (3, 100));
  onward_pack_fixture_write (dir, ".hidden", onward_test_bytes_text (4, 100));
  onward_pack_fixture_write (dir, "v1.0/README", onward_test_bytes_text (5, 100));
  onward_pack_fixture_write (dir, "lib/x.so", onward_test_bytes_code (6, 100));
  onward_pack_fixture_write (dir, "app", onward_test_bytes_code (7, 100));
  onward_pack_fixture_write (dir, "large", onward_test_bytes_sparse (8, 4 << 20));
  onward_pack_fixture_write (dir, "larger", onward_test_bytes_sparse (9, 5 << 20));
  tree = onward_pack_fixture_scan (dir);
  groups = make_layout (fixture, tree);
  text = describe (groups);
  g_assert_cmpstr (text, ==,
                   "larger | large | x86:app lib/x.so | "
                   ".hidden v1.0/README a/m.css a/z.js b/a.js | ");
}

/* A frame of small files holds at most 4 MiB. */
static void
test_full_frames (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (GPtrArray) groups = NULL;
  g_autofree char *text = NULL;
  guint64 total = 0;

  onward_pack_fixture_write (fixture->new_dir, "1", onward_test_bytes_sparse (1, 2 << 20));
  onward_pack_fixture_write (fixture->new_dir, "2", onward_test_bytes_sparse (2, 2 << 20));
  onward_pack_fixture_write (fixture->new_dir, "3", onward_test_bytes_sparse (3, 1));
  onward_pack_fixture_write (fixture->new_dir, "4", onward_test_bytes_sparse (4, (4 << 20) - 1));
  onward_pack_fixture_write (fixture->new_dir, "5", onward_test_bytes_sparse (5, 1000));
  tree = onward_pack_fixture_scan (fixture->new_dir);
  groups = make_layout (fixture, tree);
  text = describe (groups);
  g_assert_cmpstr (text, ==, "1 2 | 3 4 | 5 | ");
  for (guint i = 0; i < groups->len; i++)
    total += ((const OnwardFrameGroup *) g_ptr_array_index (groups, i))->size;
  g_assert_cmpuint (total, ==, onward_tree_get_size (tree));
}

/* Without files there are no groups. */
static void
test_nothing (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardTree) tree = onward_pack_fixture_scan (fixture->new_dir);
  g_autoptr (GPtrArray) groups = make_layout (fixture, tree);

  g_assert_cmpuint (groups->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/frame-layout/order", test_order);
  g_test_add_func ("/frame-layout/full-frames", test_full_frames);
  g_test_add_func ("/frame-layout/nothing", test_nothing);
  return g_test_run ();
}
