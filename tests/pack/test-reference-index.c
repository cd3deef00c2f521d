/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-delta.h"
#include "onward-reference-index.h"

static void
add_file (GArray *entries, const char *path, guint64 size, guint8 content)
{
  OnwardTreeEntry entry = { .path = path,
                            .kind = ONWARD_ENTRY_FILE,
                            .mode = 0644,
                            .size = size,
                            .link_target = "",
                            .component = "" };

  if (size > 0)
    memset (entry.digest.bytes, content, sizeof entry.digest.bytes);
  else
    onward_digest_of_data ("", 0, &entry.digest);
  g_array_append_val (entries, entry);
}

static void
add_dir (GArray *entries, const char *path)
{
  const OnwardTreeEntry entry = {
    .path = path, .kind = ONWARD_ENTRY_DIRECTORY, .mode = 0755, .link_target = "", .component = ""
  };

  g_array_append_val (entries, entry);
}

static OnwardReferenceIndex *
make_index (void)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (GError) error = NULL;

  add_dir (entries, "dir");
  add_dir (entries, "lib");
  add_dir (entries, "lib/a");
  add_dir (entries, "lib/b");
  add_file (entries, "lib/a/plugin.so", 1000, 1);
  add_file (entries, "lib/b/plugin.so", 5000, 2);
  add_file (entries, "app", 300, 3);
  add_file (entries, "empty", 0, 0);
  tree = onward_tree_new (entries, &error);
  g_assert_no_error (error);
  return onward_reference_index_new (tree);
}

static const char *
find (OnwardReferenceIndex *index, const char *path, guint64 size)
{
  const OnwardTreeEntry entry = { .path = path, .kind = ONWARD_ENTRY_FILE, .size = size };
  const OnwardTreeEntry *found = onward_reference_index_find (index, &entry);

  return found != NULL ? found->path : NULL;
}

/* The same path wins, then the same name of the nearest size; else there is no reference. */
static void
test_find (void)
{
  g_autoptr (OnwardReferenceIndex) index = make_index ();

  g_assert_cmpstr (find (index, "app", 1), ==, "app");
  g_assert_cmpstr (find (index, "lib/b/plugin.so", 1000), ==, "lib/b/plugin.so");
  g_assert_cmpstr (find (index, "plugin.so", 900), ==, "lib/a/plugin.so");
  g_assert_cmpstr (find (index, "lib/c/plugin.so", 4000), ==, "lib/b/plugin.so");
  g_assert_cmpstr (find (index, "lib/c/plugin.so", 3000), ==, "lib/a/plugin.so");
  g_assert_cmpstr (find (index, "bin/app", 400), ==, "app");
  g_assert_null (find (index, "new", 400));
  g_assert_null (find (index, "empty", 400));
  g_assert_null (find (index, "dir", 400));
  g_assert_null (find (index, "app", ONWARD_DELTA_MAX_SIZE + 1));
}

/* Content is known by digest, whatever its name. */
static void
test_contains (void)
{
  g_autoptr (OnwardReferenceIndex) index = make_index ();
  OnwardDigest digest;

  memset (digest.bytes, 2, sizeof digest.bytes);
  g_assert_true (onward_reference_index_contains (index, &digest));
  memset (digest.bytes, 4, sizeof digest.bytes);
  g_assert_false (onward_reference_index_contains (index, &digest));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/reference-index/find", test_find);
  g_test_add_func ("/reference-index/contains", test_contains);
  return g_test_run ();
}
