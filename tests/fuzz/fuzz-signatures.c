/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "onward-metadata.h"

/* Two keys of which nobody here has the secret half. */
static OnwardRole *
make_role (void)
{
  g_autoptr (JsonNode) keys_node = json_from_string (
      "{\"k\":{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{\"public\":"
      "\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\"}},"
      "\"l\":{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{\"public\":"
      "\"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c\"}}}",
      NULL);
  g_autoptr (JsonNode) role_node =
      json_from_string ("{\"keyids\":[\"k\",\"l\"],\"threshold\":1}", NULL);
  g_autoptr (GHashTable) keys = onward_role_parse_keys (json_node_get_object (keys_node), NULL);

  return onward_role_parse (json_node_get_object (role_node), keys, NULL);
}

/* However a document is made up, no signature that its keys did not make counts. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static OnwardRole *role = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (OnwardMetadata) metadata = NULL;

  if (role == NULL)
    role = make_role ();
  metadata = onward_metadata_parse (bytes, ONWARD_ROLE_TIMESTAMP, NULL);
  if (metadata != NULL)
    g_assert_false (onward_metadata_verify (metadata, role, NULL));
  return 0;
}
