/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "onward-any-signature.h"
#include "onward-snapshot.h"

/* Whatever a snapshot says, it lists the targets, and follows itself. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static OnwardRole *role = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (OnwardSnapshot) snapshot = NULL;
  OnwardFileInfo *info;

  if (role == NULL)
    role = onward_any_signature_make_role ();
  snapshot = onward_snapshot_new (bytes, role, NULL);
  if (snapshot == NULL)
    return 0;

  info = onward_snapshot_lookup (snapshot, "targets.json");
  g_assert_nonnull (info);
  g_assert_cmpint (onward_file_info_get_version (info), >=, 1);
  g_assert_true (onward_snapshot_check_follows (snapshot, snapshot, NULL));
  return 0;
}
