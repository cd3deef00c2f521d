/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "onward-root.h"

/* A root that speaks for itself has every role, whatever it says, and is not its own successor. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (OnwardRoot) root = onward_root_new (bytes, NULL, NULL);

  if (root == NULL)
    return 0;
  for (OnwardRoleKind kind = 0; kind <= ONWARD_ROLE_LAST; kind++)
    g_assert_nonnull (onward_root_get_role (root, kind));
  g_assert_cmpint (onward_root_get_version (root), >=, 1);
  g_assert_false (onward_root_is_rotated_by (root, root));
  g_assert_null (onward_root_new (bytes, root, NULL));
  return 0;
}
