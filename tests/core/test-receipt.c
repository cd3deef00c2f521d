/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-receipt.h"

static OnwardTreeEntry
make (const char *path, OnwardEntryKind kind, guint64 size, const char *component)
{
  guint32 mode = kind == ONWARD_ENTRY_DIRECTORY ? 0755 : kind == ONWARD_ENTRY_FILE ? 0644 : 0777;

  return (OnwardTreeEntry){ path,      kind,      mode,
                            size,      { { 1 } }, kind == ONWARD_ENTRY_SYMLINK ? "voices/de" : "",
                            component, 0,         0 };
}

/* A link of the rest leads into a component. */
static OnwardTree *
make_tree (void)
{
  const OnwardTreeEntry entries[] = {
    make ("bin", ONWARD_ENTRY_DIRECTORY, 0, ""),
    make ("bin/app", ONWARD_ENTRY_FILE, 100, ""),
    make ("help", ONWARD_ENTRY_DIRECTORY, 0, "help"),
    make ("help/index", ONWARD_ENTRY_FILE, 20, "help"),
    make ("link", ONWARD_ENTRY_SYMLINK, 0, ""),
    make ("voices", ONWARD_ENTRY_DIRECTORY, 0, "voices"),
    make ("voices/de", ONWARD_ENTRY_FILE, 3, "voices"),
    make ("voices/en", ONWARD_ENTRY_FILE, 4, "voices"),
  };
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
  g_autoptr (GError) error = NULL;
  OnwardTree *tree;

  g_array_append_vals (array, entries, G_N_ELEMENTS (entries));
  tree = onward_tree_new (array, &error);
  g_assert_no_error (error);
  return tree;
}

static OnwardTree *
leave_out (OnwardTree *tree, const char *names)
{
  g_auto (GStrv) words = g_strsplit (names, " ", -1);

  return onward_tree_leave_out (tree, (const char *const *) words);
}

static void
assert_absent (OnwardTree *tree, const char *names)
{
  g_autofree char *absent = g_strjoinv (" ", (char **) onward_tree_get_absent (tree));

  g_assert_cmpstr (absent, ==, names);
}

/* What is left out is not there, in number, size or by name; the tree is still that of the
 * publisher. */
static void
test_receipt_leave_out (void)
{
  static const struct
  {
    const char *names, *absent;
    guint n_entries, n_files;
    guint64 size;
  } cases[] = {
    { "", "", 8, 4, 127 },
    { "help", "help", 6, 3, 107 },
    { "voices", "voices", 5, 2, 120 },
    { "voices help", "help voices", 3, 1, 100 },
    { "none voices voices", "voices", 5, 2, 120 },
  };
  g_autoptr (OnwardTree) whole = make_tree ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTree) part = leave_out (whole, cases[i].names);

      assert_absent (part, cases[i].absent);
      g_assert_cmpuint (onward_tree_get_n_entries (part), ==, cases[i].n_entries);
      g_assert_cmpuint (onward_tree_get_n_files (part), ==, cases[i].n_files);
      g_assert_cmpuint (onward_tree_get_size (part), ==, cases[i].size);
      g_assert_cmpint (onward_tree_lookup (part, "voices/de") == NULL, ==,
                       strstr (cases[i].names, "voices") != NULL);
      g_assert_true (onward_tree_get_whole (part) == whole);
      g_assert_true (onward_tree_get_bytes (part) == onward_tree_get_bytes (whole));
      g_assert_true (
          onward_digest_equal (onward_tree_get_digest (part), onward_tree_get_digest (whole)));
    }
}

/* What is left out of a part is told anew, and its components are those of the whole. */
static void
test_receipt_leave_out_again (void)
{
  g_autoptr (OnwardTree) whole = make_tree ();
  g_autoptr (OnwardTree) part = leave_out (whole, "help");
  g_autoptr (OnwardTree) other = leave_out (part, "voices");
  g_autoptr (OnwardTree) again = leave_out (part, "");
  g_auto (GStrv) names = onward_tree_dup_components (part);
  g_autofree char *joined = g_strjoinv (" ", names);

  g_assert_cmpstr (joined, ==, "help voices");
  assert_absent (other, "voices");
  g_assert_nonnull (onward_tree_lookup (other, "help/index"));
  g_assert_true (again == whole);
}

/* A part outlives the tree that it was made from. */
static void
test_receipt_part_lives (void)
{
  OnwardTree *whole = make_tree ();
  g_autoptr (OnwardTree) part = leave_out (whole, "voices");

  onward_tree_unref (whole);
  g_assert_cmpstr (onward_tree_get_entry (part, 1)->path, ==, "bin/app");
}

/* A receipt says again what is present; of a version that has everything it is the tree itself. */
static void
test_receipt_round_trip (void)
{
  const char *const names[] = { "", "help", "voices", "help voices" };
  g_autoptr (OnwardTree) whole = make_tree ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (OnwardTree) part = leave_out (whole, names[i]);
      g_autoptr (GBytes) bytes = onward_receipt_serialize (part);
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardTree) again = onward_receipt_parse (bytes, &error);

      g_assert_no_error (error);
      assert_absent (again, names[i]);
      g_assert_true (onward_receipt_equal (part, again));
      g_assert_cmpint (onward_receipt_equal (whole, again), ==, i == 0);
      g_assert_cmpuint (onward_tree_get_n_entries (part), ==, onward_tree_get_n_entries (again));
      g_assert_cmpint (g_bytes_equal (bytes, onward_tree_get_bytes (whole)), ==, i == 0);
    }
}

/* Nobody who writes one has written these. */
static void
test_receipt_hostile (void)
{
  static const char *const lines[] = {
    "/",
    "/\n",
    "//\n",
    "/help",
    "/help\n\n",
    "/help/\n",
    "/none\n",
    "/voices/help\n",
    "/help/help\n",
    "help\n",
    "/help voices\n",
    "/Help\n",
    "\n",
    "/help\r\n",
    "/help/none\n",
  };
  g_autoptr (OnwardTree) whole = make_tree ();
  gsize size;
  const char *data = g_bytes_get_data (onward_tree_get_bytes (whole), &size);

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GString) text = g_string_new (lines[i]);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (OnwardTree) tree = NULL;
      g_autoptr (GError) error = NULL;

      g_string_append_len (text, data, (gssize) size);
      bytes = g_bytes_new (text->str, text->len);
      tree = onward_receipt_parse (bytes, &error);
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_null (tree);
    }
}

/* The line of names has an end, or is none: it is looked for no further than the longest goes. */
static void
test_receipt_endless (void)
{
  g_autofree char *name = g_strnfill (1024 * 1024, 'a');
  g_autofree char *text = g_strconcat ("/", name, "\n", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTree) empty = NULL;

  g_assert_null (onward_receipt_parse (bytes, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_clear_error (&error);
  empty = onward_receipt_parse (nothing, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_tree_get_n_entries (empty), ==, 0);
}

/* Whoever signs a tree may have so many components and no more. */
static void
test_receipt_too_many_components (void)
{
  g_autoptr (GStringChunk) strings = g_string_chunk_new (4096);

  for (guint n = 256; n <= 257; n++)
    {
      g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
      g_autoptr (OnwardTree) tree = NULL;
      g_autoptr (GError) error = NULL;

      for (guint i = 0; i < n; i++)
        {
          g_autofree char *name = g_strdup_printf ("c%03u", i);
          const char *kept = g_string_chunk_insert (strings, name);
          OnwardTreeEntry entry = make (kept, ONWARD_ENTRY_DIRECTORY, 0, kept);

          g_array_append_val (entries, entry);
        }
      tree = onward_tree_new (entries, &error);
      if (n == 256)
        g_assert_no_error (error);
      else
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/receipt/leave-out", test_receipt_leave_out);
  g_test_add_func ("/receipt/leave-out-again", test_receipt_leave_out_again);
  g_test_add_func ("/receipt/part-lives", test_receipt_part_lives);
  g_test_add_func ("/receipt/round-trip", test_receipt_round_trip);
  g_test_add_func ("/receipt/hostile", test_receipt_hostile);
  g_test_add_func ("/receipt/endless", test_receipt_endless);
  g_test_add_func ("/receipt/too-many-components", test_receipt_too_many_components);

  return g_test_run ();
}
