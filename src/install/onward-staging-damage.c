/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-content.h"
#include "onward-staging.h"

/**
 * onward_staging_damage_find:
 * @install: an install
 * @hashes: whether to hash every file, or only to look whether it is there with its size
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR
 *
 * Finds the contents that the current version should have by its receipt and no file of it has.
 * Blocking.
 *
 * Returns: (transfer full) (element-type OnwardDigest): a set, empty when all is well
 */
GHashTable *
onward_staging_damage_find (OnwardInstall *install, gboolean hashes, GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (OnwardContent) content = NULL;

  g_return_val_if_fail (install != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  content = onward_content_new (install, error);
  return content != NULL ? onward_content_list_damaged (content, hashes, cancellable, error) : NULL;
}
