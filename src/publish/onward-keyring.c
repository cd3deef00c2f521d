/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-json.h"
#include "onward-keyring.h"

#define MAX_THRESHOLD 1024

/* What a new folder holds, and the roles that each key signs for. */
static const struct
{
  const char *name;
  const char *const *roles;
} first_keys[] = {
  { "root", (const char *const[]){ "root", "targets", NULL } },
  { "online", (const char *const[]){ "snapshot", "timestamp", NULL } },
  { "spare-root", (const char *const[]){ NULL } },
};

static const char *const suffixes[] = { ".pem", ".pub", ".uri" };

struct _OnwardKeyring
{
  char *folder;        /* (owned) */
  GPtrArray *files;    /* (owned): OnwardKeyFile */
  GHashTable *signers; /* (owned): role → array of OnwardKey (unowned) that sign for it */
  GPtrArray *nobody;   /* (owned): no keys */
};

static OnwardKeyring *
keyring_new (const char *folder)
{
  OnwardKeyring *self = g_new0 (OnwardKeyring, 1);

  self->folder = g_strdup (folder);
  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_key_file_free);
  self->signers =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->nobody = g_ptr_array_new ();
  return self;
}

/**
 * onward_keyring_free:
 * @self: (transfer full) (nullable): a keyring
 *
 * Frees a keyring.
 */
void
onward_keyring_free (OnwardKeyring *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->signers);
  g_ptr_array_unref (self->files);
  g_ptr_array_unref (self->nobody);
  g_free (self->folder);
  g_free (self);
}

/**
 * onward_keyring_get_folder:
 * @self: a keyring
 *
 * Returns: where the keys are
 */
const char *
onward_keyring_get_folder (OnwardKeyring *self)
{
  return self->folder;
}

/**
 * onward_keyring_list:
 * @self: a keyring
 *
 * Returns: (transfer none) (element-type OnwardKeyFile): its keys, by their names
 */
GPtrArray *
onward_keyring_list (OnwardKeyring *self)
{
  return self->files;
}

/**
 * onward_keyring_find:
 * @self: a keyring
 * @id: a key id, eight or more characters that it begins with, or the name of a key's files
 *
 * Returns: (transfer none) (nullable): the key
 */
OnwardKeyFile *
onward_keyring_find (OnwardKeyring *self, const char *id)
{
  OnwardKeyFile *found = NULL;

  for (guint i = 0; i < self->files->len; i++)
    {
      OnwardKeyFile *file = g_ptr_array_index (self->files, i);
      const char *its_id = onward_key_file_get_id (file);

      if (g_str_equal (onward_key_file_get_name (file), id))
        return file;
      if (its_id != NULL && strlen (id) >= 8 && g_str_has_prefix (its_id, id) &&
          (found == NULL || onward_key_file_get_source (found) == NULL))
        found = file;
    }
  return found;
}

/**
 * onward_keyring_take:
 * @self: a keyring
 * @file: (transfer full): a key from elsewhere
 *
 * Lets a key sign along that is not in the folder.
 *
 * Returns: (transfer none): @file
 */
OnwardKeyFile *
onward_keyring_take (OnwardKeyring *self, OnwardKeyFile *file)
{
  g_ptr_array_insert (self->files, 0, file);
  return file;
}

/**
 * onward_keyring_remove:
 * @folder: where keys were just generated
 *
 * Removes keys that nothing was signed with. Other files in the folder stay.
 */
void
onward_keyring_remove (const char *folder)
{
  for (guint i = 0; i < G_N_ELEMENTS (first_keys); i++)
    {
      for (guint j = 0; j < G_N_ELEMENTS (suffixes); j++)
        {
          g_autofree char *name = g_strconcat (first_keys[i].name, suffixes[j], NULL);
          g_autofree char *path = g_build_filename (folder, name, NULL);

          (void) unlink (path);
        }
    }
  (void) rmdir (folder);
}

/* Nobody's keys are ever replaced, nor taken away with a half-made set. */
static gboolean
check_unused (const char *folder, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (first_keys) * G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *name = g_strconcat (first_keys[i / G_N_ELEMENTS (suffixes)].name,
                                           suffixes[i % G_N_ELEMENTS (suffixes)], NULL);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS) || g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        {
          g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                       "Making keys in “%s”: there is “%s” already, which is never replaced",
                       folder, name);
          return FALSE;
        }
    }

  return TRUE;
}

static void
add_signer (OnwardKeyring *self, const char *role, OnwardKeyFile *file)
{
  GPtrArray *signers = g_hash_table_lookup (self->signers, role);

  if (signers == NULL)
    {
      signers = g_ptr_array_new ();
      g_hash_table_insert (self->signers, g_strdup (role), signers);
    }
  g_ptr_array_add (signers, onward_key_file_get_key (file));
}

/**
 * onward_keyring_make_key:
 * @self: a keyring
 * @name: what its files are to be called
 * @kind: what kind of key
 * @passphrase: (nullable): what encrypts it; its text has to be known
 * @error: return location
 *
 * Makes a new key in the folder.
 *
 * Returns: (transfer none) (nullable): the key, unlocked
 */
OnwardKeyFile *
onward_keyring_make_key (OnwardKeyring *self, const char *name, OnwardKeyKind kind,
                         OnwardPassphrase *passphrase, GError **error)
{
  OnwardKey *key = onward_key_generate_kind (kind, error);
  OnwardKeyFile *file;

  if (key == NULL)
    return NULL;
  file = onward_key_file_create (key, self->folder, name, passphrase, error);
  if (file != NULL)
    g_ptr_array_add (self->files, file);
  return file;
}

/**
 * onward_keyring_remove_key:
 * @self: a keyring
 * @file: (transfer full): a key that onward_keyring_make_key() has just made
 *
 * Removes a key that nothing was signed with.
 */
void
onward_keyring_remove_key (OnwardKeyring *self, OnwardKeyFile *file)
{
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *name = g_strconcat (onward_key_file_get_name (file), suffixes[i], NULL);
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      (void) unlink (path);
    }
  g_ptr_array_remove (self->files, file);
}

/**
 * onward_keyring_generate:
 * @folder: where; made when missing, for its owner only
 * @passphrase: what the keys are encrypted with, if it is known
 * @error: return location
 *
 * Makes the keys, or none of them. A folder that holds keys already is refused.
 *
 * Returns: (transfer full): new keys, unlocked
 */
OnwardKeyring *
onward_keyring_generate (const char *folder, OnwardPassphrase *passphrase, GError **error)
{
  g_autoptr (OnwardKeyring) self = keyring_new (folder);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      onward_file_set_error (error, errno, "Making", folder);
      return NULL;
    }

  if (!check_unused (folder, error))
    return NULL;

  for (guint i = 0; i < G_N_ELEMENTS (first_keys); i++)
    {
      OnwardKeyFile *file = onward_keyring_make_key (self, first_keys[i].name,
                                                     ONWARD_KEY_KIND_ED25519, passphrase, error);

      if (file == NULL)
        {
          onward_keyring_remove (folder);
          return NULL;
        }
      for (guint j = 0; first_keys[i].roles[j] != NULL; j++)
        add_signer (self, first_keys[i].roles[j], file);
    }
  return g_steal_pointer (&self);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
list_names (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GHashTable) stems = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
        {
          if (!g_str_has_suffix (name, suffixes[i]))
            continue;
          g_hash_table_add (stems, g_strndup (name, strlen (name) - strlen (suffixes[i])));
        }
    }

  for (GList *stem = g_hash_table_get_keys (stems); stem != NULL;
       stem = g_list_delete_link (stem, stem))
    g_ptr_array_add (names, g_strdup (stem->data));
  g_ptr_array_sort (names, compare_names);
  return names;
}

/**
 * onward_keyring_open:
 * @folder: the folder of the keys; one that is not there holds none
 * @error: return location
 *
 * Looks at the keys, and unlocks none.
 *
 * Returns: (transfer full): the keys
 */
OnwardKeyring *
onward_keyring_open (const char *folder, GError **error)
{
  g_autoptr (OnwardKeyring) self = keyring_new (folder);
  g_autoptr (GPtrArray) names = list_names (folder);

  for (guint i = 0; i < names->len; i++)
    {
      OnwardKeyFile *file =
          onward_key_file_open_named (folder, g_ptr_array_index (names, i), error);

      if (file == NULL)
        return NULL;
      g_ptr_array_add (self->files, file);
    }
  return g_steal_pointer (&self);
}

static JsonObject *
make_role (JsonObject *keys, OnwardKeyFile *first, OnwardKeyFile *second)
{
  JsonObject *role = json_object_new ();
  JsonArray *ids = json_array_new ();
  OnwardKeyFile *files[] = { first, second };

  for (guint i = 0; i < G_N_ELEMENTS (files) && files[i] != NULL; i++)
    {
      json_array_add_string_element (ids, onward_key_file_get_id (files[i]));
      json_object_set_object_member (keys, onward_key_file_get_id (files[i]),
                                     json_object_ref (onward_key_file_get_public (files[i])));
    }

  json_object_set_array_member (role, "keyids", ids);
  json_object_set_int_member (role, "threshold", 1);
  return role;
}

/**
 * onward_keyring_make_roles:
 * @self: a keyring just generated
 * @keys: an object that receives the public keys
 *
 * Returns: (transfer full): the "roles" of a root in solo mode: either root key may sign the next
 *   root, so that one lost key never needs a reinstall
 */
JsonObject *
onward_keyring_make_roles (OnwardKeyring *self, JsonObject *keys)
{
  OnwardKeyFile *root = onward_keyring_find (self, "root");
  OnwardKeyFile *online = onward_keyring_find (self, "online");
  JsonObject *roles = json_object_new ();

  json_object_set_object_member (roles, "root",
                                 make_role (keys, root, onward_keyring_find (self, "spare-root")));
  json_object_set_object_member (roles, "targets", make_role (keys, root, NULL));
  json_object_set_object_member (roles, "snapshot", make_role (keys, online, NULL));
  json_object_set_object_member (roles, "timestamp", make_role (keys, online, NULL));
  return roles;
}

static gboolean
read_role (JsonObject *root, const char *role, JsonArray **ret_ids, gint64 *ret_threshold,
           GError **error)
{
  JsonObject *roles;
  JsonObject *entry;

  if (onward_json_get_object (root, "roles", &roles, error) &&
      onward_json_get_object (roles, role, &entry, error) &&
      onward_json_get_array (entry, "keyids", ret_ids, error) &&
      onward_json_get_integer (entry, "threshold", 1, MAX_THRESHOLD, ret_threshold, error))
    return TRUE;
  g_prefix_error (error, "Reading the keys of %s: ", role);
  return FALSE;
}

static gboolean
names_key (JsonArray *ids, const char *id)
{
  for (guint i = 0; i < json_array_get_length (ids); i++)
    {
      if (g_strcmp0 (json_array_get_string_element (ids, i), id) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_signer (OnwardKeyring *self, const char *role, OnwardKeyFile *file)
{
  GPtrArray *signers = onward_keyring_get_signers (self, role);

  for (guint i = 0; i < signers->len; i++)
    {
      if (g_strcmp0 (onward_key_get_id (g_ptr_array_index (signers, i)),
                     onward_key_file_get_id (file)) == 0)
        return TRUE;
    }
  return FALSE;
}

/* The keys that are known to be the role's come first; one whose public part is not beside it has
 * to be unlocked to tell. */
static gboolean
unlock_some (OnwardKeyring *self, const char *role, JsonArray *ids, gint64 threshold,
             gboolean unknown, OnwardPassphrase *passphrase, GError **error)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      OnwardKeyFile *file = g_ptr_array_index (self->files, i);
      const char *id = onward_key_file_get_id (file);

      if (onward_keyring_get_signers (self, role)->len >= threshold)
        return TRUE;
      if (onward_key_file_get_source (file) == NULL || (id == NULL) != unknown ||
          (id != NULL && (!names_key (ids, id) || is_signer (self, role, file))))
        continue;
      if (!onward_key_file_unlock (file, passphrase, error))
        return FALSE;
      if (names_key (ids, onward_key_file_get_id (file)) && !is_signer (self, role, file))
        add_signer (self, role, file);
    }
  return TRUE;
}

/**
 * onward_keyring_unlock_role:
 * @self: a keyring
 * @role: a role
 * @root: the root that says which keys sign for it
 * @passphrase: what unlocks them
 * @error: return location: NOT_FOUND when there are not enough keys here, NOT_PERMITTED when the
 *   passphrase does not fit
 *
 * Unlocks as many of the role's keys as it takes, and no other.
 */
gboolean
onward_keyring_unlock_role (OnwardKeyring *self, const char *role, JsonObject *root,
                            OnwardPassphrase *passphrase, GError **error)
{
  JsonArray *ids;
  gint64 threshold;
  guint have;

  g_hash_table_remove (self->signers, role);
  if (!read_role (root, role, &ids, &threshold, error) ||
      !unlock_some (self, role, ids, threshold, FALSE, passphrase, error) ||
      !unlock_some (self, role, ids, threshold, TRUE, passphrase, error))
    return FALSE;

  have = onward_keyring_get_signers (self, role)->len;
  if (have >= threshold)
    return TRUE;
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
               "Looking for the keys of %s in “%s”: %u of the %" G_GINT64_FORMAT
               " that are needed are there; name others with --key KEY, or their folder with "
               "--keys DIR (“key list” tells which sign what)",
               role, self->folder, have, threshold);
  return FALSE;
}

/**
 * onward_keyring_get_signers:
 * @self: a keyring
 * @role: root, targets, snapshot or timestamp
 *
 * Returns: (transfer none) (element-type OnwardKey): the keys that sign for the role, as far as
 *   they are unlocked
 */
GPtrArray *
onward_keyring_get_signers (OnwardKeyring *self, const char *role)
{
  GPtrArray *signers = g_hash_table_lookup (self->signers, role);

  return signers == NULL ? self->nobody : signers;
}
