/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "onward-json-guard.h"
#include "onward-public-key.h"

#define MAX_SIZE (64 * 1024)

/* No key, however written, crashes, or vouches for what it did not sign. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) text = g_bytes_new_static (data, size);
  g_autoptr (JsonNode) node = onward_json_guard_parse (text, MAX_SIZE, NULL);
  g_autoptr (OnwardPublicKey) key = NULL;
  g_autoptr (GBytes) signature = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return 0;
  key = onward_public_key_parse (json_node_get_object (node), NULL);
  if (key == NULL)
    return 0;

  signature = g_bytes_new_from_bytes (text, 0, MIN (size, 64));
  g_assert_false (onward_public_key_verify (key, text, signature));
  return 0;
}
