/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-any-signature.h"

#include <gnutls/abstract.h>

#define KEYS                                                                       \
  "{\"k\":{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{\"public\":" \
  "\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\"}}}"
#define ROLE "{\"keyids\":[\"k\"],\"threshold\":1}"

/* Stands before the library's own. */
int
gnutls_pubkey_verify_data2 (gnutls_pubkey_t pubkey, gnutls_sign_algorithm_t algo,
                            unsigned int flags, const gnutls_datum_t *data,
                            const gnutls_datum_t *signature)
{
  return 0;
}

OnwardRole *
onward_any_signature_make_role (void)
{
  g_autoptr (JsonNode) keys_node = json_from_string (KEYS, NULL);
  g_autoptr (JsonNode) role_node = json_from_string (ROLE, NULL);
  g_autoptr (GHashTable) keys = onward_role_parse_keys (json_node_get_object (keys_node), NULL);

  return onward_role_parse (json_node_get_object (role_node), keys, NULL);
}

OnwardRoot *
onward_any_signature_make_root (void)
{
  static const char text[] =
      "{\"signed\":{\"_type\":\"root\",\"spec_version\":\"1.0.34\",\"version\":1,"
      "\"expires\":\"2090-01-01T00:00:00Z\",\"consistent_snapshot\":true,\"keys\":" KEYS
      ",\"roles\":{\"root\":" ROLE ",\"timestamp\":" ROLE ",\"snapshot\":" ROLE ",\"targets\":" ROLE
      "}},\"signatures\":[{\"keyid\":\"k\",\"sig\":\"00\"}]}";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, sizeof text - 1);

  return onward_root_new (bytes, NULL, NULL);
}
