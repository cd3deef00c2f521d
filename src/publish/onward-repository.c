/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/file.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-json-guard.h"
#include "onward-json.h"
#include "onward-repository-private.h"

#define SETTINGS_GROUP    "Publisher"
#define SETTINGS_MAX_SIZE 65536

/**
 * onward_repository_free:
 * @self: (transfer full) (nullable): a repository
 *
 * Frees a repository; what was not committed is forgotten.
 */
void
onward_repository_free (OnwardRepository *self)
{
  if (self == NULL)
    return;

  if (self->dirfd >= 0)
    onward_fd_close (self->dirfd);
  g_free (self->folder);
  g_key_file_unref (self->settings);
  g_free (self->keys);
  g_ptr_array_unref (self->order);
  g_hash_table_unref (self->pending);
  g_hash_table_unref (self->staged);
  g_free (self);
}

static OnwardRepository *
open_folder (const char *folder, GError **error)
{
  g_autoptr (OnwardRepository) self = g_new0 (OnwardRepository, 1);

  self->folder = g_canonicalize_filename (folder, NULL);
  self->settings = g_key_file_new ();
  self->order = g_ptr_array_new_with_free_func (g_free);
  self->pending =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->staged =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);

  self->dirfd = onward_file_open_dir (AT_FDCWD, self->folder, error);
  if (self->dirfd < 0)
    {
      g_prefix_error_literal (error, "There is no repository (“onward-publish init” makes one): ");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* Two publishers at once would give the same version number to different documents. */
static gboolean
lock (OnwardRepository *self, GError **error)
{
  if (flock (self->dirfd, LOCK_EX | LOCK_NB) == 0)
    return TRUE;

  if (errno != EWOULDBLOCK)
    {
      onward_file_set_error (error, errno, "Locking", self->folder);
      return FALSE;
    }
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY,
               "Opening “%s”: another publisher is at work there", self->folder);
  return FALSE;
}

/* Whatever the umask: what is published is for everybody. A folder that is there stays as it is. */
static gboolean
make_public (const char *folder, GError **error)
{
  gboolean exists = g_file_test (folder, G_FILE_TEST_EXISTS);

  if (g_mkdir_with_parents (folder, 0755) == 0 && (exists || g_chmod (folder, 0755) == 0))
    return TRUE;

  onward_file_set_error (error, errno, "Making", folder);
  return FALSE;
}

/**
 * onward_repository_make_folder:
 * @self: a repository
 * @path: a clean path below it
 * @error: return location
 *
 * Makes a folder and those on the way to it, for everybody to read, whatever the umask.
 */
gboolean
onward_repository_make_folder (OnwardRepository *self, const char *path, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  g_autofree char *made = g_strdup (".");

  for (char **part = parts; *part != NULL; part++)
    {
      g_autofree char *parent = made;

      made = g_build_filename (parent, *part, NULL);
      if (mkdirat (self->dirfd, made, 0755) == 0)
        (void) fchmodat (self->dirfd, made, 0755, 0);
      else if (errno != EEXIST)
        {
          onward_file_set_error (error, errno, "Making", path);
          return FALSE;
        }
    }

  return TRUE;
}

/**
 * onward_repository_create:
 * @folder: where; made when missing
 * @settings: what publish.ini is to say
 * @error: return location
 *
 * Lays out an empty repository. A folder that holds one already is refused. It is none before
 * onward_repository_commit().
 *
 * Returns: (transfer full): the repository
 */
OnwardRepository *
onward_repository_create (const char *folder, GKeyFile *settings, GError **error)
{
  static const char *const parts[] = { "metadata", "targets", "packs" };
  g_autoptr (OnwardRepository) self = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gsize size = 0;

  if (!make_public (folder, error))
    return NULL;
  self = open_folder (folder, error);
  if (self == NULL || !lock (self, error))
    return NULL;

  if (faccessat (self->dirfd, ONWARD_REPOSITORY_SETTINGS, F_OK, 0) == 0 ||
      onward_repository_get_version (self, "root") > 0)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                   "Making “%s”: there is a repository already", self->folder);
      return NULL;
    }

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      if (!onward_repository_make_folder (self, parts[i], error))
        return NULL;
    }

  g_key_file_unref (self->settings);
  self->settings = g_key_file_ref (settings);
  text = g_key_file_to_data (settings, &size, NULL);
  bytes = g_bytes_new (text, size);
  onward_repository_put (self, ONWARD_REPOSITORY_SETTINGS, bytes);
  return g_steal_pointer (&self);
}

static gboolean
load_settings (OnwardRepository *self, GError **error)
{
  static const char *const needed[] = { "Id", "Name", "Command" };
  g_autoptr (GBytes) bytes =
      onward_file_read (self->dirfd, ONWARD_REPOSITORY_SETTINGS, SETTINGS_MAX_SIZE, error);
  g_autoptr (GError) local_error = NULL;

  if (bytes == NULL)
    {
      g_prefix_error (error,
                      "Opening “%s” (was it made with “onward-publish init”?): ", self->folder);
      return FALSE;
    }

  if (!g_key_file_load_from_bytes (self->settings, bytes, G_KEY_FILE_NONE, &local_error))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Reading “%s/%s”: %s", self->folder,
                   ONWARD_REPOSITORY_SETTINGS, local_error->message);
      return FALSE;
    }

  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autofree char *value = onward_repository_dup_setting (self, needed[i]);

      if (value == NULL || *value == '\0')
        {
          g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                       "Reading “%s/%s”: “%s” is missing", self->folder, ONWARD_REPOSITORY_SETTINGS,
                       needed[i]);
          return FALSE;
        }
    }

  return TRUE;
}

/**
 * onward_repository_open:
 * @folder: the repository
 * @error: return location
 *
 * Opens a repository to change it.
 *
 * Returns: (transfer full): the repository, locked against other publishers
 */
OnwardRepository *
onward_repository_open (const char *folder, GError **error)
{
  g_autoptr (OnwardRepository) self = open_folder (folder, error);

  if (self == NULL || !lock (self, error) || !load_settings (self, error))
    return NULL;
  onward_repository_stage_load (self);
  return g_steal_pointer (&self);
}

/**
 * onward_repository_open_to_read:
 * @folder: the repository
 * @error: return location
 *
 * Opens a repository that nobody keeps another publisher from changing meanwhile: as for a client,
 * what the timestamp leads to stays whole.
 *
 * Returns: (transfer full): the repository
 */
OnwardRepository *
onward_repository_open_to_read (const char *folder, GError **error)
{
  g_autoptr (OnwardRepository) self = open_folder (folder, error);

  if (self == NULL || !load_settings (self, error))
    return NULL;
  onward_repository_stage_load (self);
  return g_steal_pointer (&self);
}

/**
 * onward_repository_get_folder:
 * @self: a repository
 *
 * Returns: its absolute path
 */
const char *
onward_repository_get_folder (OnwardRepository *self)
{
  return self->folder;
}

/**
 * onward_repository_get_dirfd:
 * @self: a repository
 *
 * Returns: a descriptor of its folder, owned by the repository
 */
int
onward_repository_get_dirfd (OnwardRepository *self)
{
  return self->dirfd;
}

/**
 * onward_repository_dup_setting:
 * @self: a repository
 * @key: a key of publish.ini
 *
 * Returns: (transfer full) (nullable): its value
 */
char *
onward_repository_dup_setting (OnwardRepository *self, const char *key)
{
  return g_key_file_get_string (self->settings, SETTINGS_GROUP, key, NULL);
}

/**
 * onward_repository_set_setting:
 * @self: a repository that is being made or changed
 * @key: a key of publish.ini
 * @value: its value
 *
 * Collects a change of the settings.
 */
void
onward_repository_set_setting (OnwardRepository *self, const char *key, const char *value)
{
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gsize size = 0;

  g_key_file_set_string (self->settings, SETTINGS_GROUP, key, value);
  text = g_key_file_to_data (self->settings, &size, NULL);
  bytes = g_bytes_new (text, size);
  onward_repository_put (self, ONWARD_REPOSITORY_SETTINGS, bytes);
}

/**
 * onward_repository_set_keys_path:
 * @self: a repository
 * @folder: where the keys are on this computer, whatever publish.ini says
 *
 * Says where the keys are.
 */
void
onward_repository_set_keys_path (OnwardRepository *self, const char *folder)
{
  g_free (self->keys);
  self->keys = g_canonicalize_filename (folder, NULL);
}

/**
 * onward_repository_dup_keys_path:
 * @self: a repository
 *
 * Returns: (transfer full): the folder of the secret keys
 */
char *
onward_repository_dup_keys_path (OnwardRepository *self)
{
  g_autofree char *keys = NULL;

  if (self->keys != NULL)
    return g_strdup (self->keys);
  keys = onward_repository_dup_setting (self, "Keys");
  return keys == NULL ? g_strdup_printf ("%s.keys", self->folder)
                      : g_canonicalize_filename (keys, self->folder);
}

/**
 * onward_repository_parse_version:
 * @name: the name of a file
 * @role: root, snapshot or targets
 *
 * Returns: the version in its name, or 0 when it is none of the role's. For the files of the
 *   repository only
 */
gint64
onward_repository_parse_version (const char *name, const char *role)
{
  char *end = NULL;
  guint64 version = g_ascii_strtoull (name, &end, 10);
  g_autofree char *rest = g_strdup_printf (".%s.json", role);

  return end != name && version <= G_MAXINT64 && g_str_equal (end, rest) ? (gint64) version : 0;
}

/**
 * onward_repository_get_published:
 * @self: a repository
 * @role: root, snapshot or targets
 *
 * Returns: the highest version of the role's metadata that clients can fetch, or 0
 */
gint64
onward_repository_get_published (OnwardRepository *self, const char *role)
{
  g_autofree char *path = g_build_filename (self->folder, "metadata", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  gint64 highest = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    highest = MAX (highest, onward_repository_parse_version (name, role));
  return highest;
}

/**
 * onward_repository_get_version:
 * @self: a repository
 * @role: root, snapshot or targets
 *
 * Returns: the highest version of the role's metadata that was written, whether clients can fetch
 *   it or it waits for a timestamp, or 0
 */
gint64
onward_repository_get_version (OnwardRepository *self, const char *role)
{
  return MAX (onward_repository_get_published (self, role),
              onward_repository_stage_get_version (self, role));
}

static JsonObject *
load_signed (OnwardRepository *self, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  GBytes *staged = g_hash_table_lookup (self->staged, path);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *envelope;
  JsonObject *content = NULL;

  bytes = staged != NULL
              ? g_bytes_ref (staged)
              : onward_repository_read (self, path, ONWARD_REPOSITORY_MAX_METADATA, error);
  if (bytes == NULL)
    return NULL;

  node = onward_json_guard_parse (bytes, ONWARD_REPOSITORY_MAX_METADATA, error);
  envelope = node == NULL ? NULL : onward_json_node_get_object (node, path, error);
  if (envelope == NULL || !onward_json_get_object (envelope, "signed", &content, error))
    {
      g_prefix_error (error, "Reading “%s”: ", path);
      return NULL;
    }

  return json_object_ref (content);
}

/* The version of @role that the metadata of @above names. */
static gboolean
find_version (OnwardRepository *self, const char *above, const char *role, gint64 *ret_version,
              GError **error)
{
  g_autoptr (JsonObject) content = onward_repository_load_role (self, above, error);
  g_autofree char *name = g_strconcat (role, ".json", NULL);
  JsonObject *meta;
  JsonObject *entry;

  if (content == NULL)
    return FALSE;
  if (onward_json_get_object (content, "meta", &meta, error) &&
      onward_json_get_object (meta, name, &entry, error) &&
      onward_json_get_integer (entry, "version", 1, G_MAXINT64, ret_version, error))
    return TRUE;

  g_prefix_error (error, "Reading the metadata of %s: ", above);
  return FALSE;
}

/**
 * onward_repository_load_role:
 * @self: a repository
 * @role: root, snapshot, targets or timestamp
 * @error: return location
 *
 * Loads the metadata that clients would come to: the newest root, the timestamp, and what this
 * leads to; or what they will come to when the online keys have signed for it. What an interrupted
 * run may have left is passed over.
 *
 * Returns: (transfer full): the signed part
 */
JsonObject *
onward_repository_load_role (OnwardRepository *self, const char *role, GError **error)
{
  g_autofree char *path = NULL;
  gint64 version = 0;

  if (g_str_equal (role, "timestamp"))
    return load_signed (self, ONWARD_REPOSITORY_TIMESTAMP, error);

  if (g_str_equal (role, "root"))
    version = onward_repository_get_version (self, role);
  else if (g_str_equal (role, "targets") && onward_repository_stage_get_version (self, role) > 0)
    version = onward_repository_stage_get_version (self, role);
  else if (!find_version (self, g_str_equal (role, "targets") ? "snapshot" : "timestamp", role,
                          &version, error))
    return NULL;

  path = g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".%s.json", version, role);
  return load_signed (self, path, error);
}

/**
 * onward_repository_read:
 * @self: a repository
 * @path: a path below it
 * @max_size: the most bytes to read
 * @error: return location
 *
 * Returns: (transfer full): a document, as it is or as it is about to be
 */
GBytes *
onward_repository_read (OnwardRepository *self, const char *path, gsize max_size, GError **error)
{
  GBytes *pending = g_hash_table_lookup (self->pending, path);

  return pending != NULL ? g_bytes_ref (pending)
                         : onward_file_read (self->dirfd, path, max_size, error);
}

/**
 * onward_repository_put:
 * @self: a repository
 * @path: where
 * @contents: the document
 *
 * Collects a document for onward_repository_commit(), after those collected before.
 */
void
onward_repository_put (OnwardRepository *self, const char *path, GBytes *contents)
{
  if (!g_hash_table_contains (self->pending, path))
    g_ptr_array_add (self->order, g_strdup (path));
  g_hash_table_replace (self->pending, g_strdup (path), g_bytes_ref (contents));
}

/**
 * onward_repository_load_anchor:
 * @self: a repository
 * @error: return location
 *
 * Returns: (transfer full): the first root, from among the publisher's keys: who can write to the
 *   repository must not be able to replace what all of it is verified by. Where the keys are not at
 *   hand, as on a machine that only bundles, it is the repository's own
 */
GBytes *
onward_repository_load_anchor (OnwardRepository *self, GError **error)
{
  g_autofree char *keys = onward_repository_dup_keys_path (self);
  g_autofree char *path = g_build_filename (keys, "root.json", NULL);
  GBytes *anchor;

  anchor = onward_file_read (AT_FDCWD, path, ONWARD_REPOSITORY_MAX_METADATA, NULL);
  if (anchor != NULL)
    return anchor;
  return onward_repository_read (self, "metadata/1.root.json", ONWARD_REPOSITORY_MAX_METADATA,
                                 error);
}

static gboolean
shares_key (JsonObject *roles, const char *a, const char *b)
{
  JsonObject *first = NULL;
  JsonObject *second = NULL;
  JsonArray *left = NULL;
  JsonArray *right = NULL;

  if (!onward_json_get_object (roles, a, &first, NULL) ||
      !onward_json_get_object (roles, b, &second, NULL) ||
      !onward_json_get_array (first, "keyids", &left, NULL) ||
      !onward_json_get_array (second, "keyids", &right, NULL))
    return FALSE;

  for (guint i = 0; i < json_array_get_length (left) * json_array_get_length (right); i++)
    {
      guint n = json_array_get_length (right);

      if (g_strcmp0 (json_array_get_string_element (left, i / n),
                     json_array_get_string_element (right, i % n)) == 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * onward_repository_is_split:
 * @self: a repository
 *
 * Returns: whether no key signs for both root and targets: the root keys can be off-line
 */
gboolean
onward_repository_is_split (OnwardRepository *self)
{
  g_autoptr (JsonObject) root = onward_repository_get_version (self, "root") == 0
                                    ? NULL
                                    : onward_repository_load_role (self, "root", NULL);
  JsonObject *roles;

  return root != NULL && onward_json_get_object (root, "roles", &roles, NULL) &&
         !shares_key (roles, "root", "targets");
}
