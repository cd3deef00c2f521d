/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-component.h"
#include "onward-error.h"
#include "onward-pack-need.h"
#include "onward-part-file.h"
#include "onward-planner.h"
#include "onward-release-private.h"
#include "onward-selector.h"
#include "onward-staging.h"
#include "onward-thought-private.h"

static GHashTable *
new_digests (void)
{
  return g_hash_table_new_full (onward_digest_hash, onward_digest_equal, g_free, NULL);
}

/**
 * onward_thought_add_digest:
 * @digests: (element-type OnwardDigest): a set of a thought; grows
 * @digest: copied
 *
 * Adds a digest to a set of copies.
 */
void
onward_thought_add_digest (GHashTable *digests, const OnwardDigest *digest)
{
  g_hash_table_add (digests, g_memdup2 (digest, sizeof *digest));
}

/**
 * onward_thought_add_digests:
 * @digests: (element-type OnwardDigest): a set of a thought; grows
 * @others: (nullable) (element-type OnwardDigest): copied
 *
 * Adds digests to a set of copies.
 */
void
onward_thought_add_digests (GHashTable *digests, GHashTable *others)
{
  GHashTableIter iter;
  gpointer digest;

  if (others == NULL)
    return;

  g_hash_table_iter_init (&iter, others);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    onward_thought_add_digest (digests, digest);
}

/**
 * onward_thought_new:
 * @install: the install, which must outlive it
 * @document: the verified document of the release to get to
 *
 * Returns: (transfer full): a thought that knows nothing else
 */
OnwardThought *
onward_thought_new (OnwardInstall *install, OnwardReleaseDocument *document)
{
  OnwardThought *self = g_new0 (OnwardThought, 1);

  self->install = install;
  self->document = onward_release_document_ref (document);
  self->documents = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_release_document_unref);
  g_ptr_array_add (self->documents, onward_release_document_ref (document));
  self->asked = g_hash_table_new (NULL, NULL);
  self->avoided = new_digests ();
  self->judged = new_digests ();
  self->damaged = new_digests ();
  self->fetched = new_digests ();
  self->heads = g_hash_table_new_full (onward_digest_hash, onward_digest_equal, g_free,
                                       (GDestroyNotify) onward_pack_head_unref);
  return self;
}

/**
 * onward_thought_free:
 * @self: (transfer full) (nullable): a thought
 *
 * Frees it.
 */
void
onward_thought_free (OnwardThought *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->plan, onward_plan_free);
  g_clear_pointer (&self->ask_pack, onward_pack_info_unref);
  g_clear_error (&self->problem);
  g_clear_pointer (&self->here, g_hash_table_unref);
  g_clear_pointer (&self->installed, onward_tree_unref);
  g_clear_pointer (&self->targets, onward_targets_unref);
  g_clear_pointer (&self->releases, g_ptr_array_unref);
  g_hash_table_unref (self->heads);
  g_hash_table_unref (self->fetched);
  g_hash_table_unref (self->damaged);
  g_hash_table_unref (self->judged);
  g_hash_table_unref (self->avoided);
  g_hash_table_unref (self->asked);
  g_ptr_array_unref (self->documents);
  onward_release_document_unref (self->document);
  g_free (self);
}

static OnwardPaths *
get_paths (OnwardThought *self)
{
  return onward_install_get_paths (self->install);
}

/**
 * onward_thought_is_avoided:
 * @self: a thought
 * @pack: a pack
 *
 * Returns: whether the pack is of no use
 */
gboolean
onward_thought_is_avoided (OnwardThought *self, OnwardPackInfo *pack)
{
  return g_hash_table_contains (self->avoided, onward_pack_info_get_digest (pack));
}

/**
 * onward_thought_count_missing:
 * @self: a thought
 * @pack: a pack
 * @ranges: bytes of it that are needed
 *
 * Returns: how many bytes are still to be fetched for that, in whole blocks
 */
guint64
onward_thought_count_missing (OnwardThought *self, OnwardPackInfo *pack, const OnwardRanges *ranges)
{
  g_autoptr (OnwardRanges) received = onward_part_file_find_blocks (get_paths (self), pack);

  return onward_pack_need_count (pack, ranges, received);
}

/**
 * onward_thought_look_at_install:
 * @self: a thought
 * @cancellable: (nullable): stops in the middle
 * @error: return location
 *
 * Finds out, once, what is installed: without what is known to be damaged, or is seen to be at a
 * glance.
 *
 * Returns: FALSE when it was stopped, or could not be found out
 */
gboolean
onward_thought_look_at_install (OnwardThought *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *current = onward_install_dup_current (self->install, NULL);
  g_autoptr (GHashTable) gone = NULL;

  if (self->here != NULL)
    return TRUE;

  if (current != NULL &&
      !onward_component_load_receipt (self->install, current, &self->installed, error))
    return FALSE;
  gone = onward_staging_damage_find (self->install, FALSE, cancellable, error);
  if (gone == NULL)
    return FALSE;

  self->here = self->installed != NULL ? onward_pack_need_list (self->installed)
                                       : onward_pack_need_new_set ();
  onward_pack_need_remove (self->here, self->damaged);
  onward_pack_need_remove (self->here, gone);
  return TRUE;
}

/**
 * onward_thought_find_document:
 * @self: a thought
 * @tree: a tree
 *
 * Returns: (transfer none) (nullable): the document, among those that are known, of its release
 */
OnwardReleaseDocument *
onward_thought_find_document (OnwardThought *self, const OnwardDigest *tree)
{
  for (guint i = 0; i < self->documents->len; i++)
    {
      OnwardReleaseDocument *document = g_ptr_array_index (self->documents, i);

      if (onward_digest_equal (onward_release_document_get_tree_digest (document), tree))
        return document;
    }
  return NULL;
}

/**
 * onward_thought_is_known:
 * @self: a thought
 * @target: a release document
 *
 * Looks for the document on the disk: one that an earlier run, or a reader of notes, has fetched
 * costs nothing.
 *
 * Returns: whether there is no need to ask for it, or no use
 */
gboolean
onward_thought_is_known (OnwardThought *self, OnwardTarget *target)
{
  OnwardReleaseDocument *document;

  if (target == NULL || !g_hash_table_add (self->asked, target))
    return TRUE;

  document = onward_planner_load_document (get_paths (self), target, NULL);
  if (document != NULL)
    g_ptr_array_add (self->documents, document);
  else
    g_hash_table_remove (self->asked, target);
  return document != NULL;
}

/**
 * onward_thought_find_installed:
 * @self: a thought
 *
 * Returns: (transfer none) (nullable): the installed release, when it is listed
 */
OnwardRelease *
onward_thought_find_installed (OnwardThought *self)
{
  g_autofree char *current = onward_install_dup_current (self->install, NULL);

  return current != NULL && self->releases != NULL ? onward_selector_find (self->releases, current)
                                                   : NULL;
}

/**
 * onward_thought_list_between:
 * @self: a thought
 *
 * Returns: (transfer container) (element-type OnwardTarget): the documents of the releases between
 *   the installed one and the goal, newest first
 */
GPtrArray *
onward_thought_list_between (OnwardThought *self)
{
  GPtrArray *between = g_ptr_array_new ();
  OnwardRelease *goal = onward_release_document_get_release (self->document);
  OnwardRelease *installed = onward_thought_find_installed (self);
  guint64 first = installed != NULL ? onward_release_get_sequence (installed) + 1 : 0;

  for (guint i = 0; self->releases != NULL && i < self->releases->len; i++)
    {
      OnwardRelease *release = g_ptr_array_index (self->releases, i);
      guint64 sequence = onward_release_get_sequence (release);
      OnwardTarget *target;

      if (sequence < first || sequence >= onward_release_get_sequence (goal) ||
          onward_release_is_withdrawn (release))
        continue;
      target = onward_selector_find_target (self->targets, release);
      if (target != NULL)
        g_ptr_array_add (between, target);
    }
  return between;
}

static gboolean
is_promised (OnwardPackHead *head, OnwardPackInfo *pack, const OnwardDigest *tree)
{
  return onward_digest_equal (onward_tree_get_digest (onward_pack_head_get_tree (head)), tree) &&
         onward_pack_head_get_kind (head) == onward_pack_info_get_kind (pack);
}

static gboolean
is_goal (OnwardThought *self, const OnwardDigest *tree)
{
  return onward_digest_equal (onward_release_document_get_tree_digest (self->document), tree);
}

/* What is absent here stays absent: nothing of it is wanted, made or missed. */
static OnwardPackHead *
leave_out_absent (OnwardThought *self, OnwardPackHead *head)
{
  OnwardRelease *release = onward_release_document_get_release (self->document);
  OnwardTree *tree = onward_pack_head_get_tree (head);
  g_autofree char *current = onward_install_dup_current (self->install, NULL);
  g_auto (GStrv) absent = NULL;

  if (self->installed == NULL && current != NULL)
    absent = onward_component_look (self->install, current, tree);
  else
    absent =
        onward_component_choose (self->installed, tree, onward_release_get_on_demand (release));
  return onward_pack_head_leave_out (head, (const char *const *) absent);
}

static OnwardPackHead *
read_head (OnwardThought *self, OnwardPackInfo *pack, OnwardTree *old_tree,
           const OnwardDigest *tree, GError **error)
{
  g_autofree char *path = onward_part_file_dup_path (get_paths (self), pack);
  g_autoptr (OnwardPackHead) head = onward_part_file_read_head (path, pack, old_tree, error);

  if (head == NULL)
    return NULL;
  if (is_promised (head, pack, tree))
    return is_goal (self, tree) ? leave_out_absent (self, head) : g_steal_pointer (&head);

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
               "Reading the head of “%s”: it is not the one that the release document names", path);
  return NULL;
}

/**
 * onward_thought_learn_head:
 * @self: a thought
 * @pack: a pack
 * @old_tree: (nullable): for a delta: the tree that it starts from
 * @tree: the tree that it must make
 * @ret_outcome: (out): when there is none: whether there is a question, or the pack is of no use,
 *   or there is an error, since without its own full pack there is no way to a release
 * @error: return location
 *
 * Returns: (transfer none) (nullable): the pack's head, when it is known
 */
OnwardPackHead *
onward_thought_learn_head (OnwardThought *self, OnwardPackInfo *pack, OnwardTree *old_tree,
                           const OnwardDigest *tree, OnwardThoughtOutcome *ret_outcome,
                           GError **error)
{
  const OnwardDigest *digest = onward_pack_info_get_digest (pack);
  OnwardPackHead *head = g_hash_table_lookup (self->heads, digest);
  g_autoptr (GError) failure = NULL;

  *ret_outcome = ONWARD_THOUGHT_DONE;
  if (head != NULL)
    return head;
  if (onward_thought_is_avoided (self, pack) && self->problem != NULL)
    {
      *ret_outcome = ONWARD_THOUGHT_FAILED;
      g_propagate_error (error, g_error_copy (self->problem));
      return NULL;
    }
  if (!g_hash_table_contains (self->fetched, digest))
    {
      self->ask_pack = onward_pack_info_ref (pack);
      return NULL;
    }

  head = read_head (self, pack, old_tree, tree, &failure);
  if (head != NULL)
    {
      g_hash_table_insert (self->heads, g_memdup2 (digest, sizeof *digest), head);
      return head;
    }

  if (g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_FAILED) && !self->is_reread)
    {
      self->is_reread = TRUE;
      self->ask_pack = onward_pack_info_ref (pack);
      return NULL;
    }

  *ret_outcome = ONWARD_THOUGHT_AGAIN;
  if (pack == onward_release_document_get_full_pack (self->document))
    {
      *ret_outcome = ONWARD_THOUGHT_FAILED;
      g_propagate_error (error, g_steal_pointer (&failure));
    }
  else
    onward_thought_add_digest (self->avoided, digest);
  return NULL;
}
