/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-test-sanitizers.h"
#include "onward-tree.h"

static OnwardTreeEntry
folder (const char *path)
{
  return (OnwardTreeEntry){ path, ONWARD_ENTRY_DIRECTORY, 0755, 0, { { 0 } }, "", "", 0, 0 };
}

static OnwardTreeEntry
file (const char *path, guint64 size)
{
  return (OnwardTreeEntry){ path, ONWARD_ENTRY_FILE, 0644, size, { { 1 } }, "", "", 0, 0 };
}

static OnwardTreeEntry
symlink_to (const char *path, const char *target)
{
  return (OnwardTreeEntry){ path, ONWARD_ENTRY_SYMLINK, 0777, 0, { { 0 } }, target, "", 0, 0 };
}

static OnwardTree *
make_tree (const OnwardTreeEntry *entries, guint n_entries, GError **error)
{
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));

  g_array_append_vals (array, entries, n_entries);
  return onward_tree_new (array, error);
}

static void
assert_accepted (const OnwardTreeEntry *entries, guint n_entries)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTree) tree = make_tree (entries, n_entries, &error);

  g_assert_no_error (error);
  g_assert_nonnull (tree);
}

static void
assert_refused (const OnwardTreeEntry *entries, guint n_entries)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTree) tree = make_tree (entries, n_entries, &error);

  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_null (tree);
}

/* Entries in any order become one sorted tree, which is read back the same. */
static void
test_tree_round_trip (void)
{
  OnwardTreeEntry entries[] = { symlink_to ("current", "bin/app"), file ("bin/app", 1000),
                                folder ("bin"), file ("bin-x", 0) };
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardTree) again = NULL;
  const OnwardTreeEntry *entry;

  entries[1].mode = 0755;
  entries[1].frame = 3;
  entries[1].offset = 4096;
  entries[1].component = "docs";
  tree = make_tree (entries, 4, &error);
  g_assert_no_error (error);
  again = onward_tree_parse (onward_tree_get_bytes (tree), &error);
  g_assert_no_error (error);

  g_assert_cmpuint (onward_tree_get_n_entries (again), ==, 4);
  g_assert_cmpuint (onward_tree_get_n_files (again), ==, 2);
  g_assert_cmpuint (onward_tree_get_size (again), ==, 1000);
  g_assert_cmpstr (onward_tree_get_entry (again, 0)->path, ==, "bin");
  g_assert_cmpstr (onward_tree_get_entry (again, 1)->path, ==, "bin-x");
  entry = onward_tree_get_entry (again, 2);
  g_assert_cmpstr (entry->path, ==, "bin/app");
  g_assert_cmpint (entry->kind, ==, ONWARD_ENTRY_FILE);
  g_assert_cmpuint (entry->mode, ==, 0755);
  g_assert_cmpuint (entry->size, ==, 1000);
  g_assert_cmpuint (entry->digest.bytes[0], ==, 1);
  g_assert_cmpstr (entry->component, ==, "docs");
  g_assert_cmpuint (entry->frame, ==, 3);
  g_assert_cmpuint (entry->offset, ==, 4096);
  g_assert_cmpstr (onward_tree_get_entry (again, 3)->link_target, ==, "bin/app");
  g_assert_true (
      onward_digest_equal (onward_tree_get_digest (tree), onward_tree_get_digest (again)));
}

/* The digest is that of the bytes, and the bytes do not depend on the order given. */
static void
test_tree_digest (void)
{
  OnwardTreeEntry forwards[] = { folder ("a"), file ("a/b", 1), file ("c", 2) };
  OnwardTreeEntry backwards[] = { file ("c", 2), file ("a/b", 1), folder ("a") };
  g_autoptr (OnwardTree) tree = make_tree (forwards, 3, NULL);
  g_autoptr (OnwardTree) same = make_tree (backwards, 3, NULL);
  OnwardDigest digest;

  onward_digest_of_bytes (onward_tree_get_bytes (tree), &digest);
  g_assert_true (onward_digest_equal (&digest, onward_tree_get_digest (tree)));
  g_assert_true (onward_digest_equal (&digest, onward_tree_get_digest (same)));
}

/* Entries are found by their exact path. */
static void
test_tree_lookup (void)
{
  OnwardTreeEntry entries[] = { folder ("a"), file ("a-b", 1), file ("a/b", 2), file ("ab", 3) };
  g_autoptr (OnwardTree) tree = make_tree (entries, 4, NULL);

  for (guint i = 0; i < 4; i++)
    {
      const OnwardTreeEntry *entry = onward_tree_lookup (tree, entries[i].path);

      g_assert_cmpuint (entry->size, ==, i);
      g_assert_true (onward_tree_get_entry (tree, onward_tree_get_index (tree, entry)) == entry);
    }
  g_assert_null (onward_tree_lookup (tree, ""));
  g_assert_null (onward_tree_lookup (tree, "a/"));
  g_assert_null (onward_tree_lookup (tree, "a/b/c"));
  g_assert_null (onward_tree_lookup (tree, "b"));
  g_assert_null (onward_tree_lookup (tree, "A"));
}

/* A tree without entries is a tree. */
static void
test_tree_empty (void)
{
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTree) tree = onward_tree_parse (nothing, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (onward_tree_get_n_entries (tree), ==, 0);
  g_assert_null (onward_tree_lookup (tree, "a"));
}

/* Every folder is listed, as a folder; nothing lies below a file or a link. */
static void
test_tree_parents (void)
{
  OnwardTreeEntry orphan[] = { file ("a/b", 1) };
  OnwardTreeEntry grandchild[] = { folder ("a"), file ("a/b/c", 1) };
  OnwardTreeEntry below_file[] = { file ("a", 1), file ("a/b", 1) };
  OnwardTreeEntry below_link[] = { folder ("d"), symlink_to ("a", "d"), file ("a/b", 1) };
  OnwardTreeEntry folder_below_link[] = { folder ("d"), symlink_to ("a", "d"), folder ("a/b") };
  OnwardTreeEntry almost[] = { folder ("a-b"), file ("a-b/c", 1), file ("a/x", 1) };
  OnwardTreeEntry twice[] = { file ("a", 1), file ("a", 1) };
  OnwardTreeEntry two_kinds[] = { file ("a", 1), folder ("a") };
  OnwardTreeEntry between[] = { folder ("a"), file ("a-b", 1), file ("a/b", 1) };

  assert_refused (orphan, 1);
  assert_refused (grandchild, 2);
  assert_refused (below_file, 2);
  assert_refused (below_link, 3);
  assert_refused (folder_below_link, 3);
  assert_refused (almost, 3);
  assert_refused (twice, 2);
  assert_refused (two_kinds, 2);
  assert_accepted (between, 3);
}

/* Names that differ in nothing but case, or in how an accent is written, do not go together. */
static void
test_tree_collisions (void)
{
  const char *pairs[][2] = {
    { "README", "readme" }, { "Straße", "STRASSE" }, { "É", "é" }, { "Σ", "ς" }, { "ﬁ", "FI" }
  };
  OnwardTreeEntry folders[] = { folder ("Lib"), folder ("lib"), file ("Lib/a", 1),
                                file ("lib/b", 1) };
  OnwardTreeEntry apart[] = { folder ("a"), folder ("b"), file ("a/X", 1), file ("b/x", 1) };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      OnwardTreeEntry entries[] = { file (pairs[i][0], 1), file (pairs[i][1], 1) };

      assert_refused (entries, 2);
    }
  assert_refused (folders, 4);
  assert_accepted (apart, 4);
}

/* Only the modes of ordinary files, folders and links exist. */
static void
test_tree_modes (void)
{
  static const guint32 bad[] = { 0,     0600,    0640,    0664,    0666,   0700,
                                 0750,  0777,    01755,   02755,   04755,  06755,
                                 07777, 0100644, 0120777, 0200644, 0xffff, 0x10000 + 0644 };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      OnwardTreeEntry entries[] = { file ("a", 1), folder ("d"), symlink_to ("l", "a") };

      for (guint j = 0; j < 3; j++)
        {
          guint32 right = entries[j].mode;

          if (j == 2 && bad[i] == 0777)
            continue;
          entries[j].mode = bad[i];
          assert_refused (entries, 3);
          entries[j].mode = right;
        }
      assert_accepted (entries, 3);
    }
}

/* Links lead to a listed entry beneath the root. */
static void
test_tree_links (void)
{
  /* clang-format off */
  const char *good[] = {
    "f", "d", "d/g", "./d/../f", "d/./g", "d/e/../g", "d/e/up/g", "k", "d/e/up/e/up", "d/e/../../f",
  };
  const char *bad[] = {
    "", "missing", "d/missing", "/", "/f", "..", "../f", ".", "d/..", "d/../..", "../../etc/passwd",
    "/etc/passwd", "f/.", "f/..", "f/../f", "f/x", "l", "./l", "d/../l", "k/x", "d//g", "d/", "D",
    "F",
    "d/e/up/../../f", "d/e/up/../up", "~/f", "$HOME", "f\n", "d\\g", "l/f", "d/e/up/e/../../../f",
  };
  /* clang-format on */
  OnwardTreeEntry entries[] = { folder ("d"),        folder ("d/e"), symlink_to ("d/e/up", ".."),
                                file ("d/g", 1),     file ("f", 1),  symlink_to ("k", "d/g"),
                                symlink_to ("l", "") };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      entries[6].link_target = good[i];
      assert_accepted (entries, 7);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      entries[6].link_target = bad[i];
      assert_refused (entries, 7);
    }
}

/* A link that climbs out by way of another link is seen through. */
static void
test_tree_link_escape (void)
{
  OnwardTreeEntry entries[] = { folder ("a"),
                                folder ("a/b"),
                                symlink_to ("a/b/d", "../../x"),
                                symlink_to ("a/b/l", "d/../../y"),
                                folder ("x"),
                                file ("y", 1),
                                file ("a/y", 1) };

  assert_refused (entries, 7);
  entries[3].link_target = "d/../y";
  assert_accepted (entries, 7);
}

/* Chains of up to four links are followed; longer ones and circles are refused. */
static void
test_tree_link_chains (void)
{
  OnwardTreeEntry chain[] = { file ("f", 1),           symlink_to ("l1", "f"),
                              symlink_to ("l2", "l1"), symlink_to ("l3", "l2"),
                              symlink_to ("l4", "l3"), symlink_to ("l5", "l4") };
  OnwardTreeEntry self[] = { symlink_to ("l", "l") };
  OnwardTreeEntry circle[] = { symlink_to ("a", "b"), symlink_to ("b", "c"),
                               symlink_to ("c", "a") };
  OnwardTreeEntry spiral[] = { folder ("d"), symlink_to ("d/l", "../d/l/x") };

  assert_accepted (chain, 5);
  assert_refused (chain, 6);
  assert_refused (self, 1);
  assert_refused (circle, 3);
  assert_refused (spiral, 2);
}

/* Links that lead over each other again and again are counted each time, or it would take hours. */
static void
test_tree_link_bomb (void)
{
  OnwardTreeEntry bomb[] = { folder ("d"), symlink_to ("l1", "d"), symlink_to ("l2", NULL),
                             symlink_to ("l3", NULL), symlink_to ("l4", NULL) };
  char *targets[G_N_ELEMENTS (bomb)] = { NULL };

  for (guint i = 1; i < G_N_ELEMENTS (bomb); i++)
    {
      g_autoptr (GString) target = g_string_new (NULL);

      for (guint n = 0; n < 300; n++)
        g_string_append_printf (target, "%s/../", bomb[i - 1].path);
      targets[i] = g_strconcat (target->str, bomb[i - 1].path, NULL);
      bomb[i].link_target = targets[i];
    }

  assert_accepted (bomb, 2);
  assert_refused (bomb, G_N_ELEMENTS (bomb));
  for (guint i = 1; i < G_N_ELEMENTS (bomb); i++)
    g_free (targets[i]);
}

/* Sizes cannot add up beyond the limit, nor around it. */
static void
test_tree_sizes (void)
{
  OnwardTreeEntry most[] = { file ("a", ONWARD_TREE_MAX_SIZE - 1), file ("b", 1) };
  OnwardTreeEntry more[] = { file ("a", ONWARD_TREE_MAX_SIZE), file ("b", 1) };
  OnwardTreeEntry huge[] = { file ("a", G_MAXUINT64) };
  OnwardTreeEntry around[] = { file ("a", G_MAXUINT64), file ("b", 2) };
  OnwardTreeEntry far[] = { file ("a", 1) };

  far[0].offset = G_MAXUINT64;
  assert_accepted (most, 2);
  assert_refused (more, 2);
  assert_refused (huge, 1);
  assert_refused (around, 2);
  assert_refused (far, 1);
}

/* A kind that does not exist is refused, even if its lowest byte looks like one. */
static void
test_tree_kinds (void)
{
  static const int bad[] = { 3, 255, 256, 257, 258, -1 };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      OnwardTreeEntry entries[] = { folder ("a") };

      entries[0].kind = bad[i];
      assert_refused (entries, 1);
    }
}

/* Folders and links have no size and no place in a pack. */
static void
test_tree_no_content (void)
{
  for (guint i = 0; i < 2; i++)
    {
      OnwardTreeEntry entries[] = { folder ("d"), symlink_to ("l", "d") };

      entries[i].size = 1;
      assert_refused (entries, 2);
      entries[i].size = 0;
      entries[i].frame = 1;
      assert_refused (entries, 2);
      entries[i].frame = 0;
      entries[i].offset = 1;
      assert_refused (entries, 2);
      entries[i].offset = 0;
      assert_accepted (entries, 2);
    }
}

/* Components have plain names, and what lies in a component's folder belongs to it. */
static void
test_tree_components (void)
{
  const char *bad[] = { "a/b", "..", ".", "-x", "a b", "\n", "é", "*", "a\x1b" };
  OnwardTreeEntry nested[] = { folder ("d"), file ("d/f", 1) };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      OnwardTreeEntry entries[] = { file ("a", 1) };

      entries[0].component = bad[i];
      assert_refused (entries, 1);
    }

  nested[1].component = "docs";
  assert_accepted (nested, 2);
  nested[0].component = "docs";
  assert_accepted (nested, 2);
  nested[1].component = "";
  assert_refused (nested, 2);
  nested[1].component = "lang";
  assert_refused (nested, 2);
}

/* Bad paths are refused in a tree too, before anything else is done with them. */
static void
test_tree_paths (void)
{
  const char *bad[] = { "",     "/a",        "../a",          "a/../b", "a\n",
                        "\xff", "e\xcc\x81", "a\xe2\x80\xae", "a " };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      OnwardTreeEntry entries[] = { file (bad[i], 1) };

      assert_refused (entries, 1);
    }
}

static void
assert_variant_refused (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) variant =
      g_variant_parse (G_VARIANT_TYPE ("a(syqtaysut)"), text, NULL, NULL, &error);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (OnwardTree) tree = NULL;

  g_assert_no_error (error);
  bytes = g_variant_get_data_as_bytes (variant);
  tree = onward_tree_parse (bytes, &error);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_null (tree);
}

/* What onward_tree_new() would never write is refused when it is read. */
static void
test_tree_parse_hostile (void)
{
  /* clang-format off */
  const char *bad[] = {
    "[('a', 3, 420, 0, [], '', 0, 0)]",
    "[('a', 255, 420, 0, [], '', 0, 0)]",
    "[('a', 1, 420, 0, [], '', 0, 0)]",
    "[('a', 1, 420, 0, [1,2,3], '', 0, 0)]",
    "[('a', 1, 420, 0, b'012345678901234567890123456789', '', 0, 0)]",
    "[('a', 1, 420, 0, b'01234567890123456789012345678901', '', 0, 0)]",
    "[('a', 0, 493, 0, [1], '', 0, 0)]",
    "[('a', 0, 493, 0, [], '', 0, 0), ('l', 2, 511, 0, [], '', 0, 0)]",
    "[('a', 0, 493, 0, [], '', 0, 0), ('l', 2, 511, 0, [0x61], '', 0, 0)]",
    "[('a', 0, 493, 0, [], '', 0, 0), ('l', 2, 511, 0, [0x61, 0, 0], '', 0, 0)]",
    "[('a', 0, 493, 0, [], '', 0, 0), ('l', 2, 511, 0, [0x61, 0, 0x62, 0], '', 0, 0)]",
    "[('a', 0, 493, 0, [], '', 0, 0), ('l', 2, 511, 0, [0xff, 0], '', 0, 0)]",
    "[('a', 0, 493, 0, [], '', 0, 0), ('l', 2, 511, 0, [0], '', 0, 0)]",
    "[('b', 0, 493, 0, [], '', 0, 0), ('a', 0, 493, 0, [], '', 0, 0)]",
    "[('a', 0, 493, 0, [], '', 0, 0), ('a', 0, 493, 0, [], '', 0, 0)]",
    "[('a/b', 0, 493, 0, [], '', 0, 0), ('a', 0, 493, 0, [], '', 0, 0)]",
    "[('../a', 0, 493, 0, [], '', 0, 0)]",
    "[('', 0, 493, 0, [], '', 0, 0)]",
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_variant_refused (bad[i]);
}

/* Cut, lengthened or changed bytes never crash, and never pass for another tree silently. */
static void
test_tree_parse_damaged (void)
{
  OnwardTreeEntry entries[] = { folder ("bin"), file ("bin/app", 1000),
                                symlink_to ("l", "bin/app") };
  g_autoptr (OnwardTree) tree = make_tree (entries, 3, NULL);
  gsize size;
  const guint8 *data = g_bytes_get_data (onward_tree_get_bytes (tree), &size);

  for (gsize i = 1; i < size; i++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (data, i);

      g_assert_null (onward_tree_parse (cut, NULL));
    }
  for (gsize i = 0; i < size * 8; i++)
    {
      g_autofree guint8 *copy = g_memdup2 (data, size);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (OnwardTree) other = NULL;

      copy[i / 8] ^= (guint8) (1 << i % 8);
      bytes = g_bytes_new (copy, size);
      other = onward_tree_parse (bytes, NULL);
      g_assert_true (other == NULL || !onward_digest_equal (onward_tree_get_digest (other),
                                                            onward_tree_get_digest (tree)));
    }
}

static GArray *
make_many (GStringChunk *strings, guint n_files)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));

  for (guint i = 0; i < n_files; i++)
    {
      g_autofree char *name = g_strdup_printf ("dir-%03u", i / 1000);
      g_autofree char *path = g_strdup_printf ("%s/Some-File-é-%06u", name, i);
      OnwardTreeEntry entry = folder (g_string_chunk_insert_const (strings, name));

      if (i % 1000 == 0)
        g_array_append_val (array, entry);
      entry = file (g_string_chunk_insert (strings, path), 1);
      g_array_append_val (array, entry);
    }
  return array;
}

/* Two hundred thousand entries are read within a second. The sanitizer makes allocation too slow
 * for so many. */
static void
test_tree_large (void)
{
#ifdef ONWARD_TEST_SANITIZED
  const guint n_files = 9990;
#else
  const guint n_files = 199800;
#endif
  g_autoptr (GStringChunk) strings = g_string_chunk_new (65536);
  g_autoptr (GArray) entries = make_many (strings, n_files);
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardTree) again = NULL;
  g_autoptr (GError) error = NULL;
  double seconds;

  tree = onward_tree_new (entries, &error);
  g_assert_no_error (error);

  g_test_timer_start ();
  again = onward_tree_parse (onward_tree_get_bytes (tree), &error);
  seconds = g_test_timer_elapsed ();
  g_test_minimized_result (seconds, "%u entries in %.3f s", entries->len, seconds);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_tree_get_n_files (again), ==, n_files);
}

/* One entry beyond the limit is refused before anything else is looked at. */
static void
test_tree_too_many (void)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
  OnwardTreeEntry entry = file ("a", 1);
  g_autoptr (GError) error = NULL;

  while (entries->len <= ONWARD_TREE_MAX_ENTRIES)
    g_array_append_val (entries, entry);
  g_assert_null (onward_tree_new (entries, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_nonnull (strstr (error->message, "more than 200000 entries"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/tree/round-trip", test_tree_round_trip);
  g_test_add_func ("/tree/digest", test_tree_digest);
  g_test_add_func ("/tree/lookup", test_tree_lookup);
  g_test_add_func ("/tree/empty", test_tree_empty);
  g_test_add_func ("/tree/parents", test_tree_parents);
  g_test_add_func ("/tree/collisions", test_tree_collisions);
  g_test_add_func ("/tree/modes", test_tree_modes);
  g_test_add_func ("/tree/links", test_tree_links);
  g_test_add_func ("/tree/link-escape", test_tree_link_escape);
  g_test_add_func ("/tree/link-chains", test_tree_link_chains);
  g_test_add_func ("/tree/link-bomb", test_tree_link_bomb);
  g_test_add_func ("/tree/sizes", test_tree_sizes);
  g_test_add_func ("/tree/kinds", test_tree_kinds);
  g_test_add_func ("/tree/no-content", test_tree_no_content);
  g_test_add_func ("/tree/components", test_tree_components);
  g_test_add_func ("/tree/paths", test_tree_paths);
  g_test_add_func ("/tree/parse/hostile", test_tree_parse_hostile);
  g_test_add_func ("/tree/parse/damaged", test_tree_parse_damaged);
  g_test_add_func ("/tree/large", test_tree_large);
  g_test_add_func ("/tree/too-many", test_tree_too_many);

  return g_test_run ();
}
