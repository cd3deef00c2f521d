/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-delta.h"
#include "onward-reference-index.h"

struct _OnwardReferenceIndex
{
  OnwardTree *tree;     /* (owned) */
  GHashTable *contents; /* (owned): set of OnwardDigest, of the tree */
  GHashTable *basenames; /* (owned): basename → GPtrArray of OnwardTreeEntry, in the tree's order */
};

static const char *
find_basename (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

static void
add_basename (OnwardReferenceIndex *self, const OnwardTreeEntry *entry)
{
  const char *name = find_basename (entry->path);
  GPtrArray *entries = g_hash_table_lookup (self->basenames, name);

  if (entries == NULL)
    {
      entries = g_ptr_array_new ();
      g_hash_table_insert (self->basenames, (gpointer) name, entries);
    }
  g_ptr_array_add (entries, (gpointer) entry);
}

/**
 * onward_reference_index_new:
 * @old_tree: the tree that the other side has
 *
 * Returns: (transfer full): an index of its files
 */
OnwardReferenceIndex *
onward_reference_index_new (OnwardTree *old_tree)
{
  OnwardReferenceIndex *self = g_new0 (OnwardReferenceIndex, 1);

  self->tree = onward_tree_ref (old_tree);
  self->contents = g_hash_table_new (onward_digest_hash, onward_digest_equal);
  self->basenames =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < onward_tree_get_n_entries (old_tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (old_tree, i);

      if (entry->kind != ONWARD_ENTRY_FILE || entry->size == 0)
        continue;
      g_hash_table_add (self->contents, (gpointer) &entry->digest);
      add_basename (self, entry);
    }
  return self;
}

/**
 * onward_reference_index_free:
 * @self: (transfer full) (nullable): an index
 *
 * Frees it.
 */
void
onward_reference_index_free (OnwardReferenceIndex *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->contents);
  g_hash_table_unref (self->basenames);
  onward_tree_unref (self->tree);
  g_free (self);
}

/**
 * onward_reference_index_contains:
 * @self: an index
 * @digest: names a content that is not empty
 *
 * Returns: whether the old tree has it, under any name
 */
gboolean
onward_reference_index_contains (OnwardReferenceIndex *self, const OnwardDigest *digest)
{
  return g_hash_table_contains (self->contents, digest);
}

static guint64
distance (const OnwardTreeEntry *a, const OnwardTreeEntry *b)
{
  return a->size > b->size ? a->size - b->size : b->size - a->size;
}

/**
 * onward_reference_index_find:
 * @self: an index
 * @entry: a file of the new tree
 *
 * Chooses the old file that @entry is probably a new version of: the one of the same path, else of
 * those of the same name the one whose size is nearest.
 *
 * Returns: (transfer none) (nullable): an entry of the old tree
 */
const OnwardTreeEntry *
onward_reference_index_find (OnwardReferenceIndex *self, const OnwardTreeEntry *entry)
{
  const OnwardTreeEntry *best = onward_tree_lookup (self->tree, entry->path);
  GPtrArray *candidates;

  if (entry->size > ONWARD_DELTA_MAX_SIZE)
    return NULL;
  if (best != NULL && best->kind == ONWARD_ENTRY_FILE && best->size > 0)
    return best;

  best = NULL;
  candidates = g_hash_table_lookup (self->basenames, find_basename (entry->path));
  for (guint i = 0; candidates != NULL && i < candidates->len; i++)
    {
      const OnwardTreeEntry *candidate = g_ptr_array_index (candidates, i);

      if (best == NULL || distance (candidate, entry) < distance (best, entry))
        best = candidate;
    }
  return best;
}

/**
 * onward_reference_index_list_gone:
 * @self: an index
 * @tree: the new tree
 *
 * Lists what changed or vanished, each content once.
 *
 * Returns: (transfer full) (element-type OnwardTreeEntry): entries of the old tree, in its order
 */
GPtrArray *
onward_reference_index_list_gone (OnwardReferenceIndex *self, OnwardTree *tree)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (onward_digest_hash, onward_digest_equal);
  GPtrArray *gone = g_ptr_array_new ();

  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    g_hash_table_add (seen, (gpointer) &onward_tree_get_entry (tree, i)->digest);
  for (guint i = 0; i < onward_tree_get_n_entries (self->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->tree, i);

      if (entry->kind == ONWARD_ENTRY_FILE && entry->size > 0 &&
          g_hash_table_add (seen, (gpointer) &entry->digest))
        g_ptr_array_add (gone, (gpointer) entry);
    }
  return gone;
}
