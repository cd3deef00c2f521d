/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-digest.h"
#include "onward-error.h"
#include "onward-expiry.h"
#include "onward-json.h"
#include "onward-metadata-writer.h"
#include "onward-mirror-list.h"
#include "onward-targets-private.h"

#define SPEC_VERSION "1.0.34"

/* Clients take it for a moment that is certainly past, so that a wrong clock is found out. */
static void
put_issued (JsonObject *content)
{
  g_autofree char *issued = onward_expiry_format (0);

  json_object_set_string_member (content, "x-issued", issued);
}

static JsonObject *
begin (OnwardRepository *repository, const char *role, gint64 version)
{
  JsonObject *content = json_object_new ();
  g_autofree char *expires = onward_expiry_format (onward_expiry_get_days (repository, role));

  json_object_set_string_member (content, "_type", role);
  json_object_set_string_member (content, "spec_version", SPEC_VERSION);
  json_object_set_int_member (content, "version", version);
  json_object_set_string_member (content, "expires", expires);
  if (g_str_equal (role, "timestamp") || g_str_equal (role, "targets"))
    put_issued (content);
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
  g_autoptr (JsonObject) content = begin (repository, "root", 1);
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

  content = begin (repository, "timestamp", version);
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
  g_autoptr (JsonObject) content = begin (repository, "snapshot", version);
  g_autoptr (GBytes) document = NULL;

  json_object_set_object_member (content, "meta", meta);
  document = sign_and_put (repository, keyring, content, "snapshot", path, error);
  return document != NULL &&
         put_timestamp (repository, keyring, describe (document, version), error);
}

static gboolean
is_online (OnwardKeyring *keyring)
{
  return onward_keyring_get_signers (keyring, "snapshot")->len > 0 &&
         onward_keyring_get_signers (keyring, "timestamp")->len > 0;
}

/* Puts the snapshot and the timestamp that go with a targets document. */
static gboolean
put_above_targets (OnwardRepository *repository, OnwardKeyring *keyring, GBytes *document,
                   gint64 version, GError **error)
{
  JsonObject *meta = json_object_new ();

  json_object_set_object_member (meta, "targets.json", describe (document, version));
  return put_snapshot (repository, keyring, meta, error);
}

/**
 * onward_metadata_writer_put_targets:
 * @repository: a repository
 * @keyring: the keys of targets, unlocked, and those of snapshot and timestamp if they are here
 * @targets: the "targets" member: name → description
 * @error: return location
 *
 * Collects new targets, and the snapshot and timestamp that go with them. Without the online keys
 * the targets wait for onward_metadata_writer_put_refreshed().
 */
gboolean
onward_metadata_writer_put_targets (OnwardRepository *repository, OnwardKeyring *keyring,
                                    JsonObject *targets, GError **error)
{
  gint64 version = onward_repository_get_version (repository, "targets") + 1;
  g_autofree char *path = g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".targets.json", version);
  g_autoptr (JsonObject) content = begin (repository, "targets", version);
  g_autoptr (GBytes) document = NULL;

  json_object_set_object_member (content, "targets", json_object_ref (targets));
  onward_mirror_list_sign (repository, content);
  document = sign_and_put (repository, keyring, content, "targets", path, error);
  if (document == NULL)
    return FALSE;
  if (!is_online (keyring))
    return TRUE;

  onward_repository_stage_merge (repository, FALSE);
  return put_above_targets (repository, keyring, document, version, error);
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

/* Publishes what was signed where the online keys are not. */
static gboolean
put_staged (OnwardRepository *repository, OnwardKeyring *keyring, GError **error)
{
  gint64 version = onward_repository_stage_get_version (repository, "targets");
  g_autofree char *path = g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".targets.json", version);
  g_autoptr (GBytes) document = NULL;

  onward_repository_stage_merge (repository, TRUE);
  if (version == 0)
    return put_same_snapshot (repository, keyring, error);

  document = onward_repository_read (repository, path, ONWARD_METADATA_MAX_SIZE, error);
  return document != NULL && put_above_targets (repository, keyring, document, version, error);
}

/**
 * onward_metadata_writer_put_refreshed:
 * @repository: a repository
 * @keyring: the online keys, with those of targets if these are to be signed anew, too
 * @with_targets: whether @keyring has the keys of targets
 * @error: return location
 *
 * Collects a new timestamp that leads to the same releases, or to those that waited for it, and
 * signs anew what else expires soon: the repository goes on for as long as somebody refreshes it,
 * whether it gets new releases or not.
 */
gboolean
onward_metadata_writer_put_refreshed (OnwardRepository *repository, OnwardKeyring *keyring,
                                      gboolean with_targets, GError **error)
{
  gboolean targets = FALSE;
  gboolean snapshot = FALSE;

  if (!onward_expiry_is_soon (repository, "targets", &targets, error) ||
      !onward_expiry_is_soon (repository, "snapshot", &snapshot, error))
    return FALSE;

  if (targets && with_targets)
    return put_same_targets (repository, keyring, error);
  if (onward_repository_stage_get_version (repository, "targets") > 0 ||
      onward_repository_stage_get_version (repository, "root") > 0)
    return put_staged (repository, keyring, error);
  if (snapshot)
    return put_same_snapshot (repository, keyring, error);
  return put_same_timestamp (repository, keyring, error);
}

/**
 * onward_metadata_writer_put_next_root:
 * @repository: a repository
 * @keyring: the keys that the new root names, as far as they are here: those of targets, when
 *   @with_targets
 * @root: the new root, signed by whom it takes
 * @with_targets: whether the keys of targets changed, so that they have to sign anew
 * @error: return location
 *
 * Collects a new root, and all that its new keys have to sign with it. Without the online keys it
 * waits for onward_metadata_writer_put_refreshed(): no client may meet a root whose keys have not
 * signed a timestamp.
 */
gboolean
onward_metadata_writer_put_next_root (OnwardRepository *repository, OnwardKeyring *keyring,
                                      GBytes *root, gboolean with_targets, GError **error)
{
  gint64 version = onward_repository_get_version (repository, "root") + 1;
  g_autofree char *path = g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".root.json", version);

  onward_repository_put (repository, path, root);
  if (with_targets)
    return put_same_targets (repository, keyring, error);
  if (!is_online (keyring))
    return TRUE;
  return put_staged (repository, keyring, error);
}

/**
 * onward_metadata_writer_put_finished:
 * @repository: a repository whose newest root waits for what its keys have to sign
 * @keyring: the online keys, and those of targets unless @is_signed
 * @targets: what onward_repository_verify_cut_off() found
 * @is_signed: whether the keys of the newest root signed it
 * @error: return location
 *
 * Collects what was to follow the root.
 */
gboolean
onward_metadata_writer_put_finished (OnwardRepository *repository, OnwardKeyring *keyring,
                                     OnwardTargets *targets, gboolean is_signed, GError **error)
{
  OnwardMetadata *metadata = onward_targets_get_metadata (targets);
  JsonObject *list;

  if (is_signed)
    return put_above_targets (repository, keyring, onward_metadata_get_bytes (metadata),
                              onward_metadata_get_version (metadata), error);
  return onward_json_get_object (onward_metadata_get_content (metadata), "targets", &list, error) &&
         onward_metadata_writer_put_targets (repository, keyring, list, error);
}
