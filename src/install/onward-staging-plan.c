/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-content.h"
#include "onward-error.h"
#include "onward-staging.h"

static void
add_frame (OnwardRanges *ranges, OnwardPackHead *head, guint index)
{
  const OnwardFrame *frame = onward_pack_head_get_frame (head, index);

  onward_ranges_add (ranges, frame->offset, frame->offset + frame->stored_size);
}

static gboolean
plan_entry (OnwardContent *content, OnwardPackHead *head, const OnwardTreeEntry *entry,
            OnwardRanges *ranges, GError **error)
{
  guint64 offset = 0;
  guint frame = 0;

  if (entry->kind != ONWARD_ENTRY_FILE || entry->size == 0 ||
      onward_content_lookup (content, &entry->digest, entry->size) != NULL)
    return TRUE;

  if (!onward_pack_head_locate (head, entry, &frame, &offset))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                   "“%s” is neither in the pack nor in the installed version", entry->path);
      return FALSE;
    }

  add_frame (ranges, head, frame);
  return TRUE;
}

/* The old contents that a delta frame starts from; a frame of new content has none. */
static gboolean
check_references (OnwardContent *content, const OnwardFrame *frame, GError **error)
{
  for (guint i = 0; frame->references != NULL && i < frame->references->len; i++)
    {
      const OnwardReference *reference = &g_array_index (frame->references, OnwardReference, i);
      g_autofree char *hex = NULL;

      if (onward_content_lookup (content, &reference->digest, reference->size) != NULL)
        continue;

      hex = onward_digest_to_string (&reference->digest);
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                   "The installed version does not have the content %s that the pack starts from",
                   hex);
      return FALSE;
    }
  return TRUE;
}

/* All frames of a delta pack that hold something needed must be rebuildable here. */
static gboolean
plan_delta (OnwardContent *content, OnwardPackHead *head, OnwardRanges *ranges, GError **error)
{
  for (guint i = 0; i < onward_pack_head_get_n_frames (head); i++)
    {
      if (!check_references (content, onward_pack_head_get_frame (head, i), error))
        return FALSE;
      add_frame (ranges, head, i);
    }

  return TRUE;
}

/**
 * onward_staging_plan:
 * @install: an install
 * @head: the beginning of a pack
 * @ret_ranges: (out) (transfer full): the bytes of the pack to fetch
 * @error: where to put ONWARD_ERROR; NOT_FOUND when a delta pack does not fit what is installed
 *
 * Finds out what is needed of a pack to build its tree here: of a full pack every frame that holds
 * content the current version does not have, by its receipt; of a delta pack all frames, provided
 * that everything they start from is there. Reads the receipt only. Blocking.
 *
 * Returns: FALSE when the pack cannot be used here
 */
gboolean
onward_staging_plan (OnwardInstall *install, OnwardPackHead *head, OnwardRanges **ret_ranges,
                     GError **error)
{
  g_autoptr (OnwardContent) content = NULL;
  g_autoptr (OnwardRanges) ranges = onward_ranges_new ();
  OnwardTree *tree;

  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (head != NULL, FALSE);
  g_return_val_if_fail (ret_ranges != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  content = onward_content_new (install, error);
  if (content == NULL)
    return FALSE;

  tree = onward_pack_head_get_tree (head);
  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      if (!plan_entry (content, head, onward_tree_get_entry (tree, i), ranges, error))
        return FALSE;
    }
  if (onward_pack_head_get_kind (head) == ONWARD_PACK_DELTA &&
      !plan_delta (content, head, ranges, error))
    return FALSE;

  *ret_ranges = g_steal_pointer (&ranges);
  return TRUE;
}
