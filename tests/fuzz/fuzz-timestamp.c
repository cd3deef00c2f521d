/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "onward-any-signature.h"
#include "onward-timestamp.h"
#include "onward-trust-path.h"

/* Whatever a timestamp says, what is asked for next has a version and a bounded length. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static OnwardRole *role = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (OnwardTimestamp) timestamp = NULL;
  OnwardFileInfo *info;

  if (role == NULL)
    role = onward_any_signature_make_role ();
  timestamp = onward_timestamp_new (bytes, role, NULL);
  if (timestamp == NULL)
    return 0;

  info = onward_timestamp_get_snapshot (timestamp);
  g_assert_cmpint (onward_metadata_get_version (onward_timestamp_get_metadata (timestamp)), >=, 1);
  g_assert_cmpint (onward_file_info_get_version (info), >=, 1);
  g_assert_cmpuint (onward_trust_path_get_max_size (ONWARD_ROLE_SNAPSHOT, info), <=,
                    onward_role_kind_get_cap (ONWARD_ROLE_SNAPSHOT));
  (void) onward_file_info_verify (info, bytes, NULL);
  return 0;
}
