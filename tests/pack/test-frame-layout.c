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
  groups = onward_frame_layout_make (dirfd, entries, NULL, &error);
  g_assert_no_error (error);
  return groups;
}

static const char *
name_filter (OnwardFrameMethod method)
{
  if (method == ONWARD_FRAME_LZMA2_X86)
    return "x86:";
  return method == ONWARD_FRAME_LZMA2_ARM64 ? "arm64:" : "";
}

static char *
describe (GPtrArray *groups)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < groups->len; i++)
    {
      const OnwardFrameGroup *group = g_ptr_array_index (groups, i);

      g_string_append (text, name_filter (group->method));
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
  onward_pack_fixture_write (dir, "lib/arm.so", onward_test_bytes_code_arm64 (7, 100));
  onward_pack_fixture_write (dir, "large", onward_test_bytes_sparse (8, 32 << 20));
  onward_pack_fixture_write (dir, "larger", onward_test_bytes_sparse (9, 33 << 20));
  tree = onward_pack_fixture_scan (dir);
  groups = make_layout (fixture, tree);
  text = describe (groups);
  g_assert_cmpstr (text, ==,
                   "larger | large | arm64:lib/arm.so | x86:app lib/x.so | "
                   ".hidden v1.0/README a/m.css a/z.js b/a.js | ");
}

/* A frame of small files holds at most 32 MiB. */
static void
test_full_frames (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (GPtrArray) groups = NULL;
  g_autofree char *text = NULL;
  guint64 total = 0;

  onward_pack_fixture_write (fixture->new_dir, "1", onward_test_bytes_sparse (1, 16 << 20));
  onward_pack_fixture_write (fixture->new_dir, "2", onward_test_bytes_sparse (2, 16 << 20));
  onward_pack_fixture_write (fixture->new_dir, "3", onward_test_bytes_sparse (3, 1));
  onward_pack_fixture_write (fixture->new_dir, "4", onward_test_bytes_sparse (4, (32 << 20) - 1));
  onward_pack_fixture_write (fixture->new_dir, "5", onward_test_bytes_sparse (5, 1000));
  tree = onward_pack_fixture_scan (fixture->new_dir);
  groups = make_layout (fixture, tree);
  text = describe (groups);
  g_assert_cmpstr (text, ==, "1 2 | 3 4 | 5 | ");
  for (guint i = 0; i < groups->len; i++)
    total += ((const OnwardFrameGroup *) g_ptr_array_index (groups, i))->size;
  g_assert_cmpuint (total, ==, onward_tree_get_size (tree));
}

/* What is compressed already shares no frame when it is large; nor does it keep the others from
 * sharing one. */
static void
test_dense (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  const char *dir = fixture->new_dir;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (GPtrArray) groups = NULL;
  g_autofree char *text = NULL;

  onward_pack_fixture_write (dir, "a.txt", onward_test_bytes_text (1, 2 << 20));
  onward_pack_fixture_write (dir, "b.png", onward_test_bytes_random (2, 4 << 20));
  onward_pack_fixture_write (dir, "c.png", onward_test_bytes_random (3, (4 << 20) - 1));
  onward_pack_fixture_write (dir, "d.png", onward_test_bytes_random (4, 5 << 20));
  onward_pack_fixture_write (dir, "e.txt", onward_test_bytes_text (5, 100));
  tree = onward_pack_fixture_scan (dir);
  groups = make_layout (fixture, tree);
  text = describe (groups);
  g_assert_cmpstr (text, ==, "d.png | b.png | c.png a.txt e.txt | ");
}

/* A frame holds files of one component only, executables apart in each. */
static void
test_components (void)
{
  static const char *const paths[] = { "a.js", "b.js", "c.js", "app", "tool" };
  static const char *const components[] = { "help", "", "help", "", "help" };
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
  g_autoptr (OnwardTree) scanned = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (GPtrArray) groups = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    onward_pack_fixture_write (fixture->new_dir, paths[i],
                               i < 3 ? onward_test_bytes_text (i, 100)
                                     : onward_test_bytes_code (i, 100));
  scanned = onward_pack_fixture_scan (fixture->new_dir);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      OnwardTreeEntry entry = *onward_tree_lookup (scanned, paths[i]);

      entry.component = components[i];
      g_array_append_val (entries, entry);
    }
  tree = onward_tree_new (entries, NULL);
  groups = make_layout (fixture, tree);
  text = describe (groups);
  g_assert_cmpstr (text, ==, "x86:app | b.js | x86:tool | a.js c.js | ");
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
  g_test_add_func ("/frame-layout/dense", test_dense);
  g_test_add_func ("/frame-layout/components", test_components);
  g_test_add_func ("/frame-layout/nothing", test_nothing);
  return g_test_run ();
}
