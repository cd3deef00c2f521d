/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-json-guard.h"
#include "onward-json.h"
#include "onward-key-file.h"
#include "onward-public-key.h"

#define MAX_SIZE (64 * 1024)

struct _OnwardKeyFile
{
  char *name;         /* (owned) */
  char *source;       /* (owned) (nullable): a path or a PKCS#11 URI */
  JsonObject *public; /* (owned) (nullable) */
  char *id;           /* (owned) (nullable) */
  OnwardKey *key;     /* (owned) (nullable): unlocked */
};

/**
 * onward_key_file_free:
 * @self: (transfer full) (nullable): a key
 *
 * Frees it; the files stay.
 */
void
onward_key_file_free (OnwardKeyFile *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self->source);
  g_clear_pointer (&self->public, json_object_unref);
  g_free (self->id);
  g_clear_pointer (&self->key, onward_key_free);
  g_free (self);
}

static char *
build_path (const char *folder, const char *name, const char *suffix)
{
  g_autofree char *file = g_strconcat (name, suffix, NULL);

  return g_build_filename (folder, file, NULL);
}

static gboolean
take_public (OnwardKeyFile *self, JsonObject *public, GError **error)
{
  self->id = onward_public_key_compute_id (public, error);
  if (self->id == NULL)
    return FALSE;
  self->public = json_object_ref (public);
  return TRUE;
}

static gboolean
parse_public (OnwardKeyFile *self, GBytes *bytes, GError **error)
{
  g_autoptr (JsonNode) node = onward_json_guard_parse (bytes, MAX_SIZE, error);
  JsonObject *object = NULL;
  g_autoptr (OnwardPublicKey) key = NULL;

  if (node != NULL)
    object = onward_json_node_get_object (node, "a public key", error);
  if (object != NULL)
    key = onward_public_key_parse (object, error);
  if (key == NULL)
    return FALSE;
  if (onward_public_key_is_usable (key))
    return take_public (self, object, error);

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_UNSUPPORTED_FORMAT,
                       "it is of a kind that clients cannot verify");
  return FALSE;
}

/* Its absence is no error: what is secret tells what is public, too. */
static gboolean
read_public (OnwardKeyFile *self, const char *path, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) bytes = onward_file_read (AT_FDCWD, path, MAX_SIZE, &local_error);

  if (g_error_matches (local_error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND) ||
      (bytes != NULL && parse_public (self, bytes, &local_error)))
    return TRUE;

  g_propagate_prefixed_error (error, g_steal_pointer (&local_error),
                              "Reading the public key “%s”: ", path);
  return FALSE;
}

/* A PIN there would be in the history of the shell, in lists of processes and in messages. */
static gboolean
check_token (const char *uri, GError **error)
{
  if (strstr (uri, "pin-value") == NULL)
    return TRUE;

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                       "Looking for a key in a token: its URI says the PIN; leave “pin-value” out, "
                       "and type it, or use --passphrase-file or --passphrase-fd");
  return FALSE;
}

static char *
read_uri (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = onward_file_read (AT_FDCWD, path, MAX_SIZE, error);
  char *uri;

  if (bytes == NULL)
    return NULL;
  uri = g_strstrip (g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)));
  if (onward_key_is_token (uri))
    {
      if (check_token (uri, error))
        return uri;
      g_free (uri);
      return NULL;
    }

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
               "Reading “%s”: it is not the PKCS#11 URI of a key", path);
  g_free (uri);
  return NULL;
}

static gboolean
find_source (OnwardKeyFile *self, const char *folder, GError **error)
{
  g_autofree char *pem = build_path (folder, self->name, ".pem");
  g_autofree char *uri = build_path (folder, self->name, ".uri");

  if (g_file_test (pem, G_FILE_TEST_EXISTS))
    self->source = g_steal_pointer (&pem);
  else if (g_file_test (uri, G_FILE_TEST_EXISTS))
    self->source = read_uri (uri, error);
  else
    return TRUE;
  return self->source != NULL;
}

/**
 * onward_key_file_open_named:
 * @folder: a folder of keys
 * @name: the name of its files, without a suffix
 * @error: return location
 *
 * Looks at a key without unlocking it.
 *
 * Returns: (transfer full) (nullable): the key
 */
OnwardKeyFile *
onward_key_file_open_named (const char *folder, const char *name, GError **error)
{
  g_autoptr (OnwardKeyFile) self = g_new0 (OnwardKeyFile, 1);
  g_autofree char *path = build_path (folder, name, ".pub");

  self->name = g_strdup (name);
  return find_source (self, folder, error) && read_public (self, path, error)
             ? g_steal_pointer (&self)
             : NULL;
}

static OnwardKeyFile *
open_token (const char *uri)
{
  OnwardKeyFile *self = g_new0 (OnwardKeyFile, 1);

  self->name = g_strdup (uri);
  self->source = g_strdup (uri);
  return self;
}

static char *
dup_stem (const char *file)
{
  static const char *const suffixes[] = { ".pem", ".pub", ".uri" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      if (g_str_has_suffix (file, suffixes[i]))
        return g_strndup (file, strlen (file) - strlen (suffixes[i]));
    }
  return NULL;
}

/**
 * onward_key_file_open:
 * @source: a PKCS#11 URI, or a file: a secret key, or a public one
 * @error: return location
 *
 * Looks at a key that the publisher names, without unlocking it.
 *
 * Returns: (transfer full) (nullable): the key
 */
OnwardKeyFile *
onward_key_file_open (const char *source, GError **error)
{
  g_autofree char *folder = NULL;
  g_autofree char *base = NULL;
  g_autofree char *stem = NULL;
  OnwardKeyFile *self;

  if (onward_key_is_token (source))
    return check_token (source, error) ? open_token (source) : NULL;

  if (!g_file_test (source, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                   "Looking for the key “%s”: there is no such file, nor a key of that name here "
                   "(“key list” tells the names, “key generate” makes one)",
                   source);
      return NULL;
    }

  folder = g_path_get_dirname (source);
  base = g_path_get_basename (source);
  stem = dup_stem (base);
  if (stem != NULL)
    return onward_key_file_open_named (folder, stem, error);

  self = open_token (source);
  g_free (self->name);
  self->name = g_steal_pointer (&base);
  return self;
}

/**
 * onward_key_file_save_public:
 * @self: a key whose public part is known
 * @folder: where
 * @error: return location
 *
 * Writes NAME.pub, and NAME.uri for a key in a token.
 */
gboolean
onward_key_file_save_public (OnwardKeyFile *self, const char *folder, GError **error)
{
  g_autofree char *path = build_path (folder, self->name, ".pub");
  g_autofree char *uri = build_path (folder, self->name, ".uri");
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), self->public);
  g_autofree char *text = json_to_string (node, FALSE);
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (line, strlen (line));

  if (self->source != NULL && onward_key_is_token (self->source))
    {
      g_autofree char *uri_line = g_strconcat (self->source, "\n", NULL);
      g_autoptr (GBytes) uri_bytes = g_bytes_new (uri_line, strlen (uri_line));

      if (!onward_file_write (AT_FDCWD, uri, uri_bytes, 0600, error))
        return FALSE;
    }
  return onward_file_write (AT_FDCWD, path, bytes, 0600, error);
}

static gboolean
check_unused (const char *path, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
               "Making the key “%s”: it is there already, and a key is never replaced", path);
  return FALSE;
}

/**
 * onward_key_file_create:
 * @key: (transfer full): a new key
 * @folder: where
 * @name: what its files are to be called
 * @passphrase: (nullable): what encrypts it
 * @error: return location
 *
 * Writes a new key, the public part first: what is secret appears in one step, at the end.
 *
 * Returns: (transfer full) (nullable): the key, unlocked
 */
OnwardKeyFile *
onward_key_file_create (OnwardKey *key, const char *folder, const char *name,
                        OnwardPassphrase *passphrase, GError **error)
{
  g_autoptr (OnwardKeyFile) self = g_new0 (OnwardKeyFile, 1);
  g_autofree char *path = build_path (folder, name, ".pem");
  g_autofree char *public = build_path (folder, name, ".pub");

  self->name = g_strdup (name);
  self->key = key;
  self->public = onward_key_get_public (key);
  self->id = g_strdup (onward_key_get_id (key));
  if (!check_unused (path, error) || !check_unused (public, error) ||
      !onward_key_file_save_public (self, folder, error))
    return NULL;
  if (!onward_key_save (
          key, path, passphrase == NULL ? NULL : onward_passphrase_get_known (passphrase), error))
    {
      (void) unlink (public);
      return NULL;
    }
  self->source = g_steal_pointer (&path);
  return g_steal_pointer (&self);
}

static OnwardKey *
load (OnwardKeyFile *self, OnwardPassphrase *passphrase, GError **error)
{
  g_autofree char *what = g_strdup_printf ("the key “%s”", self->source);
  g_autoptr (GError) local_error = NULL;
  OnwardKey *key;
  const char *text;

  key = onward_key_load (self->source, onward_passphrase_get_known (passphrase), &local_error);
  if (key != NULL)
    return key;
  if (!g_error_matches (local_error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED) ||
      (onward_passphrase_get_known (passphrase) != NULL &&
       !onward_passphrase_can_ask_again (passphrase)))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  text = onward_passphrase_get (passphrase, what, FALSE, error);
  return text == NULL ? NULL : onward_key_load (self->source, text, error);
}

/**
 * onward_key_file_unlock:
 * @self: a key
 * @passphrase: what unlocks it
 * @error: return location: NOT_FOUND when the secret key is elsewhere
 *
 * Loads the secret key, so that it can sign. A plain one needs no passphrase, and keys that share
 * one ask for it once.
 */
gboolean
onward_key_file_unlock (OnwardKeyFile *self, OnwardPassphrase *passphrase, GError **error)
{
  g_autoptr (OnwardKey) key = NULL;

  if (self->key != NULL)
    return TRUE;
  if (self->source == NULL)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                   "Unlocking the key “%s”: only its public part is here", self->name);
      return FALSE;
    }

  key = load (self, passphrase, error);
  if (key == NULL)
    return FALSE;
  if (self->id != NULL && !g_str_equal (self->id, onward_key_get_id (key)))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                   "Unlocking the key “%s”: its public part beside it is another key's",
                   self->source);
      return FALSE;
    }

  if (self->id == NULL)
    {
      self->public = onward_key_get_public (key);
      self->id = g_strdup (onward_key_get_id (key));
    }
  self->key = g_steal_pointer (&key);
  return TRUE;
}

/**
 * onward_key_file_get_name:
 * @self: a key
 *
 * Returns: the name of its files, for people
 */
const char *
onward_key_file_get_name (OnwardKeyFile *self)
{
  return self->name;
}

/**
 * onward_key_file_set_name:
 * @self: a key from elsewhere
 * @name: what it is to be called here
 *
 * Names the key.
 */
void
onward_key_file_set_name (OnwardKeyFile *self, const char *name)
{
  g_free (self->name);
  self->name = g_strdup (name);
}

/**
 * onward_key_file_get_id:
 * @self: a key
 *
 * Returns: (nullable): its TUF key id, or NULL when only unlocking it would tell
 */
const char *
onward_key_file_get_id (OnwardKeyFile *self)
{
  return self->id;
}

/**
 * onward_key_file_get_public:
 * @self: a key
 *
 * Returns: (transfer none) (nullable): the TUF public key object
 */
JsonObject *
onward_key_file_get_public (OnwardKeyFile *self)
{
  return self->public;
}

/**
 * onward_key_file_get_source:
 * @self: a key
 *
 * Returns: (nullable): where the secret key is, or NULL when it is elsewhere
 */
const char *
onward_key_file_get_source (OnwardKeyFile *self)
{
  return self->source;
}

/**
 * onward_key_file_get_key:
 * @self: a key
 *
 * Returns: (transfer none) (nullable): the secret key, once it is unlocked
 */
OnwardKey *
onward_key_file_get_key (OnwardKeyFile *self)
{
  return self->key;
}
