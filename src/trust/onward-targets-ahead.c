/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-targets-ahead.h"

#include "onward-targets-private.h"

/**
 * onward_targets_ahead_new:
 * @bytes: a targets document
 * @root: the root that names its keys
 * @error: return location for a #GError
 *
 * Verifies what a publisher has signed before the online keys put it into a snapshot. No client has
 * a use for it: without a snapshot nothing says that it is the newest.
 *
 * Returns: (transfer full) (nullable): the targets, once the keys of @root vouched for them
 */
OnwardTargets *
onward_targets_ahead_new (GBytes *bytes, OnwardRoot *root, GError **error)
{
  OnwardTargets *self;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (root != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = onward_targets_new (bytes, onward_root_get_role (root, ONWARD_ROLE_TARGETS),
                             onward_root_is_consistent (root),
                             onward_metadata_get_expiry (onward_root_get_metadata (root)), error);
  if (self == NULL)
    g_prefix_error_literal (error, "Verifying what waits for a timestamp: ");
  return self;
}
