/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-log.h"
#include "onward-tree-changes.h"

#define MAX_LINES      40
#define MAX_PATH_CHARS 200

/* clang-format off */
static const char *const nicks[] = {
  [ONWARD_CHANGE_ADDED]   = "added",
  [ONWARD_CHANGE_CHANGED] = "changed",
  [ONWARD_CHANGE_RENAMED] = "renamed",
  [ONWARD_CHANGE_DELETED] = "deleted",
};
/* clang-format on */
G_STATIC_ASSERT (G_N_ELEMENTS (nicks) == ONWARD_CHANGE_LAST + 1);

/**
 * onward_tree_changes_get_nick:
 * @kind: a kind of change
 *
 * Returns: its name
 */
const char *
onward_tree_changes_get_nick (OnwardChangeKind kind)
{
  return nicks[kind];
}

static gboolean
is_same (const OnwardTreeEntry *a, const OnwardTreeEntry *b)
{
  return a->kind == b->kind && a->mode == b->mode && a->size == b->size &&
         onward_digest_equal (&a->digest, &b->digest) &&
         g_str_equal (a->link_target, b->link_target);
}

/* Folders do not count: where one stood, a file is new. */
static const OnwardTreeEntry *
lookup (OnwardTree *tree, const char *path)
{
  const OnwardTreeEntry *entry = onward_tree_lookup (tree, path);

  return entry != NULL && entry->kind != ONWARD_ENTRY_DIRECTORY ? entry : NULL;
}

/* The files of the old tree that the new one has no entry for, by content: where files went. */
static GHashTable *
index_vanished (OnwardTree *old_tree, OnwardTree *new_tree)
{
  GHashTable *vanished = g_hash_table_new (onward_digest_hash, onward_digest_equal);

  for (guint i = 0; i < onward_tree_get_n_entries (old_tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (old_tree, i);

      if (entry->kind == ONWARD_ENTRY_FILE && entry->size > 0 &&
          lookup (new_tree, entry->path) == NULL)
        g_hash_table_insert (vanished, (gpointer) &entry->digest, (gpointer) entry);
    }

  return vanished;
}

static void
add_new_entry (GArray *changes, GHashTable *vanished, GHashTable *moved,
               const OnwardTreeEntry *entry)
{
  const OnwardTreeEntry *origin = NULL;
  OnwardChange change = { ONWARD_CHANGE_ADDED, entry->path, NULL, entry->size };

  if (entry->kind == ONWARD_ENTRY_FILE)
    origin = g_hash_table_lookup (vanished, &entry->digest);
  if (origin != NULL && g_hash_table_add (moved, (gpointer) origin->path))
    {
      change.kind = ONWARD_CHANGE_RENAMED;
      change.old_path = origin->path;
    }

  g_array_append_val (changes, change);
}

/**
 * onward_tree_changes_find:
 * @old_tree: a tree
 * @new_tree: another tree; both outlive the result
 *
 * Returns: (transfer full) (element-type OnwardChange): what is different, directories left out, in
 *   the order of the new tree, deletions last
 */
GArray *
onward_tree_changes_find (OnwardTree *old_tree, OnwardTree *new_tree)
{
  GArray *changes = g_array_new (FALSE, FALSE, sizeof (OnwardChange));
  g_autoptr (GHashTable) vanished = index_vanished (old_tree, new_tree);
  g_autoptr (GHashTable) moved = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < onward_tree_get_n_entries (new_tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (new_tree, i);
      const OnwardTreeEntry *before = lookup (old_tree, entry->path);

      if (entry->kind == ONWARD_ENTRY_DIRECTORY)
        continue;
      if (before == NULL)
        add_new_entry (changes, vanished, moved, entry);
      else if (!is_same (before, entry))
        {
          OnwardChange change = { ONWARD_CHANGE_CHANGED, entry->path, NULL, entry->size };

          g_array_append_val (changes, change);
        }
    }

  for (guint i = 0; i < onward_tree_get_n_entries (old_tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (old_tree, i);
      OnwardChange change = { ONWARD_CHANGE_DELETED, entry->path, NULL, entry->size };

      if (entry->kind != ONWARD_ENTRY_DIRECTORY && lookup (new_tree, entry->path) == NULL &&
          !g_hash_table_contains (moved, entry->path))
        g_array_append_val (changes, change);
    }

  return changes;
}

static void
print_change (const OnwardChange *change)
{
  g_autofree char *path = onward_log_escape (change->path, MAX_PATH_CHARS);
  g_autofree char *size = g_format_size (change->size);

  if (change->old_path == NULL)
    printf ("  %-8s %10s  %s\n", nicks[change->kind], size, path);
  else
    {
      g_autofree char *old_path = onward_log_escape (change->old_path, MAX_PATH_CHARS);

      printf ("  %-8s %10s  %s → %s\n", nicks[change->kind], size, old_path, path);
    }
}

/**
 * onward_tree_changes_print:
 * @changes: (element-type OnwardChange): what onward_tree_changes_find() gave
 *
 * Prints the table of changes: the first of them one by one, and the sum of each kind.
 */
void
onward_tree_changes_print (GArray *changes)
{
  guint counts[ONWARD_CHANGE_LAST + 1] = { 0 };
  guint64 sizes[ONWARD_CHANGE_LAST + 1] = { 0 };

  for (guint i = 0; i < changes->len; i++)
    {
      const OnwardChange *change = &g_array_index (changes, OnwardChange, i);

      counts[change->kind]++;
      sizes[change->kind] += change->size;
      if (i < MAX_LINES)
        print_change (change);
    }

  if (changes->len > MAX_LINES)
    printf ("  … and %u more\n", changes->len - MAX_LINES);

  for (guint kind = 0; kind <= ONWARD_CHANGE_LAST; kind++)
    {
      g_autofree char *size = g_format_size (sizes[kind]);

      printf ("%-8s %6u files %10s\n", nicks[kind], counts[kind], size);
    }
}
