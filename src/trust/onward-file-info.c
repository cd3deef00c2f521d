/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-file-info.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "onward-error.h"
#include "onward-hex.h"
#include "onward-json.h"
#include "onward-metadata.h"

#define MAX_DIGEST_SIZE 64

/* In the order in which a name is chosen. */
/* clang-format off */
static const struct
{
  const char *name;
  gnutls_digest_algorithm_t algorithm;
  gsize size;
} algorithms[] = {
  { "sha256", GNUTLS_DIG_SHA256, 32 },
  { "sha512", GNUTLS_DIG_SHA512, 64 },
};
/* clang-format on */

#define N_ALGORITHMS G_N_ELEMENTS (algorithms)

struct _OnwardFileInfo
{
  gint64 version;               /* 0 for targets */
  gint64 length;                /* -1 when not given */
  GBytes *hashes[N_ALGORITHMS]; /* (owned) (nullable) */
};

static gboolean
parse_hash (OnwardFileInfo *self, JsonObject *object, gsize i, GError **error)
{
  const char *hex;

  if (!onward_json_has (object, algorithms[i].name))
    return TRUE;
  if (!onward_json_get_string (object, algorithms[i].name, &hex, error))
    return FALSE;
  self->hashes[i] = onward_hex_decode (hex);
  if (self->hashes[i] != NULL && g_bytes_get_size (self->hashes[i]) == algorithms[i].size)
    return TRUE;
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
               "Reading member “%s”: it is not such a hash", algorithms[i].name);
  return FALSE;
}

/* Hashes of which none is understood would protect nothing. */
static gboolean
parse_hashes (OnwardFileInfo *self, JsonObject *object, GError **error)
{
  gboolean any = FALSE;
  JsonObject *hashes;

  if (!onward_json_get_object (object, "hashes", &hashes, error))
    return FALSE;
  for (gsize i = 0; i < N_ALGORITHMS; i++)
    {
      if (!parse_hash (self, hashes, i, error))
        return FALSE;
      any = any || self->hashes[i] != NULL;
    }
  if (!any)
    g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_UNSUPPORTED_FORMAT,
                         "Reading member “hashes”: it has neither sha256 nor sha512");
  return any;
}

static gboolean
parse_length (OnwardFileInfo *self, JsonObject *object, GError **error)
{
  return onward_json_get_integer (object, "length", 0, ONWARD_METADATA_MAX_VERSION, &self->length,
                                  error);
}

/**
 * onward_file_info_parse_document:
 * @object: an entry of "meta" in timestamp.json or snapshot.json
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): what it says (TUF specification 4.4)
 */
OnwardFileInfo *
onward_file_info_parse_document (JsonObject *object, GError **error)
{
  g_autoptr (OnwardFileInfo) self = NULL;

  g_return_val_if_fail (object != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_new0 (OnwardFileInfo, 1);
  self->length = -1;
  if (!onward_json_get_integer (object, "version", 1, ONWARD_METADATA_MAX_VERSION, &self->version,
                                error))
    return NULL;
  if (onward_json_has (object, "length") && !parse_length (self, object, error))
    return NULL;
  if (onward_json_has (object, "hashes") && !parse_hashes (self, object, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * onward_file_info_parse_target:
 * @object: an entry of "targets" in a targets document
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): what it says (TUF specification 4.5)
 */
OnwardFileInfo *
onward_file_info_parse_target (JsonObject *object, GError **error)
{
  g_autoptr (OnwardFileInfo) self = NULL;

  g_return_val_if_fail (object != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_new0 (OnwardFileInfo, 1);
  if (!parse_length (self, object, error) || !parse_hashes (self, object, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * onward_file_info_free:
 * @self: (transfer full) (nullable): a file's description
 */
void
onward_file_info_free (OnwardFileInfo *self)
{
  if (self == NULL)
    return;
  for (gsize i = 0; i < N_ALGORITHMS; i++)
    g_clear_pointer (&self->hashes[i], g_bytes_unref);
  g_free (self);
}

static gboolean
matches_hash (OnwardFileInfo *self, GBytes *bytes, gsize i)
{
  guint8 digest[MAX_DIGEST_SIZE];
  g_autoptr (GBytes) actual = NULL;
  gconstpointer data;
  gsize size;

  data = g_bytes_get_data (bytes, &size);
  if (gnutls_hash_fast (algorithms[i].algorithm, data, size, digest) < 0)
    return FALSE;
  actual = g_bytes_new (digest, algorithms[i].size);
  return g_bytes_equal (actual, self->hashes[i]);
}

/**
 * onward_file_info_verify:
 * @self: a file's description
 * @bytes: what is said to be that file
 * @error: return location for ONWARD_ERROR_WRONG_LENGTH or ONWARD_ERROR_WRONG_HASH
 *
 * Returns: whether @bytes has the length and all the hashes @self gives
 */
gboolean
onward_file_info_verify (OnwardFileInfo *self, GBytes *bytes, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (bytes != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->length >= 0 && g_bytes_get_size (bytes) != (guint64) self->length)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_LENGTH,
                   "it has %" G_GSIZE_FORMAT " bytes instead of %" G_GINT64_FORMAT,
                   g_bytes_get_size (bytes), self->length);
      return FALSE;
    }

  for (gsize i = 0; i < N_ALGORITHMS; i++)
    {
      if (self->hashes[i] == NULL || matches_hash (self, bytes, i))
        continue;
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_HASH, "its %s is not the signed one",
                   algorithms[i].name);
      return FALSE;
    }
  return TRUE;
}

/**
 * onward_file_info_get_version:
 * @self: a file's description
 *
 * Returns: the version the document must have; 0 for targets
 */
gint64
onward_file_info_get_version (OnwardFileInfo *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->version;
}

/**
 * onward_file_info_get_length:
 * @self: a file's description
 *
 * Returns: its length in bytes, or -1 when it is not given
 */
gint64
onward_file_info_get_length (OnwardFileInfo *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->length;
}

/**
 * onward_file_info_dup_hash:
 * @self: a file's description
 *
 * Returns: (transfer full) (nullable): the hash that names the file in a consistent snapshot
 */
char *
onward_file_info_dup_hash (OnwardFileInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  for (gsize i = 0; i < N_ALGORITHMS; i++)
    {
      if (self->hashes[i] != NULL)
        return onward_hex_encode (self->hashes[i]);
    }
  return NULL;
}

/**
 * onward_file_info_get_digest:
 * @self: a file's description
 *
 * Returns: (transfer none) (nullable): its SHA-256
 */
const OnwardDigest *
onward_file_info_get_digest (OnwardFileInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  G_STATIC_ASSERT (sizeof (OnwardDigest) == ONWARD_DIGEST_SIZE);

  return self->hashes[0] == NULL ? NULL : g_bytes_get_data (self->hashes[0], NULL);
}
