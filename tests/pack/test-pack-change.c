/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-delta-make.h"
#include "onward-error.h"
#include "onward-number.h"
#include "onward-pack-change.h"
#include "onward-pack-envelope.h"
#include "onward-pack-fixture.h"
#include "onward-tree-rows.h"

/* A tree of many small files, and the next one in which three of them changed. */
static void
write_many (OnwardPackFixture *fixture, guint n_files)
{
  for (guint i = 0; i < n_files; i++)
    {
      g_autofree char *name = g_strdup_printf ("dir-%u/file-%u.js", i % 50, i);

      onward_pack_fixture_write (fixture->old_dir, name, onward_test_bytes_text (i, 60));
      onward_pack_fixture_write (fixture->new_dir, name,
                                 onward_test_bytes_text (i % 1000 == 7 ? i + 90000 : i, 60));
    }
  onward_pack_fixture_write (fixture->new_dir, "dir-3/added.js", onward_test_bytes_text (1, 99));
}

/* The head says what changed, not what there is: of a thousand files as of a few. */
static void
test_head_is_small (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardTree) old_tree = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) old = NULL;
  g_autoptr (OnwardPackInfo) full = NULL;
  g_autoptr (OnwardPackInfo) delta = NULL;

  write_many (fixture, 1000);
  old = onward_pack_fixture_write_full (fixture, fixture->old_dir, &old_tree);
  full = onward_pack_fixture_write_full (fixture, fixture->new_dir, &tree);
  delta = onward_pack_fixture_write_delta_from (fixture, old_tree, tree);
  g_assert_cmpuint (onward_pack_info_get_head_size (full), >, 30000);
  g_assert_cmpuint (onward_pack_info_get_head_size (delta), <, 400);
}

/* Without the tree that it starts from such a head says nothing; with another one it is refused, or
 * makes a tree that is not the one that was signed. */
static void
test_needs_the_old_tree (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardTree) other = NULL;
  g_autoptr (OnwardPackInfo) full = NULL;
  g_autoptr (OnwardPackInfo) delta = NULL;
  g_autoptr (GBytes) head = NULL;
  g_autoptr (OnwardPackHead) wrong = NULL;
  g_autoptr (GError) error = NULL;

  write_many (fixture, 30);
  full = onward_pack_fixture_write_full (fixture, fixture->new_dir, &tree);
  delta = onward_pack_fixture_write_delta (fixture, tree);
  head = onward_pack_fixture_read_head (fixture, delta);
  g_assert_null (onward_pack_head_parse (head, onward_pack_info_get_size (delta), NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);

  onward_pack_fixture_write (fixture->old_dir, "dir-2/more.js", onward_test_bytes_text (2, 50));
  other = onward_pack_fixture_scan (fixture->old_dir);
  wrong = onward_pack_head_parse (head, onward_pack_info_get_size (delta), other, NULL);
  if (wrong != NULL)
    g_assert_false (onward_digest_equal (onward_tree_get_digest (onward_pack_head_get_tree (wrong)),
                                         onward_tree_get_digest (tree)));
}

/* A tree that rows cannot say travels whole, so that anybody can read the head. */
static void
test_whole (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardTree) scanned = NULL;
  g_autoptr (OnwardPackInfo) delta = NULL;
  g_autoptr (GBytes) head = NULL;
  g_autoptr (OnwardPackHead) parsed = NULL;
  g_autoptr (GError) error = NULL;

  write_many (fixture, 30);
  scanned = onward_pack_fixture_scan (fixture->new_dir);
  delta = onward_pack_fixture_write_delta (fixture, scanned);
  head = onward_pack_fixture_read_head (fixture, delta);
  parsed = onward_pack_head_parse (head, onward_pack_info_get_size (delta), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (onward_digest_equal (onward_tree_get_digest (onward_pack_head_get_tree (parsed)),
                                      onward_tree_get_digest (scanned)));
}

/* A change whose names are wrong, in the delta from a tree of one file to the same. */
typedef struct
{
  const char *name;
  gint64 references[3]; /* steps; 0 ends */
  guint64 counts[2];    /* of contents */
  gint64 contents[3];   /* steps; 0 ends */
  guint64 rows_off;     /* what is said too much of the rows' size */
  gboolean is_right;
} Naming;

static GVariant *
make_numbers (const guint64 *counts, const gint64 *steps, gsize n_steps)
{
  g_autoptr (GByteArray) numbers = g_byte_array_new ();

  if (counts != NULL)
    onward_number_append (numbers, counts[0]);
  for (gsize i = 0; i < n_steps && steps[i] != 0; i++)
    onward_number_append_signed (numbers, steps[i]);
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, numbers->data, numbers->len, 1);
}

/* The delta of the rows is taken from a real pack between the same trees. */
static GVariant *
make_change (const Naming *naming, GBytes *head, guint64 size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) real = onward_pack_envelope_unwrap (head, &error);
  g_autoptr (GVariant) delta = NULL;
  GVariantBuilder frames = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(yttay)"));
  guint64 rows_size;

  g_assert_no_error (error);
  g_assert_true (g_variant_is_of_type (real, G_VARIANT_TYPE (ONWARD_PACK_CHANGE_TYPE)));
  g_variant_get (real, "(t@ay@a(yttay)@ay)", &rows_size, &delta, NULL, NULL);
  g_variant_builder_add (&frames, "(ytt@ay)", (guint8) ONWARD_FRAME_TREE_DELTA,
                         G_GUINT64_CONSTANT (9), size, make_numbers (NULL, naming->references, 3));
  return g_variant_ref_sink (g_variant_new ("(t@ay@a(yttay)@ay)", rows_size + naming->rows_off,
                                            delta, g_variant_builder_end (&frames),
                                            make_numbers (naming->counts, naming->contents, 3)));
}

/* Numbers that name folders, nothing, or too much are refused. */
static void
test_hostile_names (void)
{
  static const Naming namings[] = {
    { "right", { 2 }, { 1 }, { 2 }, 0, TRUE },
    { "a folder as reference", { 1 }, { 1 }, { 2 }, 0, FALSE },
    { "a reference before the first", { -1 }, { 1 }, { 2 }, 0, FALSE },
    { "a reference far before", { G_MININT64 }, { 1 }, { 2 }, 0, FALSE },
    { "a reference behind the last", { 3 }, { 1 }, { 2 }, 0, FALSE },
    { "a reference far behind", { G_MAXINT64 }, { 1 }, { 2 }, 0, FALSE },
    { "a reference back and forth", { 2, -2 }, { 1 }, { 2 }, 0, FALSE },
    { "no reference", { 0 }, { 1 }, { 2 }, 0, FALSE },
    { "a folder as content", { 2 }, { 1 }, { 1 }, 0, FALSE },
    { "a content behind the last", { 2 }, { 1 }, { 9 }, 0, FALSE },
    { "more contents than named", { 2 }, { 2 }, { 2 }, 0, FALSE },
    { "more contents than there are", { 2 }, { G_MAXUINT64 }, { 2 }, 0, FALSE },
    { "fewer contents than named", { 2 }, { 0 }, { 2 }, 0, FALSE },
    { "rows of another size", { 2 }, { 1 }, { 2 }, 1, FALSE },
    { "rows of an endless size", { 2 }, { 1 }, { 2 }, G_MAXINT64, FALSE },
  };
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardTree) old_tree = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) full = NULL;
  g_autoptr (OnwardPackInfo) delta = NULL;
  g_autoptr (GBytes) head = NULL;

  onward_pack_fixture_write (fixture->old_dir, "dir/file", onward_test_bytes_text (1, 500));
  onward_pack_fixture_write (fixture->new_dir, "dir/file", onward_test_bytes_text (2, 500));
  old_tree = onward_pack_fixture_scan (fixture->old_dir);
  full = onward_pack_fixture_write_full (fixture, fixture->new_dir, &tree);
  delta = onward_pack_fixture_write_delta (fixture, tree);
  head = onward_pack_fixture_read_head (fixture, delta);

  for (guint i = 0; i < G_N_ELEMENTS (namings); i++)
    {
      g_autoptr (GVariant) change = make_change (&namings[i], head, 500);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) wrapped = onward_pack_envelope_wrap (change, &error);
      g_autoptr (OnwardPackHead) parsed = NULL;

      g_assert_no_error (error);
      g_test_message ("%s", namings[i].name);
      parsed = onward_pack_head_parse (wrapped, g_bytes_get_size (wrapped) + 9, old_tree, &error);
      g_assert_true ((parsed != NULL) == namings[i].is_right);
      if (!namings[i].is_right)
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

/* A frame that starts from the only file of the old tree, @n_times. */
static GVariant *
make_frame (guint n_times)
{
  g_autoptr (GByteArray) numbers = g_byte_array_new ();

  onward_number_append_signed (numbers, 1);
  for (guint i = 1; i < n_times; i++)
    onward_number_append_signed (numbers, 0);
  return g_variant_new (
      "(ytt@ay)", (guint8) ONWARD_FRAME_TREE_DELTA, G_GUINT64_CONSTANT (9), G_GUINT64_CONSTANT (50),
      g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, numbers->data, numbers->len, 1));
}

/* Names take far less than what they stand for: many frames of many names, which are a head of some
 * hundred bytes, do not become more than a whole head may hold. */
static void
test_many_names (void)
{
  enum
  {
    N_FRAMES = 20,
    N_NAMES = 150000
  };
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) full = NULL;

  onward_pack_fixture_write (fixture->old_dir, "file", onward_test_bytes_text (1, 50));
  full = onward_pack_fixture_write_full (fixture, fixture->old_dir, &tree);
  for (guint n_frames = 1; n_frames <= N_FRAMES; n_frames += N_FRAMES - 1)
    {
      GVariantBuilder frames = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(yttay)"));
      const guint8 counts[N_FRAMES] = { 0 };
      const OnwardDeltaMaker maker = { ONWARD_DELTA_FAST };
      g_autoptr (GBytes) rows = onward_tree_rows_write (tree);
      g_autoptr (GPtrArray) contents = g_ptr_array_new ();
      g_autoptr (GBytes) delta = NULL;
      g_autoptr (GVariant) change = NULL;
      g_autoptr (GVariant) expanded = NULL;
      g_autoptr (GError) error = NULL;

      g_ptr_array_add (contents, rows);
      delta = onward_delta_make_run (&maker, contents, contents, NULL, &error);
      g_assert_no_error (error);
      for (guint i = 0; i < n_frames; i++)
        g_variant_builder_add_value (&frames, make_frame (N_NAMES));
      change = g_variant_ref_sink (
          g_variant_new ("(t@ay@a(yttay)@ay)", (guint64) g_bytes_get_size (rows),
                         g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, delta, TRUE),
                         g_variant_builder_end (&frames),
                         g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, counts, n_frames, 1)));
      expanded = onward_pack_change_expand (change, tree, &error);
      if (n_frames == 1)
        g_assert_no_error (error);
      else
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_true ((expanded != NULL) == (n_frames == 1));
    }
}

/* A bit that flips in such a head never does harm. */
static void
test_damaged (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardTree) old_tree = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) full = NULL;
  g_autoptr (OnwardPackInfo) delta = NULL;
  g_autoptr (GBytes) whole = NULL;
  gsize head_size;

  write_many (fixture, 30);
  old_tree = onward_pack_fixture_scan (fixture->old_dir);
  full = onward_pack_fixture_write_full (fixture, fixture->new_dir, &tree);
  delta = onward_pack_fixture_write_delta (fixture, tree);
  whole = onward_pack_fixture_read_head (fixture, delta);
  head_size = g_bytes_get_size (whole);
  for (gsize bit = 0; bit < head_size * 8; bit += 31)
    {
      g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (whole, NULL), head_size);
      g_autoptr (GBytes) head = NULL;
      g_autoptr (OnwardPackHead) parsed = NULL;
      g_autoptr (GError) error = NULL;

      data[bit / 8] ^= (guint8) (1 << bit % 8);
      head = g_bytes_new_take (g_steal_pointer (&data), head_size);
      parsed = onward_pack_head_parse (head, onward_pack_info_get_size (delta), old_tree, &error);
      g_assert_true ((parsed == NULL) == (error != NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/pack-change/head-is-small", test_head_is_small);
  g_test_add_func ("/pack-change/needs-the-old-tree", test_needs_the_old_tree);
  g_test_add_func ("/pack-change/whole", test_whole);
  g_test_add_func ("/pack-change/hostile-names", test_hostile_names);
  g_test_add_func ("/pack-change/many-names", test_many_names);
  g_test_add_func ("/pack-change/damaged", test_damaged);
  return g_test_run ();
}
