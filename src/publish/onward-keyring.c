/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-keyring.h"

#define PASSPHRASE_MAX_SIZE 1024
#define INTERRUPT           '\003' /* what Ctrl+C types */

static const char *const names[] = { "root.pem", "online.pem", "spare-root.pem" };

struct _OnwardKeyring
{
  GPtrArray *root;   /* (owned): one OnwardKey; empty when only the online key was loaded */
  GPtrArray *online; /* (owned): one OnwardKey */
  GPtrArray *spare;  /* (owned): one OnwardKey right after generation, else empty */
};

static OnwardKeyring *
keyring_new (void)
{
  OnwardKeyring *self = g_new0 (OnwardKeyring, 1);

  self->root = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_key_free);
  self->online = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_key_free);
  self->spare = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_key_free);
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

  g_ptr_array_unref (self->root);
  g_ptr_array_unref (self->online);
  g_ptr_array_unref (self->spare);
  g_free (self);
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
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      (void) unlink (path);
    }
  (void) rmdir (folder);
}

/* Nobody's keys are ever replaced, nor taken away with a half-made set. */
static gboolean
check_unused (const char *folder, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS) || g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        {
          g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                       "Making keys in “%s”: there is “%s” already, which is never replaced",
                       folder, names[i]);
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
generate (GPtrArray *keys, const char *folder, const char *name, const char *passphrase,
          GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (OnwardKey) key = onward_key_generate (error);

  if (key == NULL || !onward_key_save (key, path, passphrase, error))
    return FALSE;
  g_ptr_array_add (keys, g_steal_pointer (&key));
  return TRUE;
}

/**
 * onward_keyring_generate:
 * @folder: where; made when missing, for its owner only
 * @passphrase: (nullable): what the keys are encrypted with
 * @error: return location
 *
 * Makes the keys, or none of them. A folder that holds keys already is refused.
 *
 * Returns: (transfer full): new keys
 */
OnwardKeyring *
onward_keyring_generate (const char *folder, const char *passphrase, GError **error)
{
  g_autoptr (OnwardKeyring) self = keyring_new ();

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      onward_file_set_error (error, errno, "Making", folder);
      return NULL;
    }

  if (!check_unused (folder, error))
    return NULL;

  if (!generate (self->root, folder, "root.pem", passphrase, error) ||
      !generate (self->online, folder, "online.pem", passphrase, error) ||
      !generate (self->spare, folder, "spare-root.pem", passphrase, error))
    {
      onward_keyring_remove (folder);
      return NULL;
    }
  return g_steal_pointer (&self);
}

static gboolean
load (GPtrArray *keys, const char *folder, const char *name, const char *passphrase, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  OnwardKey *key = onward_key_load (path, passphrase, error);

  if (key == NULL)
    return FALSE;
  g_ptr_array_add (keys, key);
  return TRUE;
}

/**
 * onward_keyring_load:
 * @folder: the folder of the keys
 * @passphrase: (nullable): what they are encrypted with
 * @online_only: whether root.pem is not needed
 * @error: return location
 *
 * Returns: (transfer full): the keys for daily work; the spare root key stays where it is
 */
OnwardKeyring *
onward_keyring_load (const char *folder, const char *passphrase, gboolean online_only,
                     GError **error)
{
  g_autoptr (OnwardKeyring) self = keyring_new ();

  if (!online_only && !load (self->root, folder, "root.pem", passphrase, error))
    return NULL;
  if (!load (self->online, folder, "online.pem", passphrase, error))
    return NULL;
  return g_steal_pointer (&self);
}

static JsonObject *
make_role (JsonObject *keys, GPtrArray *first, GPtrArray *second)
{
  JsonObject *role = json_object_new ();
  JsonArray *ids = json_array_new ();
  GPtrArray *sources[] = { first, second };

  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      for (guint j = 0; sources[i] != NULL && j < sources[i]->len; j++)
        {
          OnwardKey *key = g_ptr_array_index (sources[i], j);

          json_array_add_string_element (ids, onward_key_get_id (key));
          json_object_set_object_member (keys, onward_key_get_id (key),
                                         onward_key_get_public (key));
        }
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
  JsonObject *roles = json_object_new ();

  json_object_set_object_member (roles, "root", make_role (keys, self->root, self->spare));
  json_object_set_object_member (roles, "targets", make_role (keys, self->root, NULL));
  json_object_set_object_member (roles, "snapshot", make_role (keys, self->online, NULL));
  json_object_set_object_member (roles, "timestamp", make_role (keys, self->online, NULL));
  return roles;
}

/**
 * onward_keyring_get_signers:
 * @self: a keyring
 * @role: root, targets, snapshot or timestamp
 *
 * Returns: (transfer none) (element-type OnwardKey): the keys that sign for the role
 */
GPtrArray *
onward_keyring_get_signers (OnwardKeyring *self, const char *role)
{
  return g_str_equal (role, "snapshot") || g_str_equal (role, "timestamp") ? self->online
                                                                           : self->root;
}

static gboolean
is_encrypted (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) &&
         strstr (text, "-----BEGIN ENCRYPTED PRIVATE KEY-----") != NULL;
}

/**
 * onward_keyring_is_encrypted:
 * @folder: the folder of the keys
 * @online_only: whether root.pem is not needed
 *
 * Returns: whether a passphrase is needed to use them
 */
gboolean
onward_keyring_is_encrypted (const char *folder, gboolean online_only)
{
  return is_encrypted (folder, "online.pem") || (!online_only && is_encrypted (folder, "root.pem"));
}

/* To the end of the line or to an interrupt, which is a part of what is read. */
static char *
read_line (FILE *stream)
{
  GString *line = g_string_new (NULL);
  int c = 0;

  while (line->len < PASSPHRASE_MAX_SIZE && c != INTERRUPT && (c = getc (stream)) != EOF &&
         c != '\n')
    g_string_append_c (line, (char) c);
  if (line->len > 0 && line->str[line->len - 1] == '\r')
    g_string_truncate (line, line->len - 1);
  return g_string_free (line, c == EOF && line->len == 0);
}

/* Asks without showing what is typed. Ctrl+C ends the line instead of the program, which would
 * leave a terminal behind that shows nothing. */
static char *
prompt (const char *question)
{
  struct termios shown;
  struct termios hidden;
  gboolean is_terminal = tcgetattr (STDIN_FILENO, &shown) == 0;
  char *answer;

  fputs (question, stderr);
  if (is_terminal)
    {
      hidden = shown;
      hidden.c_lflag &= ~(tcflag_t) (ECHO | ISIG);
      hidden.c_cc[VEOL] = INTERRUPT;
      (void) tcsetattr (STDIN_FILENO, TCSAFLUSH, &hidden);
    }
  answer = read_line (stdin);
  if (is_terminal)
    (void) tcsetattr (STDIN_FILENO, TCSAFLUSH, &shown);
  fputc ('\n', stderr);
  return answer;
}

static gboolean
is_interrupt (const char *line)
{
  return line != NULL && strchr (line, INTERRUPT) != NULL;
}

static gboolean
ask (gboolean confirm, char **ret_passphrase, GError **error)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  if (isatty (STDIN_FILENO) != 1)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                           "Reading the passphrase: there is no terminal to ask on; use "
                           "--passphrase-file or --no-passphrase");
      return FALSE;
    }

  first = prompt ("Passphrase of the signing keys: ");
  if (confirm && !is_interrupt (first))
    second = prompt ("Once more: ");

  if (is_interrupt (first) || is_interrupt (second))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                           "Reading the passphrase: it was interrupted");
      return FALSE;
    }

  if (first == NULL || *first == '\0' || (confirm && g_strcmp0 (first, second) != 0))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                           "Reading the passphrase: it is empty or was not typed twice alike");
      return FALSE;
    }

  *ret_passphrase = g_steal_pointer (&first);
  return TRUE;
}

/**
 * onward_keyring_read_passphrase:
 * @file: (nullable): a file whose first line is the passphrase; NULL asks on the terminal
 * @confirm: whether to ask twice
 * @ret_passphrase: (out) (transfer full): the passphrase
 * @error: return location
 *
 * Reads the passphrase of the keys.
 */
gboolean
onward_keyring_read_passphrase (const char *file, gboolean confirm, char **ret_passphrase,
                                GError **error)
{
  g_autofree char *passphrase = NULL;
  FILE *stream;

  if (file == NULL)
    return ask (confirm, ret_passphrase, error);

  stream = fopen (file, "re");
  if (stream == NULL)
    {
      onward_file_set_error (error, errno, "Opening", file);
      return FALSE;
    }

  passphrase = read_line (stream);
  (void) fclose (stream);
  if (passphrase == NULL || *passphrase == '\0')
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                   "Reading “%s”: its first line is to be the passphrase, but is empty", file);
      return FALSE;
    }

  *ret_passphrase = g_steal_pointer (&passphrase);
  return TRUE;
}
