/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "onward-ceremony.h"
#include "onward-change-mark.h"
#include "onward-error.h"
#include "onward-expiry.h"
#include "onward-file.h"
#include "onward-json.h"
#include "onward-metadata-writer.h"
#include "onward-root-draft.h"
#include "onward-secret.h"
#include "onward-unlock.h"

#define REQUEST_NAME    "next-root.json"
#define ENCRYPTED_LABEL "-----BEGIN ENCRYPTED PRIVATE KEY-----"
#define MAX_NAMES       1000
#define MAX_KEY_SIZE    (64 * 1024)

struct _OnwardCeremony
{
  OnwardRepository *repository; /* (unowned) */
  OnwardKeyring *keyring;       /* (unowned) */
  OnwardPassphrase *passphrase; /* (unowned) */
  GBytes *before_bytes;         /* (owned): the root in force */
  JsonObject *before;           /* (owned): its signed part */
  JsonObject *draft;            /* (owned): the signed part of the next one */
  GPtrArray *made;              /* (owned): OnwardKeyFile (unowned): keys made for it */
  gboolean is_plain;
  gboolean is_done;
};

/**
 * onward_ceremony_dup_path:
 * @repository: a repository
 *
 * Returns: (transfer full): where a root is kept that waits for signatures
 */
char *
onward_ceremony_dup_path (OnwardRepository *repository)
{
  g_autofree char *keys = onward_repository_dup_keys_path (repository);

  return g_build_filename (keys, REQUEST_NAME, NULL);
}

/**
 * onward_ceremony_load:
 * @repository: a repository
 * @error: return location: NOT_FOUND when none waits
 *
 * Returns: (transfer full): the root that waits for signatures
 */
OnwardRootRequest *
onward_ceremony_load (OnwardRepository *repository, GError **error)
{
  g_autofree char *path = onward_ceremony_dup_path (repository);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return onward_root_request_load (path, error);
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
               "Looking for a root that waits for signatures: there is no “%s”", path);
  return NULL;
}

/* A run that was cut off may have published a root and left the request for it. */
static gboolean
is_published (OnwardRepository *repository)
{
  g_autoptr (OnwardRootRequest) request = onward_ceremony_load (repository, NULL);
  gint64 version = G_MAXINT64;

  return request != NULL &&
         onward_json_get_integer (onward_root_request_get_next (request), "version", 1, G_MAXINT32,
                                  &version, NULL) &&
         version <= onward_repository_get_version (repository, "root");
}

static gboolean
check_none_waits (OnwardRepository *repository, GError **error)
{
  g_autofree char *path = onward_ceremony_dup_path (repository);

  if (is_published (repository))
    (void) unlink (path);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY,
               "Changing the root: another change waits for signatures in “%s”; bring them with "
               "“key import”, or give it up with “key abort”",
               path);
  return FALSE;
}

static GBytes *
read_root (OnwardRepository *repository, GError **error)
{
  g_autofree char *path = g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".root.json",
                                           onward_repository_get_version (repository, "root"));

  return onward_repository_read (repository, path, ONWARD_METADATA_MAX_SIZE, error);
}

static gboolean
check_not_staged (OnwardRepository *repository, GError **error)
{
  if (onward_repository_stage_get_version (repository, "root") == 0)
    return TRUE;

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_BUSY,
                       "Changing the root: another change waits for the online keys; run "
                       "“refresh” where they are");
  return FALSE;
}

/**
 * onward_ceremony_begin:
 * @repository: a repository, which has to stay
 * @keyring: the keys that are here, which have to stay
 * @passphrase: what unlocks them, which has to stay
 * @error: return location: BUSY when another change waits
 *
 * Begins a change of the root; the next one holds for as long as a new one does.
 *
 * Returns: (transfer full): the change
 */
OnwardCeremony *
onward_ceremony_begin (OnwardRepository *repository, OnwardKeyring *keyring,
                       OnwardPassphrase *passphrase, GError **error)
{
  g_autoptr (OnwardCeremony) self = g_new0 (OnwardCeremony, 1);
  g_autofree char *expires = onward_expiry_format (onward_expiry_get_days (repository, "root"));

  self->repository = repository;
  self->keyring = keyring;
  self->passphrase = passphrase;
  self->made = g_ptr_array_new ();
  if (!check_none_waits (repository, error) || !check_not_staged (repository, error))
    return NULL;
  self->before_bytes = read_root (repository, error);
  self->before =
      self->before_bytes == NULL ? NULL : onward_repository_load_role (repository, "root", error);
  if (self->before == NULL)
    return NULL;
  self->draft = onward_root_draft_new (self->before, expires);
  return g_steal_pointer (&self);
}

/**
 * onward_ceremony_free:
 * @self: (transfer full) (nullable): a change
 *
 * Ends it. Keys that were made for a change that did not come about are removed.
 */
void
onward_ceremony_free (OnwardCeremony *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; !self->is_done && i < self->made->len; i++)
    onward_keyring_remove_key (self->keyring, g_ptr_array_index (self->made, i));
  g_ptr_array_unref (self->made);
  g_clear_pointer (&self->before_bytes, g_bytes_unref);
  g_clear_pointer (&self->before, json_object_unref);
  g_clear_pointer (&self->draft, json_object_unref);
  g_free (self);
}

/**
 * onward_ceremony_leave_plain:
 * @self: a change
 *
 * Says that new keys are not to be encrypted.
 */
void
onward_ceremony_leave_plain (OnwardCeremony *self)
{
  self->is_plain = TRUE;
}

/**
 * onward_ceremony_get_keyring:
 * @self: a change
 *
 * Returns: (transfer none): the keys that are here
 */
OnwardKeyring *
onward_ceremony_get_keyring (OnwardCeremony *self)
{
  return self->keyring;
}

/**
 * onward_ceremony_get_before:
 * @self: a change
 *
 * Returns: (transfer none): the signed part of the root in force
 */
JsonObject *
onward_ceremony_get_before (OnwardCeremony *self)
{
  return self->before;
}

/**
 * onward_ceremony_get_draft:
 * @self: a change
 *
 * Returns: (transfer none): the signed part of the next root, to be changed
 */
JsonObject *
onward_ceremony_get_draft (OnwardCeremony *self)
{
  return self->draft;
}

typedef enum
{
  KEPT_ELSEWHERE, /* or in a token */
  KEPT_PLAIN,
  KEPT_ENCRYPTED,
} Kept;

static Kept
find_kept (OnwardKeyFile *file)
{
  const char *source = onward_key_file_get_source (file);
  g_autoptr (GBytes) pem = source == NULL ? NULL : onward_secret_read (source, MAX_KEY_SIZE, NULL);
  gsize size;
  const char *text = pem == NULL ? NULL : g_bytes_get_data (pem, &size);

  if (text == NULL)
    return KEPT_ELSEWHERE;
  return g_strstr_len (text, (gssize) size, ENCRYPTED_LABEL) == NULL ? KEPT_PLAIN : KEPT_ENCRYPTED;
}

/* A new key is kept like the others: plain only among plain ones. */
static gboolean
keeps_plain (OnwardCeremony *self)
{
  GPtrArray *files = onward_keyring_list (self->keyring);
  gboolean plain = FALSE;

  for (guint i = 0; i < files->len; i++)
    {
      Kept kept = find_kept (g_ptr_array_index (files, i));

      if (kept == KEPT_ENCRYPTED)
        return FALSE;
      plain = plain || kept == KEPT_PLAIN;
    }
  return plain;
}

static char *
find_name (OnwardCeremony *self, const char *role)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = g_date_time_format (now, "%Y-%m-%d");
  g_autofree char *stem = g_strdup_printf ("%s-%s", role, date);

  for (guint i = 1; i < MAX_NAMES; i++)
    {
      g_autofree char *name = i == 1 ? g_strdup (stem) : g_strdup_printf ("%s-%u", stem, i);

      if (onward_keyring_find (self->keyring, name) == NULL)
        return g_steal_pointer (&name);
    }
  return g_steal_pointer (&stem);
}

/**
 * onward_ceremony_make_key:
 * @self: a change
 * @role: what the key is for; its file is named after it
 * @kind: what kind of key
 * @error: return location
 *
 * Makes a key for the next root, and lets it sign for @role.
 *
 * Returns: (transfer none) (nullable): the key
 */
OnwardKeyFile *
onward_ceremony_make_key (OnwardCeremony *self, const char *role, OnwardKeyKind kind,
                          GError **error)
{
  g_autofree char *name = find_name (self, role);
  g_autofree char *what = g_strdup_printf ("the new key “%s”", name);
  OnwardPassphrase *passphrase = NULL;
  OnwardKeyFile *file;

  if (!self->is_plain && !keeps_plain (self))
    {
      passphrase = self->passphrase;
      if (onward_passphrase_get (passphrase, what, TRUE, error) == NULL)
        return NULL;
    }

  file = onward_keyring_make_key (self->keyring, name, kind, passphrase, error);
  if (file == NULL)
    return NULL;
  g_ptr_array_add (self->made, file);
  return onward_root_draft_add_key (self->draft, role, onward_key_file_get_public (file), error)
             ? file
             : NULL;
}

/* A key from elsewhere is known by a name in the folder from now on, without its secret. */
static gboolean
adopt (OnwardCeremony *self, const char *role, OnwardKeyFile *file, GError **error)
{
  const char *name = onward_key_file_get_name (file);
  g_autofree char *chosen = strchr (name, '/') == NULL && strchr (name, ':') == NULL &&
                                    onward_keyring_find (self->keyring, name) == NULL
                                ? g_strdup (name)
                                : find_name (self, role);

  onward_key_file_set_name (file, chosen);
  onward_keyring_take (self->keyring, file);
  g_ptr_array_add (self->made, file);
  return onward_key_file_save_public (file, onward_keyring_get_folder (self->keyring), error);
}

/**
 * onward_ceremony_open_key:
 * @self: a change
 * @role: what it is for
 * @source: a file with a public or secret key, a PKCS#11 URI, or the name of a key in the folder
 * @error: return location
 *
 * Finds a key, and lets it sign for @role in the next root. One that does not say its public part
 * is unlocked.
 *
 * Returns: (transfer none) (nullable): the key
 */
OnwardKeyFile *
onward_ceremony_open_key (OnwardCeremony *self, const char *role, const char *source,
                          GError **error)
{
  OnwardKeyFile *file = onward_keyring_find (self->keyring, source);
  g_autoptr (OnwardKeyFile) opened = file == NULL ? onward_key_file_open (source, error) : NULL;

  if (file == NULL)
    file = opened;
  if (file == NULL || (onward_key_file_get_public (file) == NULL &&
                       !onward_key_file_unlock (file, self->passphrase, error)))
    return NULL;
  if (opened != NULL && !adopt (self, role, g_steal_pointer (&opened), error))
    return NULL;
  return onward_root_draft_add_key (self->draft, role, onward_key_file_get_public (file), error)
             ? file
             : NULL;
}

static gboolean
may_sign (OnwardRootRequest *request, OnwardKeyFile *file, gboolean unknown)
{
  const char *id = onward_key_file_get_id (file);

  if (onward_key_file_get_source (file) == NULL || (id == NULL) != unknown)
    return FALSE;
  return id == NULL || onward_root_request_needs (request, id);
}

/* Keys that are known to be needed come first; the others have to be unlocked to tell. */
static gboolean
sign_with_some (OnwardRootRequest *request, OnwardKeyring *keyring, OnwardPassphrase *passphrase,
                gboolean unknown, GError **error)
{
  GPtrArray *files = onward_keyring_list (keyring);

  for (guint i = 0; i < files->len && !onward_root_request_is_complete (request); i++)
    {
      OnwardKeyFile *file = g_ptr_array_index (files, i);

      if (!may_sign (request, file, unknown))
        continue;
      if (!onward_key_file_unlock (file, passphrase, error))
        return FALSE;
      if (onward_root_request_needs (request, onward_key_file_get_id (file)) &&
          !onward_root_request_sign (request, onward_key_file_get_key (file), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
sign_here (OnwardRootRequest *request, OnwardKeyring *keyring, OnwardPassphrase *passphrase,
           GError **error)
{
  return sign_with_some (request, keyring, passphrase, FALSE, error) &&
         sign_with_some (request, keyring, passphrase, TRUE, error);
}

static gboolean
unlock_for (OnwardRootRequest *request, OnwardKeyring *keyring, OnwardPassphrase *passphrase,
            gboolean with_targets, GError **error)
{
  JsonObject *next = onward_root_request_get_next (request);
  g_autoptr (GError) local_error = NULL;

  if (with_targets && !onward_keyring_unlock_role (keyring, "targets", next, passphrase, error))
    return FALSE;
  if (onward_unlock_online (keyring, next, passphrase, &local_error) ||
      g_error_matches (local_error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static OnwardCeremonyEnd
conclude (OnwardRepository *repository, OnwardKeyring *keyring, OnwardPassphrase *passphrase,
          OnwardRootRequest *request, GError **error)
{
  gboolean with_targets = !onward_root_draft_keeps_keys (
      onward_root_request_get_before (request), onward_root_request_get_next (request), "targets");
  g_autoptr (GBytes) root = onward_root_request_make_root (request, error);
  gboolean staged;
  gboolean done;

  if (root == NULL || !unlock_for (request, keyring, passphrase, with_targets, error) ||
      (with_targets && !onward_change_mark_set (repository, root, error)))
    return ONWARD_CEREMONY_FAILED;

  staged = onward_keyring_get_signers (keyring, "timestamp")->len == 0;
  done = onward_metadata_writer_put_next_root (repository, keyring, root, with_targets, error) &&
         onward_repository_commit (repository, error);
  onward_change_mark_clear (repository);
  if (!done)
    return ONWARD_CEREMONY_FAILED;
  return staged ? ONWARD_CEREMONY_STAGED : ONWARD_CEREMONY_PUBLISHED;
}

static gboolean
save (OnwardRepository *repository, OnwardRootRequest *request, GError **error)
{
  g_autofree char *path = onward_ceremony_dup_path (repository);

  return onward_root_request_save (request, path, error);
}

/**
 * onward_ceremony_finish:
 * @self: a change
 * @error: return location
 *
 * Signs the next root with the keys that are here. When they suffice it is published, with all
 * that its keys have to sign; else it is kept until the others have signed.
 *
 * Returns: how it ended
 */
OnwardCeremonyEnd
onward_ceremony_finish (OnwardCeremony *self, GError **error)
{
  g_autoptr (OnwardRootRequest) request = NULL;
  OnwardCeremonyEnd end = ONWARD_CEREMONY_WAITING;

  if (!onward_root_draft_finish (self->draft, error))
    return ONWARD_CEREMONY_FAILED;
  request = onward_root_request_new (self->before_bytes, self->draft, error);
  if (request == NULL || !sign_here (request, self->keyring, self->passphrase, error))
    return ONWARD_CEREMONY_FAILED;

  if (onward_root_request_is_complete (request))
    end = conclude (self->repository, self->keyring, self->passphrase, request, error);
  else if (!save (self->repository, request, error))
    end = ONWARD_CEREMONY_FAILED;
  self->is_done = end != ONWARD_CEREMONY_FAILED;
  return end;
}

static gboolean
merge_files (OnwardRootRequest *request, char **files, GError **error)
{
  for (char **file = files; *file != NULL; file++)
    {
      g_autoptr (OnwardRootRequest) other = onward_root_request_load (*file, error);

      if (other == NULL)
        return FALSE;
      if (!onward_root_request_merge (request, other, error))
        {
          g_prefix_error (error, "Importing “%s”: ", *file);
          return FALSE;
        }
    }
  return TRUE;
}

/* Another change, or another repository with the same folder of keys, has come between. */
static gboolean
check_follows (OnwardRepository *repository, OnwardRootRequest *request, GError **error)
{
  gint64 known = onward_repository_get_version (repository, "root");
  gint64 version = 0;

  if (!onward_json_get_integer (onward_root_request_get_next (request), "version", 1, G_MAXINT32,
                                &version, error))
    return FALSE;
  if (version == known + 1)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
               "Changing the root: root %" G_GINT64_FORMAT
               " waits for signatures, but root %" G_GINT64_FORMAT
               " is there already; give it up with “key abort”",
               version, known);
  return FALSE;
}

/**
 * onward_ceremony_import:
 * @repository: a repository with a root that waits for signatures
 * @keyring: the keys that are here
 * @passphrase: what unlocks them
 * @files: requests that came back signed
 * @error: return location
 *
 * Takes over signatures made elsewhere, adds those that can be made here, and goes on as
 * onward_ceremony_finish() does. Signatures are kept from one time to the next.
 *
 * Returns: how it ended
 */
OnwardCeremonyEnd
onward_ceremony_import (OnwardRepository *repository, OnwardKeyring *keyring,
                        OnwardPassphrase *passphrase, char **files, GError **error)
{
  g_autoptr (OnwardRootRequest) request = onward_ceremony_load (repository, error);
  g_autofree char *path = onward_ceremony_dup_path (repository);
  OnwardCeremonyEnd end;

  if (request == NULL || !check_follows (repository, request, error) ||
      !merge_files (request, files, error) || !sign_here (request, keyring, passphrase, error) ||
      !save (repository, request, error))
    return ONWARD_CEREMONY_FAILED;
  if (!onward_root_request_is_complete (request))
    return ONWARD_CEREMONY_WAITING;

  end = conclude (repository, keyring, passphrase, request, error);
  if (end != ONWARD_CEREMONY_FAILED && unlink (path) != 0)
    {
      onward_file_set_error (error, errno, "Removing", path);
      return ONWARD_CEREMONY_FAILED;
    }
  return end;
}
