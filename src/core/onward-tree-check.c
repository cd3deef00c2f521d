/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-tree-check.h"

#include <string.h>

#include "onward-error.h"
#include "onward-tree-path.h"

#define MAX_LINKS            4
#define MAX_COMPONENT_LENGTH 64
#define MAX_COMPONENTS       256

static gboolean
refuse (GError **error, const char *path, const char *why)
{
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "“%s”: %s", path, why);
  return FALSE;
}

/**
 * onward_tree_check_find:
 * @entries: (element-type OnwardTreeEntry): entries sorted by path
 * @path: (array length=size): a path, which need not end there
 * @size: its size in bytes
 *
 * Returns: (transfer none) (nullable): the entry at the path
 */
const OnwardTreeEntry *
onward_tree_check_find (GArray *entries, const char *path, gsize size)
{
  guint low = 0;
  guint high = entries->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const OnwardTreeEntry *entry = &g_array_index (entries, OnwardTreeEntry, middle);
      int order = strncmp (entry->path, path, size);

      if (order == 0 && entry->path[size] == '\0')
        return entry;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

static gboolean
is_component_name (const char *text)
{
  gsize length = strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-");

  return text[length] == '\0' && length <= MAX_COMPONENT_LENGTH &&
         (length == 0 || g_ascii_isalnum (text[0]));
}

static gboolean
check_file (const OnwardTreeEntry *entry, GError **error)
{
  if (entry->mode != 0644 && entry->mode != 0755)
    return refuse (error, entry->path, "a file's mode must be 0644 or 0755");
  if (entry->size > ONWARD_TREE_MAX_SIZE || entry->offset > ONWARD_TREE_MAX_SIZE)
    return refuse (error, entry->path, "a file is too large");
  return TRUE;
}

/* Checks what an entry says of itself, whatever the others say. */
static gboolean
check_entry (const OnwardTreeEntry *entry, GError **error)
{
  if (!onward_tree_path_check (entry->path, error))
    return FALSE;
  if (!is_component_name (entry->component))
    return refuse (error, entry->path, "the component's name breaks the rules");
  if (entry->kind == ONWARD_ENTRY_FILE)
    return check_file (entry, error);

  if (entry->mode != (entry->kind == ONWARD_ENTRY_DIRECTORY ? 0755 : 0777))
    return refuse (error, entry->path, "folders have mode 0755 and links 0777");
  if (entry->size != 0 || entry->frame != 0 || entry->offset != 0)
    return refuse (error, entry->path, "only files have a size and a place");
  return entry->kind == ONWARD_ENTRY_DIRECTORY ||
         onward_tree_path_check_link (entry->path, entry->link_target, error);
}

/* Checks that the folder of an entry is listed. Neighbours mostly share one: @inout_parent keeps
 * the last one found. */
static gboolean
check_parent (GArray *entries, const OnwardTreeEntry *entry, const OnwardTreeEntry **inout_parent,
              GError **error)
{
  const char *slash = strrchr (entry->path, '/');
  const OnwardTreeEntry *parent = *inout_parent;
  gsize size;

  if (slash == NULL)
    return TRUE;

  size = (gsize) (slash - entry->path);
  if (parent == NULL || strncmp (parent->path, entry->path, size) != 0 ||
      parent->path[size] != '\0')
    parent = onward_tree_check_find (entries, entry->path, size);
  if (parent == NULL || parent->kind != ONWARD_ENTRY_DIRECTORY)
    return refuse (error, entry->path, "its folder is not listed as a folder");
  if (parent->component[0] != '\0' && !g_str_equal (parent->component, entry->component))
    return refuse (error, entry->path, "its folder belongs to another component");

  *inout_parent = parent;
  return TRUE;
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Sorting takes bounded time whatever the names are, which a hash table does not. */
static gboolean
check_collisions (GArray *entries, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_full (entries->len, g_free);

  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (keys,
                     onward_tree_path_fold (g_array_index (entries, OnwardTreeEntry, i).path));

  g_ptr_array_sort (keys, compare_strings);
  for (guint i = 1; i < keys->len; i++)
    if (g_str_equal (keys->pdata[i - 1], keys->pdata[i]))
      return refuse (error, keys->pdata[i], "two paths differ in nothing but case");
  return TRUE;
}

static gboolean
is_listed_folder (GArray *entries, const GString *path)
{
  const OnwardTreeEntry *entry;

  if (path->len == 0)
    return TRUE;

  entry = onward_tree_check_find (entries, path->str, path->len);
  return entry != NULL && entry->kind == ONWARD_ENTRY_DIRECTORY;
}

static void
strip_last_component (GString *path)
{
  const char *slash = strrchr (path->str, '/');

  g_string_truncate (path, slash != NULL ? (gsize) (slash - path->str) : 0);
}

/* Walks @target from the folder @at as the kernel would, following links on the way, and leaves
 * in @at what it leads to. The number of links on the whole way is bounded, and so is recursion:
 * links that lead over each other again and again would take years. */
static gboolean
walk (GArray *entries, GString *at, const char *target, guint *inout_n_links)
{
  g_auto (GStrv) components = g_strsplit (target, "/", -1);

  if (++*inout_n_links > MAX_LINKS)
    return FALSE;

  for (gsize i = 0; components[i] != NULL; i++)
    {
      const OnwardTreeEntry *entry;

      if (!is_listed_folder (entries, at))
        return FALSE;
      if (g_str_equal (components[i], "."))
        continue;
      if (g_str_equal (components[i], ".."))
        {
          if (at->len == 0)
            return FALSE;
          strip_last_component (at);
          continue;
        }

      g_string_append_printf (at, "%s%s", at->len > 0 ? "/" : "", components[i]);
      entry = onward_tree_check_find (entries, at->str, at->len);
      if (entry == NULL)
        return FALSE;
      if (entry->kind != ONWARD_ENTRY_SYMLINK)
        continue;

      strip_last_component (at);
      if (!walk (entries, at, entry->link_target, inout_n_links))
        return FALSE;
    }
  return TRUE;
}

/* A link leads to a listed entry, over at most four links. */
static gboolean
check_link (GArray *entries, const OnwardTreeEntry *entry, GError **error)
{
  g_autoptr (GString) at = g_string_new (entry->path);
  guint n_links = 0;

  strip_last_component (at);
  if (!walk (entries, at, entry->link_target, &n_links) || at->len == 0)
    return refuse (error, entry->path, "the link does not lead to a listed entry");
  return TRUE;
}

static gboolean
add_size (const OnwardTreeEntry *entry, guint64 *inout_size, guint *inout_n_files, GError **error)
{
  if (entry->kind != ONWARD_ENTRY_FILE)
    return TRUE;
  if (entry->size > ONWARD_TREE_MAX_SIZE - *inout_size)
    return refuse (error, entry->path, "all files together are too large");

  *inout_size += entry->size;
  (*inout_n_files)++;
  return TRUE;
}

/* Checks each entry by itself, that they are sorted, and what they sum up to. */
static gboolean
check_each (GArray *entries, guint64 *inout_size, guint *inout_n_files, GError **error)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const OnwardTreeEntry *entry = &g_array_index (entries, OnwardTreeEntry, i);

      if (!check_entry (entry, error))
        return FALSE;
      if (i > 0 && strcmp (entry[-1].path, entry->path) >= 0)
        return refuse (error, entry->path, "the entries are not sorted");
      if (!add_size (entry, inout_size, inout_n_files, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_components (GArray *entries, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < entries->len; i++)
    {
      const OnwardTreeEntry *entry = &g_array_index (entries, OnwardTreeEntry, i);

      if (entry->component[0] != '\0' && g_hash_table_add (names, (gpointer) entry->component) &&
          g_hash_table_size (names) > MAX_COMPONENTS)
        return refuse (error, entry->path, "there are too many components");
    }
  return TRUE;
}

/* Checks how sorted entries go together. */
static gboolean
check_relations (GArray *entries, GError **error)
{
  const OnwardTreeEntry *parent = NULL;

  for (guint i = 0; i < entries->len; i++)
    {
      const OnwardTreeEntry *entry = &g_array_index (entries, OnwardTreeEntry, i);

      if (!check_parent (entries, entry, &parent, error))
        return FALSE;
      if (entry->kind == ONWARD_ENTRY_SYMLINK && !check_link (entries, entry, error))
        return FALSE;
    }
  return check_components (entries, error) && check_collisions (entries, error);
}

/**
 * onward_tree_check_entries:
 * @entries: (element-type OnwardTreeEntry): the entries of a tree
 * @ret_size: (out): the size of all files in bytes
 * @ret_n_files: (out): how many entries are files
 * @error: set with %ONWARD_ERROR_MALFORMED, naming the path
 *
 * Checks all rules of a tree that are listed at onward_tree_parse().
 *
 * Returns: whether all hold; if not, the outputs are untouched
 */
gboolean
onward_tree_check_entries (GArray *entries, guint64 *ret_size, guint *ret_n_files, GError **error)
{
  guint64 size = 0;
  guint n_files = 0;

  g_return_val_if_fail (entries != NULL, FALSE);
  g_return_val_if_fail (ret_size != NULL && ret_n_files != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_each (entries, &size, &n_files, error) || !check_relations (entries, error))
    return FALSE;

  *ret_size = size;
  *ret_n_files = n_files;
  return TRUE;
}
