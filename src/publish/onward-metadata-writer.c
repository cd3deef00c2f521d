/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-date.h"
#include "onward-digest.h"
#include "onward-error.h"
#include "onward-json.h"
#include "onward-metadata-writer.h"

#define SPEC_VERSION   "1.0.34"
#define DAYS_ROOT      (3 * 365)
#define DAYS_TARGETS   365
#define DAYS_SNAPSHOT  365
#define DAYS_TIMESTAMP 180
#define DAYS_SOON      90

#define SECONDS_PER_DAY (24 * 60 * 60)

/* Clients take it for a moment that is certainly past, so that a wrong clock is found out. */
static void
put_issued (JsonObject *content, GDateTime *now)
{
  g_autofree char *issued = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");

  json_object_set_string_member (content, "x-issued", issued);
}

static JsonObject *
begin (const char *role, gint64 version, int days)
{
  JsonObject *content = json_object_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) then = g_date_time_add_days (now, days);
  g_autofree char *expires = g_date_time_format (then, "%Y-%m-%dT%H:%M:%SZ");

  json_object_set_string_member (content, "_type", role);
  json_object_set_string_member (content, "spec_version", SPEC_VERSION);
  json_object_set_int_member (content, "version", version);
  json_object_set_string_member (content, "expires", expires);
  if (g_str_equal (role, "timestamp") || g_str_equal (role, "targets"))
    put_issued (content, now);
  return content;
}

static GBytes *
sign_and_put (OnwardRepository *repository, OnwardKeyring *keyring, JsonObject *content,
              const char *role, const char *path, GError **error)
{
  GBytes *document =
      onward_signer_sign (content, onward_keyring_get_signers (keyring, role), error);

  if (document == NULL)
    g_prefix_error (error, "Signing “%s”: ", path);
  else
    onward_repository_put (repository, path, document);
  return document;
}

static JsonObject *
describe (GBytes *document, gint64 version)
{
  JsonObject *entry = json_object_new ();
  JsonObject *hashes = json_object_new ();
  g_autofree char *hex = NULL;
  OnwardDigest digest;

  onward_digest_of_bytes (document, &digest);
  hex = onward_digest_to_string (&digest);
  json_object_set_string_member (hashes, "sha256", hex);
  json_object_set_int_member (entry, "version", version);
  json_object_set_int_member (entry, "length", (gint64) g_bytes_get_size (document));
  json_object_set_object_member (entry, "hashes", hashes);
  return entry;
}

/**
 * onward_metadata_writer_put_root:
 * @repository: a repository without a root
 * @keyring: keys just generated
 * @error: return location
 *
 * Collects the first root.
 */
gboolean
onward_metadata_writer_put_root (OnwardRepository *repository, OnwardKeyring *keyring,
                                 GError **error)
{
  g_autoptr (JsonObject) content = begin ("root", 1, DAYS_ROOT);
  g_autoptr (GBytes) document = NULL;
  JsonObject *keys = json_object_new ();

  json_object_set_boolean_member (content, "consistent_snapshot", TRUE);
  json_object_set_object_member (content, "roles", onward_keyring_make_roles (keyring, keys));
  json_object_set_object_member (content, "keys", keys);
  document = sign_and_put (repository, keyring, content, "root", "metadata/1.root.json", error);
  return document != NULL;
}

/* A timestamp whose version cannot be told would be refused by every client that saw it: only a
 * repository that is being made has none. */
static gboolean
get_next_timestamp_version (OnwardRepository *repository, gint64 *ret_version, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonObject) before =
      onward_repository_load_role (repository, "timestamp", &local_error);
  gint64 version;

  if (before == NULL && onward_repository_get_version (repository, "root") == 0 &&
      g_error_matches (local_error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    {
      *ret_version = 1;
      return TRUE;
    }

  if (before == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (!onward_json_get_integer (before, "version", 1, G_MAXINT32, &version, error))
    {
      g_prefix_error (error, "Reading the timestamp: ");
      return FALSE;
    }

  *ret_version = version + 1;
  return TRUE;
}

/* Takes @entry over, which describes the snapshot. */
static gboolean
put_timestamp (OnwardRepository *repository, OnwardKeyring *keyring, JsonObject *entry,
               GError **error)
{
  JsonObject *meta = json_object_new ();
  g_autoptr (JsonObject) content = NULL;
  g_autoptr (GBytes) document = NULL;
  gint64 version;

  json_object_set_object_member (meta, "snapshot.json", entry);
  if (!get_next_timestamp_version (repository, &version, error))
    {
      json_object_unref (meta);
      return FALSE;
    }

  content = begin ("timestamp", version, DAYS_TIMESTAMP);
  json_object_set_object_member (content, "meta", meta);
  document =
      sign_and_put (repository, keyring, content, "timestamp", "metadata/timestamp.json", error);
  return document != NULL;
}

/* Takes @meta over, which describes the targets, and puts the timestamp that goes with it. */
static gboolean
put_snapshot (OnwardRepository *repository, OnwardKeyring *keyring, JsonObject *meta,
              GError **error)
{
  gint64 version = onward_repository_get_version (repository, "snapshot") + 1;
  g_autofree char *path = g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".snapshot.json", version);
  g_autoptr (JsonObject) content = begin ("snapshot", version, DAYS_SNAPSHOT);
  g_autoptr (GBytes) document = NULL;

  json_object_set_object_member (content, "meta", meta);
  document = sign_and_put (repository, keyring, content, "snapshot", path, error);
  return document != NULL &&
         put_timestamp (repository, keyring, describe (document, version), error);
}

/**
 * onward_metadata_writer_put_targets:
 * @repository: a repository
 * @keyring: all keys for daily work
 * @targets: the "targets" member: name → description
 * @error: return location
 *
 * Collects new targets, and the snapshot and timestamp that go with them.
 */
gboolean
onward_metadata_writer_put_targets (OnwardRepository *repository, OnwardKeyring *keyring,
                                    JsonObject *targets, GError **error)
{
  gint64 version = onward_repository_get_version (repository, "targets") + 1;
  g_autofree char *path = g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".targets.json", version);
  g_autoptr (JsonObject) content = begin ("targets", version, DAYS_TARGETS);
  g_autoptr (GBytes) document = NULL;
  JsonObject *meta;

  json_object_set_object_member (content, "targets", json_object_ref (targets));
  document = sign_and_put (repository, keyring, content, "targets", path, error);
  if (document == NULL)
    return FALSE;

  meta = json_object_new ();
  json_object_set_object_member (meta, "targets.json", describe (document, version));
  return put_snapshot (repository, keyring, meta, error);
}

/* Whether what clients have of @role is to be signed anew. */
static gboolean
expires_soon (OnwardRepository *repository, const char *role, gboolean *ret_soon, GError **error)
{
  g_autoptr (JsonObject) content = onward_repository_load_role (repository, role, error);
  const char *expires;
  gint64 seconds;

  if (content == NULL || !onward_json_get_string (content, "expires", &expires, error) ||
      !onward_date_parse (expires, &seconds, error))
    return FALSE;

  *ret_soon = seconds - g_get_real_time () / G_USEC_PER_SEC < DAYS_SOON * SECONDS_PER_DAY;
  return TRUE;
}

/**
 * onward_metadata_writer_needs_root:
 * @repository: a repository
 * @ret_needs: (out): whether onward_metadata_writer_put_refreshed() needs the root key
 * @error: return location
 *
 * Tells whether the targets, which the root key signs, expire soon.
 */
gboolean
onward_metadata_writer_needs_root (OnwardRepository *repository, gboolean *ret_needs,
                                   GError **error)
{
  return expires_soon (repository, "targets", ret_needs, error);
}

static gboolean
put_same_targets (OnwardRepository *repository, OnwardKeyring *keyring, GError **error)
{
  g_autoptr (JsonObject) content = onward_repository_load_role (repository, "targets", error);
  JsonObject *targets;

  return content != NULL && onward_json_get_object (content, "targets", &targets, error) &&
         onward_metadata_writer_put_targets (repository, keyring, targets, error);
}

static gboolean
put_same_snapshot (OnwardRepository *repository, OnwardKeyring *keyring, GError **error)
{
  g_autoptr (JsonObject) content = onward_repository_load_role (repository, "snapshot", error);
  JsonObject *meta;

  return content != NULL && onward_json_get_object (content, "meta", &meta, error) &&
         put_snapshot (repository, keyring, json_object_ref (meta), error);
}

static gboolean
put_same_timestamp (OnwardRepository *repository, OnwardKeyring *keyring, GError **error)
{
  g_autoptr (JsonObject) content = onward_repository_load_role (repository, "timestamp", error);
  JsonObject *meta;
  JsonObject *entry;

  return content != NULL && onward_json_get_object (content, "meta", &meta, error) &&
         onward_json_get_object (meta, "snapshot.json", &entry, error) &&
         put_timestamp (repository, keyring, json_object_ref (entry), error);
}

/**
 * onward_metadata_writer_put_refreshed:
 * @repository: a repository
 * @keyring: the online key, with the root key if the targets are to be signed anew, too
 * @with_root: whether @keyring has the root key
 * @error: return location
 *
 * Collects a new timestamp that leads to the same releases, and signs anew what else expires soon:
 * the repository goes on for as long as somebody refreshes it, whether it gets new releases or not.
 */
gboolean
onward_metadata_writer_put_refreshed (OnwardRepository *repository, OnwardKeyring *keyring,
                                      gboolean with_root, GError **error)
{
  gboolean targets = FALSE;
  gboolean snapshot = FALSE;

  if (!expires_soon (repository, "targets", &targets, error) ||
      !expires_soon (repository, "snapshot", &snapshot, error))
    return FALSE;

  if (targets && with_root)
    return put_same_targets (repository, keyring, error);
  if (snapshot)
    return put_same_snapshot (repository, keyring, error);
  return put_same_timestamp (repository, keyring, error);
}
