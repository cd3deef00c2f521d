/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-shelf.h"
#include "onward-stager.h"
#include "onward-unpack.h"

struct _OnwardShelf
{
  GPtrArray *steps;          /* (owned): of OnwardStagingStep */
  OnwardTree *tree;          /* (owned): what all steps make together */
  OnwardStager *stager;      /* (owned) */
  GCancellable *cancellable; /* (owned) (nullable) */
};

/* What a step makes and none before it, as a file with its digest for a name. */
static void
list_step (const OnwardStagingStep *step, GHashTable *seen, GStringChunk *names, GArray *entries)
{
  OnwardTree *tree = onward_pack_head_get_tree (onward_pack_reader_get_head (step->reader));

  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      OnwardTreeEntry entry = *onward_tree_get_entry (tree, i);
      const OnwardDigest *digest = &onward_tree_get_entry (tree, i)->digest;
      g_autofree char *name = NULL;

      if (entry.kind != ONWARD_ENTRY_FILE || !g_hash_table_contains (step->contents, digest) ||
          !g_hash_table_add (seen, (gpointer) digest))
        continue;
      name = onward_digest_to_string (digest);
      entry.path = g_string_chunk_insert (names, name);
      entry.component = "";
      g_array_append_val (entries, entry);
    }
}

static OnwardTree *
make_tree (GPtrArray *steps, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (onward_digest_hash, onward_digest_equal);
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
  g_autoptr (GStringChunk) names = g_string_chunk_new (4096);

  for (guint i = 0; i < steps->len; i++)
    list_step (g_ptr_array_index (steps, i), seen, names, entries);
  return onward_tree_new (entries, error);
}

/**
 * onward_shelf_new:
 * @staging_dirfd: var/staging
 * @steps: (element-type OnwardStagingStep): what makes the contents, in order
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR
 *
 * Opens or makes the folder, with what an earlier run has put there. Blocking.
 *
 * Returns: (transfer full) (nullable): a shelf
 */
OnwardShelf *
onward_shelf_new (int staging_dirfd, GPtrArray *steps, GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardShelf) self = g_new0 (OnwardShelf, 1);

  self->steps = g_ptr_array_ref (steps);
  g_set_object (&self->cancellable, cancellable);
  self->tree = make_tree (steps, error);
  if (self->tree != NULL)
    self->stager =
        onward_stager_new (staging_dirfd, ONWARD_SHELF_NAME, self->tree, cancellable, error);
  return self->stager != NULL && onward_stager_resume (self->stager, error)
             ? g_steal_pointer (&self)
             : NULL;
}

/**
 * onward_shelf_free:
 * @self: (transfer full) (nullable): a shelf
 *
 * Frees @self; the folder stays.
 */
void
onward_shelf_free (OnwardShelf *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->stager, onward_stager_free);
  g_clear_pointer (&self->tree, onward_tree_unref);
  g_clear_object (&self->cancellable);
  g_ptr_array_unref (self->steps);
  g_free (self);
}

/**
 * onward_shelf_get_tree:
 * @self: a shelf
 *
 * Returns: (transfer none): the files that it will have
 */
OnwardTree *
onward_shelf_get_tree (OnwardShelf *self)
{
  return self->tree;
}

/**
 * onward_shelf_get_dirfd:
 * @self: a shelf
 *
 * Returns: a borrowed descriptor of the folder
 */
int
onward_shelf_get_dirfd (OnwardShelf *self)
{
  return onward_stager_get_dirfd (self->stager);
}

static gboolean
want_contents (OnwardShelf *self, const OnwardStagingStep *step, OnwardUnpack *unpack,
               GError **error)
{
  GHashTableIter iter;
  gpointer digest;

  g_hash_table_iter_init (&iter, step->contents);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    {
      g_autofree char *name = onward_digest_to_string (digest);
      const OnwardTreeEntry *entry = onward_tree_lookup (self->tree, name);

      if (!onward_stager_is_done (self->stager, entry) && !onward_unpack_add (unpack, entry, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run_step (OnwardShelf *self, const OnwardStagingStep *step, OnwardReferenceSource source,
          gpointer user_data, GError **error)
{
  g_autoptr (OnwardUnpack) unpack = onward_unpack_new (step->reader, self->stager);
  gboolean done;

  onward_pack_reader_set_source (step->reader, source, user_data);
  onward_pack_reader_set_scratch (step->reader, onward_stager_get_dirfd (self->stager));
  done = want_contents (self, step, unpack, error) &&
         onward_unpack_run (unpack, self->cancellable, error);
  onward_pack_reader_set_source (step->reader, NULL, NULL);
  onward_pack_reader_set_scratch (step->reader, -1);
  return done;
}

/**
 * onward_shelf_fill:
 * @self: a shelf
 * @source: gives old content that deltas start from: what is installed, and what steps before have
 *   made
 * @user_data: for @source
 * @error: where to put ONWARD_ERROR; CORRUPT when bytes differ from their digest
 *
 * Makes what is not there yet, each content checked by its digest. Blocking.
 *
 * Returns: whether everything is there
 */
gboolean
onward_shelf_fill (OnwardShelf *self, OnwardReferenceSource source, gpointer user_data,
                   GError **error)
{
  for (guint i = 0; i < self->steps->len; i++)
    if (!run_step (self, g_ptr_array_index (self->steps, i), source, user_data, error))
      {
        g_prefix_error (error, "Step %u: ", i + 1);
        return FALSE;
      }
  return TRUE;
}
