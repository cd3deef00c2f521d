/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-canonical-json.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-hex.h"
#include "onward-json-guard.h"
#include "onward-json.h"
#include "onward-public-key.h"
#include "onward-root-draft.h"
#include "onward-root-request.h"
#include "onward-root.h"
#include "onward-signer.h"

#define MAX_SIZE 2000000

struct _OnwardRootRequest
{
  JsonObject *envelope;  /* (owned): the root in force, with its signatures */
  JsonObject *before;    /* (owned): the signed part of it */
  JsonObject *next;      /* (owned): what is to be signed */
  GBytes *canonical;     /* (owned): the form of it that signatures cover */
  JsonArray *signatures; /* (owned): by whoever has signed so far, each of them good */
};

/**
 * onward_root_request_free:
 * @self: (transfer full) (nullable): a request
 *
 * Frees it.
 */
void
onward_root_request_free (OnwardRootRequest *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->envelope, json_object_unref);
  g_clear_pointer (&self->before, json_object_unref);
  g_clear_pointer (&self->next, json_object_unref);
  g_clear_pointer (&self->canonical, g_bytes_unref);
  g_clear_pointer (&self->signatures, json_array_unref);
  g_free (self);
}

static GBytes *
serialize (JsonObject *object, gboolean pretty)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  char *text = json_to_string (node, pretty);

  return g_bytes_new_take (text, strlen (text));
}

/* The root in force has to speak for itself, and the next one has to follow it. */
static gboolean
check_roots (OnwardRootRequest *self, GError **error)
{
  g_autoptr (GBytes) bytes = serialize (self->envelope, FALSE);
  g_autoptr (OnwardRoot) root = onward_root_new (bytes, NULL, error);
  const char *type;
  gint64 version;

  if (root == NULL || !onward_json_get_string (self->next, "_type", &type, error) ||
      !onward_json_get_integer (self->next, "version", 1, G_MAXINT32, &version, error))
    return FALSE;
  if (g_str_equal (type, "root") && version == onward_root_get_version (root) + 1)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_UNTRUSTED,
               "what is to be signed is version %" G_GINT64_FORMAT
               " of “%s”, not the root that follows version %" G_GINT64_FORMAT,
               version, type, onward_root_get_version (root));
  return FALSE;
}

/* Takes @envelope and @next over. */
static OnwardRootRequest *
request_new (JsonObject *envelope, JsonObject *next, GError **error)
{
  g_autoptr (OnwardRootRequest) self = g_new0 (OnwardRootRequest, 1);
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), next);
  JsonObject *before;

  self->envelope = envelope;
  self->next = next;
  self->signatures = json_array_new ();
  if (!onward_json_get_object (envelope, "signed", &before, error))
    return NULL;
  self->before = json_object_ref (before);
  self->canonical = onward_canonical_json (node, error);
  return self->canonical != NULL && check_roots (self, error) ? g_steal_pointer (&self) : NULL;
}

static JsonObject *
parse (GBytes *bytes, const char *what, GError **error)
{
  g_autoptr (JsonNode) node = onward_json_guard_parse (bytes, MAX_SIZE, error);
  JsonObject *object = NULL;

  if (node != NULL)
    object = onward_json_node_get_object (node, what, error);
  return object == NULL ? NULL : json_object_ref (object);
}

/**
 * onward_root_request_new:
 * @before: the root in force, as published
 * @next: the signed part of the root to come
 * @error: return location
 *
 * Returns: (transfer full): a request that nobody has signed yet
 */
OnwardRootRequest *
onward_root_request_new (GBytes *before, JsonObject *next, GError **error)
{
  JsonObject *envelope = parse (before, "the root in force", error);

  return envelope == NULL ? NULL : request_new (envelope, json_object_ref (next), error);
}

static JsonObject *
get_public (JsonObject *root, const char *id)
{
  JsonObject *keys = NULL;
  JsonObject *public = NULL;

  return onward_json_get_object (root, "keys", &keys, NULL) &&
                 onward_json_get_object (keys, id, &public, NULL)
             ? public
             : NULL;
}

static gboolean
verify (OnwardRootRequest *self, JsonObject *root, const char *id, GBytes *signature)
{
  JsonObject *object = get_public (root, id);
  g_autoptr (OnwardPublicKey) key = NULL;

  if (object == NULL || !onward_root_draft_has_key (root, "root", id))
    return FALSE;
  key = onward_public_key_parse (object, NULL);
  return key != NULL && onward_public_key_verify (key, self->canonical, signature);
}

static gboolean
has_signed (OnwardRootRequest *self, const char *id)
{
  for (guint i = 0; i < json_array_get_length (self->signatures); i++)
    {
      JsonObject *entry = json_array_get_object_element (self->signatures, i);

      if (g_str_equal (json_object_get_string_member (entry, "keyid"), id))
        return TRUE;
    }
  return FALSE;
}

static gboolean
take_signature (OnwardRootRequest *self, JsonObject *entry, GError **error)
{
  g_autoptr (GBytes) signature = NULL;
  const char *id;
  const char *hex;

  if (!onward_json_get_string (entry, "keyid", &id, error) ||
      !onward_json_get_string (entry, "sig", &hex, error))
    return FALSE;
  if (has_signed (self, id))
    return TRUE;

  signature = onward_hex_decode (hex);
  if (signature != NULL &&
      (verify (self, self->before, id, signature) || verify (self, self->next, id, signature)))
    {
      json_array_add_object_element (self->signatures, json_object_ref (entry));
      return TRUE;
    }
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_UNTRUSTED,
               "the signature of the key %.8s is not good", id);
  return FALSE;
}

static gboolean
take_signatures (OnwardRootRequest *self, JsonArray *signatures, GError **error)
{
  for (guint i = 0; i < json_array_get_length (signatures); i++)
    {
      JsonObject *entry = onward_json_node_get_object (json_array_get_element (signatures, i),
                                                       "a signature", error);

      if (entry == NULL || !take_signature (self, entry, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * onward_root_request_parse:
 * @bytes: a file's contents
 * @error: return location
 *
 * Reads a request. It is believed in nothing: the root in force has to speak for itself, and every
 * signature has to be good.
 *
 * Returns: (transfer full): the request
 */
OnwardRootRequest *
onward_root_request_parse (GBytes *bytes, GError **error)
{
  g_autoptr (JsonObject) object = parse (bytes, "a signing request", error);
  g_autoptr (OnwardRootRequest) self = NULL;
  JsonObject *envelope;
  JsonObject *next;
  JsonArray *signatures;
  JsonObject *content;

  if (object == NULL || !onward_json_get_object (object, "root-in-force", &envelope, error) ||
      !onward_json_get_object (object, "next-root", &next, error) ||
      !onward_json_get_object (next, "signed", &content, error) ||
      !onward_json_get_array (next, "signatures", &signatures, error))
    return NULL;

  self = request_new (json_object_ref (envelope), json_object_ref (content), error);
  return self != NULL && take_signatures (self, signatures, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * onward_root_request_load:
 * @path: a file
 * @error: return location
 *
 * Reads a request as onward_root_request_parse() does.
 *
 * Returns: (transfer full): the request
 */
OnwardRootRequest *
onward_root_request_load (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = onward_file_read (AT_FDCWD, path, MAX_SIZE, error);
  OnwardRootRequest *self = bytes == NULL ? NULL : onward_root_request_parse (bytes, error);

  if (bytes != NULL && self == NULL)
    g_prefix_error (error, "Reading the signing request “%s”: ", path);
  return self;
}

static JsonArray *
make_summary (OnwardRootRequest *self)
{
  g_autoptr (GPtrArray) lines = onward_root_draft_describe (self->before, self->next);
  JsonArray *summary = json_array_new ();

  for (guint i = 0; i < lines->len; i++)
    json_array_add_string_element (summary, g_ptr_array_index (lines, i));
  return summary;
}

/**
 * onward_root_request_save:
 * @self: a request
 * @path: where
 * @error: return location
 *
 * Writes the request in one step. Its summary is for people who look into the file; whoever signs
 * is shown one that is made anew.
 */
gboolean
onward_root_request_save (OnwardRootRequest *self, const char *path, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *next = json_object_new ();
  g_autoptr (GBytes) bytes = NULL;

  json_object_set_string_member (
      object, "what-this-is", "A request to sign a root: onward-publish key sign FILE --key KEY");
  json_object_set_array_member (object, "summary", make_summary (self));
  json_object_set_object_member (object, "next-root", next);
  json_object_set_array_member (next, "signatures", json_array_ref (self->signatures));
  json_object_set_object_member (next, "signed", json_object_ref (self->next));
  json_object_set_object_member (object, "root-in-force", json_object_ref (self->envelope));
  bytes = serialize (object, TRUE);
  return onward_file_write (AT_FDCWD, path, bytes, 0600, error);
}

/**
 * onward_root_request_get_before:
 * @self: a request
 *
 * Returns: (transfer none): the signed part of the root in force
 */
JsonObject *
onward_root_request_get_before (OnwardRootRequest *self)
{
  return self->before;
}

/**
 * onward_root_request_get_next:
 * @self: a request
 *
 * Returns: (transfer none): what is to be signed
 */
JsonObject *
onward_root_request_get_next (OnwardRootRequest *self)
{
  return self->next;
}

static guint
count (OnwardRootRequest *self, JsonObject *root)
{
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (self->signatures); i++)
    {
      JsonObject *entry = json_array_get_object_element (self->signatures, i);
      g_autoptr (GBytes) signature =
          onward_hex_decode (json_object_get_string_member (entry, "sig"));

      if (verify (self, root, json_object_get_string_member (entry, "keyid"), signature))
        n++;
    }
  return n;
}

/**
 * onward_root_request_get_missing:
 * @self: a request
 * @of_next: whether the keys of the next root are meant, or those of the root in force
 *
 * Returns: how many of its root keys still have to sign
 */
guint
onward_root_request_get_missing (OnwardRootRequest *self, gboolean of_next)
{
  JsonObject *root = of_next ? self->next : self->before;
  gint64 threshold = onward_root_draft_get_threshold (root, "root");
  guint n = count (self, root);

  return n >= threshold ? 0 : (guint) (threshold - n);
}

/**
 * onward_root_request_is_complete:
 * @self: a request
 *
 * Returns: whether clients will follow the next root: the keys before and the keys after agree
 */
gboolean
onward_root_request_is_complete (OnwardRootRequest *self)
{
  return onward_root_request_get_missing (self, FALSE) == 0 &&
         onward_root_request_get_missing (self, TRUE) == 0;
}

/**
 * onward_root_request_needs:
 * @self: a request
 * @id: a key id
 *
 * Returns: whether a signature by the key would bring it forward
 */
gboolean
onward_root_request_needs (OnwardRootRequest *self, const char *id)
{
  if (has_signed (self, id))
    return FALSE;
  return (onward_root_request_get_missing (self, FALSE) > 0 &&
          onward_root_draft_has_key (self->before, "root", id)) ||
         (onward_root_request_get_missing (self, TRUE) > 0 &&
          onward_root_draft_has_key (self->next, "root", id));
}

/**
 * onward_root_request_sign:
 * @self: a request
 * @key: a root key, of the root in force or of the next one
 * @error: return location
 *
 * Adds a signature.
 */
gboolean
onward_root_request_sign (OnwardRootRequest *self, OnwardKey *key, GError **error)
{
  g_autoptr (JsonObject) signature = NULL;
  const char *id = onward_key_get_id (key);

  if (!onward_root_draft_has_key (self->before, "root", id) &&
      !onward_root_draft_has_key (self->next, "root", id))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                   "Signing the root with the key %.8s: it is not one of its root keys", id);
      return FALSE;
    }

  signature = onward_signer_make_signature (self->next, key, error);
  return signature != NULL && take_signature (self, signature, error);
}

/**
 * onward_root_request_merge:
 * @self: a request
 * @other: the same request, signed elsewhere
 * @error: return location
 *
 * Takes over the signatures of @other.
 */
gboolean
onward_root_request_merge (OnwardRootRequest *self, OnwardRootRequest *other, GError **error)
{
  if (g_bytes_equal (self->canonical, other->canonical))
    return take_signatures (self, other->signatures, error);

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                       "Taking over signatures: they are of another root than the one that waits");
  return FALSE;
}

/**
 * onward_root_request_make_root:
 * @self: a complete request
 * @error: return location
 *
 * Returns: (transfer full): the next root, to be published as it is
 */
GBytes *
onward_root_request_make_root (OnwardRootRequest *self, GError **error)
{
  return onward_signer_wrap (self->next, self->signatures, error);
}
