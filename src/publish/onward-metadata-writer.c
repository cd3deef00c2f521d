/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-digest.h"
#include "onward-metadata-writer.h"

#define SPEC_VERSION   "1.0.34"
#define DAYS_ROOT      (3 * 365)
#define DAYS_TARGETS   365
#define DAYS_SNAPSHOT  365
#define DAYS_TIMESTAMP 180

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
  gint64 snapshot_version = onward_repository_get_version (repository, "snapshot") + 1;
  g_autoptr (JsonObject) content = begin ("targets", version, DAYS_TARGETS);
  g_autoptr (JsonObject) snapshot = begin ("snapshot", snapshot_version, DAYS_SNAPSHOT);
  g_autofree char *path = g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".targets.json", version);
  g_autofree char *snapshot_path =
      g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".snapshot.json", snapshot_version);
  g_autoptr (GBytes) document = NULL;
  g_autoptr (GBytes) snapshot_document = NULL;
  JsonObject *meta = json_object_new ();

  json_object_set_object_member (content, "targets", json_object_ref (targets));
  document = sign_and_put (repository, keyring, content, "targets", path, error);
  if (document == NULL)
    {
      json_object_unref (meta);
      return FALSE;
    }

  json_object_set_object_member (meta, "targets.json", describe (document, version));
  json_object_set_object_member (snapshot, "meta", meta);
  snapshot_document =
      sign_and_put (repository, keyring, snapshot, "snapshot", snapshot_path, error);
  return snapshot_document != NULL &&
         onward_metadata_writer_put_timestamp (repository, keyring, error);
}

static gint64
get_pending_snapshot_version (OnwardRepository *repository)
{
  gint64 version = onward_repository_get_version (repository, "snapshot");
  g_autofree char *next =
      g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".snapshot.json", version + 1);
  g_autoptr (GBytes) pending =
      onward_repository_read (repository, next, ONWARD_METADATA_MAX_SIZE, NULL);

  return pending == NULL ? version : version + 1;
}

/**
 * onward_metadata_writer_put_timestamp:
 * @repository: a repository
 * @keyring: at least the online key
 * @error: return location
 *
 * Collects a new timestamp for the newest snapshot.
 */
gboolean
onward_metadata_writer_put_timestamp (OnwardRepository *repository, OnwardKeyring *keyring,
                                      GError **error)
{
  g_autoptr (JsonObject) before = onward_repository_load_role (repository, "timestamp", NULL);
  gint64 version = 1 + (before == NULL ? 0 : json_object_get_int_member (before, "version"));
  g_autoptr (JsonObject) content = begin ("timestamp", version, DAYS_TIMESTAMP);
  gint64 snapshot_version = get_pending_snapshot_version (repository);
  g_autofree char *snapshot_path =
      g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".snapshot.json", snapshot_version);
  g_autoptr (GBytes) snapshot = NULL;
  g_autoptr (GBytes) document = NULL;
  JsonObject *meta;

  snapshot = onward_repository_read (repository, snapshot_path, ONWARD_METADATA_MAX_SIZE, error);
  if (snapshot == NULL)
    return FALSE;

  meta = json_object_new ();
  json_object_set_object_member (meta, "snapshot.json", describe (snapshot, snapshot_version));
  json_object_set_object_member (content, "meta", meta);
  document =
      sign_and_put (repository, keyring, content, "timestamp", "metadata/timestamp.json", error);
  return document != NULL;
}
