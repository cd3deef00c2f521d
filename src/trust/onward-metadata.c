/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-metadata.h"

#include <string.h>

#include "onward-canonical-json.h"
#include "onward-error.h"
#include "onward-hex.h"
#include "onward-json-guard.h"
#include "onward-json.h"

struct _OnwardMetadata
{
  GBytes *bytes;          /* (owned): as received */
  JsonNode *document;     /* (owned) */
  JsonObject *content;    /* belongs to document */
  GBytes *canonical;      /* (owned): what signatures cover */
  GHashTable *signatures; /* (owned): key id to GBytes */
  gint64 version;
  gint64 expiry; /* seconds since 1970 */
  gint64 issued; /* the same; 0 when it does not say */
};

static gboolean
parse_digits (const char *text, guint n_digits, gint *ret_value)
{
  gint value = 0;

  for (guint i = 0; i < n_digits; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return FALSE;
      value = value * 10 + g_ascii_digit_value (text[i]);
    }
  *ret_value = value;
  return TRUE;
}

/* Exactly YYYY-MM-DDTHH:MM:SSZ. */
static gboolean
parse_time (const char *text, gint64 *ret_time)
{
  g_autoptr (GDateTime) time = NULL;
  gint year, month, day, hour, minute, second;

  if (strlen (text) != 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
      text[13] != ':' || text[16] != ':' || text[19] != 'Z')
    return FALSE;
  if (!parse_digits (text, 4, &year) || !parse_digits (text + 5, 2, &month) ||
      !parse_digits (text + 8, 2, &day) || !parse_digits (text + 11, 2, &hour) ||
      !parse_digits (text + 14, 2, &minute) || !parse_digits (text + 17, 2, &second))
    return FALSE;

  time = g_date_time_new_utc (year, month, day, hour, minute, second);
  if (time == NULL)
    return FALSE;
  *ret_time = g_date_time_to_unix (time);
  return TRUE;
}

static gboolean
parse_time_member (OnwardMetadata *self, const char *name, gint64 *ret_time, GError **error)
{
  const char *text;

  if (!onward_json_get_string (self->content, name, &text, error))
    return FALSE;
  if (parse_time (text, ret_time))
    return TRUE;
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
               "Reading member “%s”: it is not a UTC time", name);
  return FALSE;
}

/* Only these are signed often enough to tell the time by. */
static gboolean
tells_time (OnwardRoleKind kind)
{
  return kind == ONWARD_ROLE_TIMESTAMP || kind == ONWARD_ROLE_TARGETS;
}

static gboolean
parse_times (OnwardMetadata *self, OnwardRoleKind kind, GError **error)
{
  if (!parse_time_member (self, "expires", &self->expiry, error))
    return FALSE;
  return !tells_time (kind) || !onward_json_has (self->content, "x-issued") ||
         parse_time_member (self, "x-issued", &self->issued, error);
}

static gboolean
check_type (OnwardMetadata *self, OnwardRoleKind kind, GError **error)
{
  const char *type;

  if (!onward_json_get_string (self->content, "_type", &type, error))
    return FALSE;
  if (g_str_equal (type, onward_role_kind_get_name (kind)))
    return TRUE;
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_TYPE,
                       "it is a document of another type");
  return FALSE;
}

/* Every 1.x has the same meaning for clients. */
static gboolean
check_spec_version (OnwardMetadata *self, GError **error)
{
  const char *version;

  if (!onward_json_get_string (self->content, "spec_version", &version, error))
    return FALSE;
  if (g_str_has_prefix (version, "1.") && g_ascii_isdigit (version[2]) &&
      version[strspn (version, "0123456789.")] == '\0')
    return TRUE;
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_UNSUPPORTED_FORMAT,
                       "it follows a TUF specification that is not 1.x");
  return FALSE;
}

static gboolean
add_signature (OnwardMetadata *self, JsonNode *node, GError **error)
{
  JsonObject *object = onward_json_node_get_object (node, "a signature", error);
  const char *id, *hex;
  GBytes *signature;

  if (object == NULL || !onward_json_get_string (object, "keyid", &id, error) ||
      !onward_json_get_string (object, "sig", &hex, error))
    return FALSE;
  if (g_hash_table_contains (self->signatures, id))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "two signatures carry the same key id");
      return FALSE;
    }

  /* A signature that cannot be read is one that is not there. */
  signature = onward_hex_decode (hex);
  if (signature == NULL)
    signature = g_bytes_new_static ("", 0);
  g_hash_table_insert (self->signatures, g_strdup (id), signature);
  return TRUE;
}

static gboolean
parse_signatures (OnwardMetadata *self, JsonObject *envelope, GError **error)
{
  JsonArray *signatures;

  if (!onward_json_get_array (envelope, "signatures", &signatures, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (signatures); i++)
    {
      if (!add_signature (self, json_array_get_element (signatures, i), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
parse_envelope (OnwardMetadata *self, GError **error)
{
  JsonObject *envelope = onward_json_node_get_object (self->document, "a document", error);

  if (envelope == NULL || !parse_signatures (self, envelope, error) ||
      !onward_json_get_object (envelope, "signed", &self->content, error))
    return FALSE;
  self->canonical = onward_canonical_json (json_object_get_member (envelope, "signed"), error);
  return self->canonical != NULL;
}

/* Before anything else looks at the bytes. */
static gboolean
check_size (GBytes *bytes, OnwardRoleKind kind, GError **error)
{
  if (g_bytes_get_size (bytes) <= onward_role_kind_get_cap (kind))
    return TRUE;
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_TOO_LARGE,
               "it has %" G_GSIZE_FORMAT " bytes, more than the %" G_GSIZE_FORMAT " it may have",
               g_bytes_get_size (bytes), onward_role_kind_get_cap (kind));
  return FALSE;
}

/**
 * onward_metadata_parse:
 * @bytes: a document as received
 * @kind: which one it must be
 * @error: return location for a #GError
 *
 * Reads the envelope of a document nobody vouches for yet, and what all documents have: type,
 * specification, version and expiry (TUF specification 4.2 and 4.3). The strict guard sees the
 * bytes before the JSON parser does.
 *
 * Returns: (transfer full) (nullable): the document
 */
OnwardMetadata *
onward_metadata_parse (GBytes *bytes, OnwardRoleKind kind, GError **error)
{
  g_autoptr (OnwardMetadata) self = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_atomic_rc_box_new0 (OnwardMetadata);
  self->bytes = g_bytes_ref (bytes);
  self->signatures =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  if (!check_size (bytes, kind, error))
    return NULL;
  self->document = onward_json_guard_parse (bytes, onward_role_kind_get_cap (kind), error);
  if (self->document == NULL || !parse_envelope (self, error) || !check_type (self, kind, error) ||
      !check_spec_version (self, error) || !parse_times (self, kind, error) ||
      !onward_json_get_integer (self->content, "version", 1, ONWARD_METADATA_MAX_VERSION,
                                &self->version, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * onward_metadata_ref:
 * @self: a document
 *
 * Returns: (transfer full): @self
 */
OnwardMetadata *
onward_metadata_ref (OnwardMetadata *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
onward_metadata_clear (gpointer data)
{
  OnwardMetadata *self = data;

  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->document, json_node_unref);
  g_clear_pointer (&self->canonical, g_bytes_unref);
  g_clear_pointer (&self->signatures, g_hash_table_unref);
}

/**
 * onward_metadata_unref:
 * @self: (transfer full): a document
 */
void
onward_metadata_unref (OnwardMetadata *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, onward_metadata_clear);
}

/**
 * onward_metadata_verify:
 * @self: a document
 * @role: who may vouch for it
 * @error: return location for ONWARD_ERROR_UNTRUSTED
 *
 * Returns: whether enough keys of @role signed @self
 */
gboolean
onward_metadata_verify (OnwardMetadata *self, OnwardRole *role, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (role != NULL, FALSE);

  return onward_role_verify (role, self->canonical, self->signatures, error);
}

/**
 * onward_metadata_get_bytes:
 * @self: a document
 *
 * Returns: (transfer none): it, as received
 */
GBytes *
onward_metadata_get_bytes (OnwardMetadata *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->bytes;
}

/**
 * onward_metadata_get_content:
 * @self: a document
 *
 * Returns: (transfer none): its "signed" part
 */
JsonObject *
onward_metadata_get_content (OnwardMetadata *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->content;
}

/**
 * onward_metadata_get_version:
 * @self: a document
 *
 * Returns: its version, at least 1
 */
gint64
onward_metadata_get_version (OnwardMetadata *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->version;
}

/**
 * onward_metadata_get_expiry:
 * @self: a document
 *
 * Returns: when it expires, seconds since 1970
 */
gint64
onward_metadata_get_expiry (OnwardMetadata *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->expiry;
}

/**
 * onward_metadata_get_issued:
 * @self: a document
 *
 * Returns: when its signer says it was made, seconds since 1970; 0 when it does not say
 */
gint64
onward_metadata_get_issued (OnwardMetadata *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->issued;
}
