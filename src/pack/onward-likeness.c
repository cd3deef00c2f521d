/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-anchors.h"
#include "onward-frame-content.h"
#include "onward-likeness.h"

/* About one anchor in 4 KiB. */
#define ANCHOR_BITS 12
/* Who has less in common is not alike. */
#define MIN_COMMON 2

struct _OnwardLikeness
{
  GPtrArray *entries; /* (owned) */
  GHashTable *owners; /* (owned): key of an anchor → index of the entry that has it, plus one */
};

static void
add_entry (OnwardLikeness *self, int dirfd, guint index, GCancellable *cancellable)
{
  g_autoptr (GArray) anchors = onward_frame_content_list_anchors (
      dirfd, g_ptr_array_index (self->entries, index), ANCHOR_BITS, cancellable);

  for (guint i = 0; i < anchors->len; i++)
    {
      guint64 key = g_array_index (anchors, OnwardAnchor, i).key;

      g_hash_table_insert (self->owners, g_memdup2 (&key, sizeof key),
                           GUINT_TO_POINTER (index + 1));
    }
}

/**
 * onward_likeness_new:
 * @old_dirfd: the folder of the old tree
 * @old_entries: (element-type OnwardTreeEntry): files of it
 * @cancellable: (nullable): a cancellable; then not all is found
 *
 * Reads them all. What cannot be read is like nothing: who packs it tells. Takes about a fiftieth
 * of their size in memory. Blocking, about a second for a GiB.
 *
 * Returns: (transfer full): what finds them
 */
OnwardLikeness *
onward_likeness_new (int old_dirfd, GPtrArray *old_entries, GCancellable *cancellable)
{
  OnwardLikeness *self = g_new0 (OnwardLikeness, 1);

  self->entries = g_ptr_array_ref (old_entries);
  self->owners = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < old_entries->len; i++)
    add_entry (self, old_dirfd, i, cancellable);
  return self;
}

/**
 * onward_likeness_free:
 * @self: (transfer full) (nullable): what finds files
 *
 * Frees it.
 */
void
onward_likeness_free (OnwardLikeness *self)
{
  if (self == NULL)
    return;

  g_ptr_array_unref (self->entries);
  g_hash_table_unref (self->owners);
  g_free (self);
}

/**
 * onward_likeness_find:
 * @self: what finds files
 * @dirfd: the folder of the new tree
 * @entry: a file of it
 * @cancellable: (nullable): a cancellable; then the answer is of no use
 *
 * Reads the file, and asks each of its anchors which old file it was in. Blocking.
 *
 * Returns: (transfer none) (nullable): the old file with most votes, of equal ones the first
 */
const OnwardTreeEntry *
onward_likeness_find (OnwardLikeness *self, int dirfd, const OnwardTreeEntry *entry,
                      GCancellable *cancellable)
{
  g_autoptr (GArray) anchors =
      onward_frame_content_list_anchors (dirfd, entry, ANCHOR_BITS, cancellable);
  g_autofree guint *votes = g_new0 (guint, self->entries->len + 1);
  guint best = 0;

  for (guint i = 0; i < anchors->len; i++)
    votes[GPOINTER_TO_UINT (
        g_hash_table_lookup (self->owners, &g_array_index (anchors, OnwardAnchor, i).key))]++;
  votes[0] = MIN_COMMON - 1;
  for (guint i = 1; i <= self->entries->len; i++)
    if (votes[i] > votes[best])
      best = i;
  return best > 0 ? g_ptr_array_index (self->entries, best - 1) : NULL;
}
