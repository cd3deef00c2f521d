/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-unlock.h"

/**
 * onward_unlock_clear:
 * @self: options
 *
 * Frees what the options hold.
 */
void
onward_unlock_clear (OnwardUnlock *self)
{
  g_free (self->folder);
  g_free (self->passphrase_file);
  g_strfreev (self->sources);
}

/* Takes @repository over, and hands it back. */
static OnwardRepository *
tell_keys (const OnwardUnlock *self, OnwardRepository *repository)
{
  if (repository != NULL && self->folder != NULL)
    onward_repository_set_keys_path (repository, self->folder);
  return repository;
}

/**
 * onward_unlock_open_repository:
 * @self: options
 * @folder: the repository
 * @error: return location
 *
 * Returns: (transfer full): the repository, locked against other publishers, which knows where its
 *   keys are
 */
OnwardRepository *
onward_unlock_open_repository (const OnwardUnlock *self, const char *folder, GError **error)
{
  return tell_keys (self, onward_repository_open (folder, error));
}

/**
 * onward_unlock_open_repository_to_read:
 * @self: options
 * @folder: the repository
 * @error: return location
 *
 * Returns: (transfer full): the repository, not locked, which knows where its keys are
 */
OnwardRepository *
onward_unlock_open_repository_to_read (const OnwardUnlock *self, const char *folder, GError **error)
{
  return tell_keys (self, onward_repository_open_to_read (folder, error));
}

/**
 * onward_unlock_make_passphrase:
 * @self: options
 *
 * Returns: (transfer full): what unlocks the keys
 */
OnwardPassphrase *
onward_unlock_make_passphrase (const OnwardUnlock *self)
{
  return onward_passphrase_new (self->passphrase_file, self->passphrase_fd);
}

/**
 * onward_unlock_open_keyring:
 * @self: options
 * @repository: the repository
 * @error: return location
 *
 * Looks at the keys in the folder, and at those that the publisher names.
 *
 * Returns: (transfer full): the keys, none of them unlocked
 */
OnwardKeyring *
onward_unlock_open_keyring (const OnwardUnlock *self, OnwardRepository *repository, GError **error)
{
  g_autofree char *folder = onward_repository_dup_keys_path (repository);
  g_autoptr (OnwardKeyring) keyring = onward_keyring_open (folder, error);

  for (char **source = self->sources; keyring != NULL && source != NULL && *source != NULL;
       source++)
    {
      OnwardKeyFile *file = onward_key_file_open (*source, error);

      if (file == NULL)
        return NULL;
      onward_keyring_take (keyring, file);
    }
  return g_steal_pointer (&keyring);
}

/**
 * onward_unlock_online:
 * @keyring: the keys
 * @root: the root that names them
 * @passphrase: what unlocks them
 * @error: return location
 *
 * Unlocks the keys of snapshot and timestamp.
 */
gboolean
onward_unlock_online (OnwardKeyring *keyring, JsonObject *root, OnwardPassphrase *passphrase,
                      GError **error)
{
  return onward_keyring_unlock_role (keyring, "snapshot", root, passphrase, error) &&
         onward_keyring_unlock_role (keyring, "timestamp", root, passphrase, error);
}

/**
 * onward_unlock_daily:
 * @keyring: the keys
 * @repository: the repository
 * @passphrase: what unlocks them
 * @error: return location
 *
 * Unlocks the keys that a change of the releases needs: those of targets, and those of snapshot and
 * timestamp when they are here. When they are not, what is signed waits for them.
 */
gboolean
onward_unlock_daily (OnwardKeyring *keyring, OnwardRepository *repository,
                     OnwardPassphrase *passphrase, GError **error)
{
  g_autoptr (JsonObject) root = onward_repository_load_role (repository, "root", error);
  g_autoptr (GError) local_error = NULL;

  if (root == NULL || !onward_keyring_unlock_role (keyring, "targets", root, passphrase, error))
    return FALSE;
  if (onward_unlock_online (keyring, root, passphrase, &local_error) ||
      g_error_matches (local_error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}
