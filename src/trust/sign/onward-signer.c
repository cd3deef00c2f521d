/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-signer.h"

#include "onward-canonical-json.h"
#include "onward-error.h"
#include "onward-hex.h"
#include "onward-json-guard.h"
#include "onward-json.h"

/* The largest document any client accepts: targets. */
#define MAX_DOCUMENT_SIZE 5000000

static GBytes *
make_canonical (JsonObject *content, GError **error)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), content);

  return onward_canonical_json (node, error);
}

static JsonObject *
make_signature (GBytes *canonical, OnwardKey *key, GError **error)
{
  g_autoptr (GBytes) bytes = onward_key_sign (key, canonical, error);
  g_autofree char *hex = NULL;
  JsonObject *signature;

  if (bytes == NULL)
    return NULL;
  hex = onward_hex_encode (bytes);
  signature = json_object_new ();
  json_object_set_string_member (signature, "keyid", onward_key_get_id (key));
  json_object_set_string_member (signature, "sig", hex);
  return signature;
}

static GBytes *
serialize (JsonObject *envelope)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = json_node_init_object (json_node_alloc (), envelope);
  gsize size;
  char *text;

  json_generator_set_root (generator, root);
  text = json_generator_to_data (generator, &size);
  return g_bytes_new_take (text, size);
}

/* A document no client could read must not leave the publisher's machine. */
static gboolean
check_round_trip (GBytes *document, GBytes *canonical, GError **error)
{
  g_autoptr (JsonNode) node = onward_json_guard_parse (document, MAX_DOCUMENT_SIZE, error);
  g_autoptr (GBytes) again = NULL;
  JsonObject *envelope;

  if (node == NULL)
    return FALSE;
  envelope = onward_json_node_get_object (node, "a signed document", error);
  if (envelope == NULL)
    return FALSE;
  again = onward_canonical_json (json_object_get_member (envelope, "signed"), error);
  if (again == NULL)
    return FALSE;
  if (!g_bytes_equal (again, canonical))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "The text does not survive being written and read");
      return FALSE;
    }
  return TRUE;
}

/**
 * onward_signer_make_signature:
 * @content: the "signed" part
 * @key: who signs
 * @error: return location for a #GError
 *
 * Signs the canonical form of @content.
 *
 * Returns: (transfer full) (nullable): the signature, as metadata lists it
 */
JsonObject *
onward_signer_make_signature (JsonObject *content, OnwardKey *key, GError **error)
{
  g_autoptr (GBytes) canonical = NULL;

  g_return_val_if_fail (content != NULL, NULL);
  g_return_val_if_fail (key != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  canonical = make_canonical (content, error);
  return canonical == NULL ? NULL : make_signature (canonical, key, error);
}

/**
 * onward_signer_wrap:
 * @content: the "signed" part
 * @signatures: its signatures
 * @error: return location for a #GError
 *
 * Puts both together (TUF specification 4.2). What clients would refuse to read is refused here.
 *
 * Returns: (transfer full) (nullable): the document, ready to be published as it is
 */
GBytes *
onward_signer_wrap (JsonObject *content, JsonArray *signatures, GError **error)
{
  g_autoptr (JsonObject) envelope = json_object_new ();
  g_autoptr (GBytes) canonical = NULL;
  g_autoptr (GBytes) document = NULL;

  g_return_val_if_fail (content != NULL, NULL);
  g_return_val_if_fail (signatures != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  canonical = make_canonical (content, error);
  if (canonical == NULL)
    return NULL;

  json_object_set_array_member (envelope, "signatures", json_array_ref (signatures));
  json_object_set_object_member (envelope, "signed", json_object_ref (content));
  document = serialize (envelope);
  if (!check_round_trip (document, canonical, error))
    {
      g_prefix_error_literal (error, "Signing: ");
      return NULL;
    }
  return g_steal_pointer (&document);
}

/**
 * onward_signer_sign:
 * @content: the "signed" part
 * @keys: (element-type OnwardKey): who signs
 * @error: return location for a #GError
 *
 * Signs @content with every key and wraps both.
 *
 * Returns: (transfer full) (nullable): the document, ready to be published as it is
 */
GBytes *
onward_signer_sign (JsonObject *content, GPtrArray *keys, GError **error)
{
  g_autoptr (JsonArray) signatures = json_array_new ();

  g_return_val_if_fail (content != NULL, NULL);
  g_return_val_if_fail (keys != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  for (guint i = 0; i < keys->len; i++)
    {
      JsonObject *signature =
          onward_signer_make_signature (content, g_ptr_array_index (keys, i), error);

      if (signature == NULL)
        return NULL;
      json_array_add_object_element (signatures, signature);
    }
  return onward_signer_wrap (content, signatures, error);
}
