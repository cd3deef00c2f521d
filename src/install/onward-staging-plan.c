/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-pack-need.h"
#include "onward-staging.h"

/* What is left is needed and neither in the pack nor here: told by the name of one of its files, if
 * it is one of the tree's. */
static gboolean
check_left (GHashTable *left, OnwardTree *tree, GError **error)
{
  GHashTableIter iter;
  gpointer digest;
  g_autofree char *name = NULL;

  g_hash_table_iter_init (&iter, left);
  if (!g_hash_table_iter_next (&iter, &digest, NULL))
    return TRUE;

  name = onward_digest_to_string (digest);
  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);

      if (entry->kind != ONWARD_ENTRY_FILE || !onward_digest_equal (&entry->digest, digest))
        continue;
      g_free (name);
      name = g_strdup (entry->path);
      break;
    }
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
               "“%s” is neither in the pack nor in the installed version", name);
  return FALSE;
}

/**
 * onward_staging_plan:
 * @install: an install
 * @head: the beginning of a pack
 * @ret_ranges: (out) (transfer full): the bytes of the pack to fetch
 * @error: where to put ONWARD_ERROR; NOT_FOUND when a delta pack does not fit what is installed
 *
 * Finds out what is needed of a pack to build its tree here: of a full pack every frame that holds
 * content the current version does not have, by its receipt; of a delta pack too, provided that
 * everything those frames start from is there. Reads the receipt only. Blocking.
 *
 * Returns: FALSE when the pack cannot be used here
 */
gboolean
onward_staging_plan (OnwardInstall *install, OnwardPackHead *head, OnwardRanges **ret_ranges,
                     GError **error)
{
  g_autofree char *current = NULL;
  g_autoptr (OnwardTree) installed = NULL;
  g_autoptr (GHashTable) here = NULL;
  g_autoptr (GHashTable) wanted = NULL;
  g_autoptr (GHashTable) made = NULL;
  g_autoptr (OnwardRanges) ranges = onward_ranges_new ();

  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (head != NULL, FALSE);
  g_return_val_if_fail (ret_ranges != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  current = onward_install_dup_current (install, NULL);
  if (current != NULL)
    installed = onward_install_load_receipt (install, current, NULL);

  here = installed != NULL ? onward_pack_need_list (installed) : onward_pack_need_new_set ();
  wanted = onward_pack_need_list (onward_pack_head_get_tree (head));
  onward_pack_need_remove (wanted, here);
  made = onward_pack_need_take (head, here, wanted, FALSE, ranges);
  if (!check_left (wanted, onward_pack_head_get_tree (head), error))
    return FALSE;

  *ret_ranges = g_steal_pointer (&ranges);
  return TRUE;
}
