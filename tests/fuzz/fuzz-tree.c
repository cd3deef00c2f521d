/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include <string.h>

#include "onward-tree.h"

static void
check_entry (OnwardTree *tree, const OnwardTreeEntry *entry)
{
  g_assert_true (onward_tree_lookup (tree, entry->path) == entry);
  g_assert_true (entry->path[0] != '/' && entry->path[0] != '\0');
  g_assert_null (strstr (entry->path, "//"));
  g_assert_cmpuint (entry->mode & ~0777u, ==, 0);
  g_assert_true (entry->link_target[0] != '/');
  if (strchr (entry->path, '/') != NULL)
    {
      g_autofree char *parent = g_path_get_dirname (entry->path);

      g_assert_cmpint (onward_tree_lookup (tree, parent)->kind, ==, ONWARD_ENTRY_DIRECTORY);
    }
}

/* A tree that is read keeps its promises, and its entries make the same tree again. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (OnwardTree) tree = onward_tree_parse (bytes, NULL);
  g_autoptr (OnwardTree) again = NULL;
  g_autoptr (GArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  if (tree == NULL)
    return 0;

  entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      check_entry (tree, onward_tree_get_entry (tree, i));
      g_array_append_vals (entries, onward_tree_get_entry (tree, i), 1);
    }

  again = onward_tree_new (entries, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (onward_tree_get_bytes (again), bytes));
  return 0;
}
