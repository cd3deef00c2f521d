/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-file.h"
#include "onward-install.h"
#include "onward-receipt.h"

/**
 * onward_install_load_application:
 * @self: an install
 * @error: where to put ONWARD_ERROR
 *
 * Reads onward.ini in the folder that was opened, whatever stands at its path by now. Blocking.
 *
 * Returns: (transfer full) (nullable): what it says
 */
OnwardApplication *
onward_install_load_application (OnwardInstall *self, GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);

  return onward_application_load_at (onward_install_get_dirfd (self), "onward.ini", error);
}

/**
 * onward_install_load_receipt:
 * @self: an install
 * @version: a version
 * @error: where to put ONWARD_ERROR; NOT_FOUND when there is no receipt
 *
 * Returns: (transfer full) (nullable): the tree that @version was built from, without the
 *   components that are not here
 */
OnwardTree *
onward_install_load_receipt (OnwardInstall *self, const char *version, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (GBytes) bytes = NULL;
  OnwardTree *tree;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (version != NULL, NULL);

  if (!onward_install_is_version (version))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "“%s” is not a version", version);
      return NULL;
    }

  path = g_strconcat ("receipts/", version, NULL);
  bytes = onward_file_read (onward_install_get_dirfd (self), path, ONWARD_RECEIPT_MAX_BYTES, error);
  if (bytes == NULL)
    return NULL;

  tree = onward_receipt_parse (bytes, error);
  if (tree == NULL)
    g_prefix_error (error, "Reading the receipt of %s: ", version);
  return tree;
}

/**
 * onward_install_load_needed_receipt:
 * @self: an install
 * @version: a version
 * @error: where to put ONWARD_ERROR; NOT_FOUND when there is no receipt, FAILED when it is damaged
 *
 * onward_install_load_receipt() for those who can do nothing without it. A receipt is made here: a
 * damaged one is nothing that the makers of the application could do anything about.
 *
 * Returns: (transfer full) (nullable): the tree that @version was built from, without the
 *   components that are not here
 */
OnwardTree *
onward_install_load_needed_receipt (OnwardInstall *self, const char *version, GError **error)
{
  g_autoptr (GError) failure = NULL;
  OnwardTree *tree = onward_install_load_receipt (self, version, &failure);

  if (g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                 "Reading the receipt of %s: it is missing; “onward repair” makes a new one",
                 version);
  else if (g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_MALFORMED))
    g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                 "Reading the receipt of %s: it is damaged; “onward repair” makes a new one",
                 version);
  else if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return tree;
}
