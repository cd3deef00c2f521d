/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onward-application.h"
#include "onward-arguments.h"
#include "onward-file.h"
#include "onward-metadata-writer.h"
#include "onward-report.h"
#include "onward-unlock.h"
#include "onward-verbs.h"

typedef struct
{
  char *id;
  char *name;
  char *command;
  char *icon;
  char *keys;
  OnwardUnlock unlock;
  gboolean json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->id);
  g_free (options->name);
  g_free (options->command);
  g_free (options->icon);
  g_free (options->keys);
  onward_unlock_clear (&options->unlock);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "id", 0, 0, G_OPTION_ARG_STRING, &options->id, "The application's id (org.example.App)",
      "ID" },
    { "name", 0, 0, G_OPTION_ARG_STRING, &options->name, "Its name, for people", "NAME" },
    { "command", 0, 0, G_OPTION_ARG_STRING, &options->command, "The program to start, in the tree",
      "PATH" },
    { "icon", 0, 0, G_OPTION_ARG_STRING, &options->icon, "An icon's name, or its path in the tree",
      "ICON" },
    { "keys", 0, 0, G_OPTION_ARG_FILENAME, &options->keys, "Where the secret keys go (REPO.keys)",
      "DIR" },
    { "no-passphrase", 0, 0, G_OPTION_ARG_NONE, &options->unlock.no_passphrase,
      "Leave the keys unencrypted", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, "Print one JSON object per line", NULL },
    { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &options->unlock.passphrase_file,
      "A file with the passphrase", "FILE" },
    { "passphrase-fd", 0, 0, G_OPTION_ARG_INT, &options->unlock.passphrase_fd,
      "A descriptor to read the passphrase from", "N" },
    { NULL },
  };

  return onward_arguments_parse ("REPO --id ID --name NAME --command PATH", entries, 1, argc, argv,
                                 error) &&
         onward_arguments_require (options->id, "--id", error) &&
         onward_arguments_require (options->name, "--name", error) &&
         onward_arguments_require (options->command, "--command", error);
}

/* The launcher stands in the install under the name of the program, beside what is there. */
static gboolean
is_taken (const char *launcher)
{
  static const char *const names[] = { "current", "versions",  "receipts",
                                       "var",     "root.json", "onward.ini" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (launcher, names[i]))
      return TRUE;
  return FALSE;
}

/* An onward.ini with what is said here has to be one that clients take. */
static gboolean
check_ini (const Options *options, GError **error)
{
  g_autoptr (GKeyFile) ini = g_key_file_new ();
  g_autoptr (OnwardApplication) application = NULL;
  g_autoptr (GError) local_error = NULL;
  g_autofree char *text = NULL;
  gsize size = 0;

  g_key_file_set_string (ini, "Application", "Id", options->id);
  g_key_file_set_string (ini, "Application", "Name", options->name);
  g_key_file_set_string (ini, "Application", "Command", options->command);
  g_key_file_set_string (ini, "Application", "Repository", "https://example.org");
  if (options->icon != NULL)
    g_key_file_set_string (ini, "Application", "Icon", options->icon);
  text = g_key_file_to_data (ini, &size, NULL);

  application = onward_application_parse (text, size, &local_error);
  if (application != NULL)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, local_error->message);
  return FALSE;
}

static gboolean
check (const Options *options, GError **error)
{
  g_autofree char *launcher = g_path_get_basename (options->command);

  if (!g_application_id_is_valid (options->id))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "“%s” is not an application id such as org.example.App", options->id);
      return FALSE;
    }

  if (!onward_file_is_clean_path (options->command) || is_taken (launcher))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "“%s” is not the relative path of a program, or its name is one that an install "
                   "uses itself",
                   options->command);
      return FALSE;
    }

  return check_ini (options, error);
}

/* The real path of what is not there yet: of the part that is, and the rest. */
static char *
resolve (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *parent = NULL;
  g_autofree char *base = NULL;
  g_autofree char *real_parent = NULL;
  char *real = realpath (absolute, NULL);

  if (real != NULL || g_str_equal (absolute, "/"))
    return real != NULL ? real : g_strdup (absolute);

  parent = g_path_get_dirname (absolute);
  base = g_path_get_basename (absolute);
  real_parent = resolve (parent);
  return g_build_filename (real_parent, base, NULL);
}

/* Everything in the repository is for everybody, whatever links lead there. */
static gboolean
check_keys (const Options *options, const char *folder, GError **error)
{
  g_autofree char *path = resolve (folder);
  g_autofree char *keys = options->keys == NULL ? NULL : resolve (options->keys);
  gsize length = strlen (path);

  if (keys == NULL || strncmp (keys, path, length) != 0 ||
      (keys[length] != '/' && keys[length] != '\0'))
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "The keys cannot be in “%s”: what is there is published", path);
  return FALSE;
}

static GKeyFile *
make_settings (const Options *options)
{
  GKeyFile *settings = g_key_file_new ();

  g_key_file_set_string (settings, "Publisher", "Id", options->id);
  g_key_file_set_string (settings, "Publisher", "Name", options->name);
  g_key_file_set_string (settings, "Publisher", "Command", options->command);
  if (options->icon != NULL)
    g_key_file_set_string (settings, "Publisher", "Icon", options->icon);
  if (options->keys != NULL)
    {
      g_autofree char *keys = g_canonicalize_filename (options->keys, NULL);

      g_key_file_set_string (settings, "Publisher", "Keys", keys);
    }
  return settings;
}

static void
report (const Options *options, OnwardRepository *repository, const char *keys)
{
  JsonBuilder *builder;

  if (!options->json)
    {
      printf ("Repository %s\n", onward_repository_get_folder (repository));
      printf ("Keys       %s\n", keys);
      printf ("Move spare-root.pem to a safe place off this computer: with it a lost or stolen\n"
              "root.pem can be replaced without asking anybody to reinstall.\n");
      return;
    }

  builder = onward_report_begin ("made");
  onward_report_add_string (builder, "repository", onward_repository_get_folder (repository));
  onward_report_add_string (builder, "keys", keys);
  onward_report_print (builder);
}

static gboolean
sign_and_commit (OnwardRepository *repository, OnwardKeyring *keyring, GError **error)
{
  g_autoptr (JsonObject) targets = json_object_new ();

  return onward_metadata_writer_put_root (repository, keyring, error) &&
         onward_metadata_writer_put_targets (repository, keyring, targets, error) &&
         onward_repository_commit (repository, error);
}

/* What all is verified by stays with the keys, where nobody who can write to the repository can
 * replace it. */
static gboolean
keep_anchor (OnwardRepository *repository, const char *keys, GError **error)
{
  g_autoptr (GBytes) root = onward_repository_load_anchor (repository, error);
  g_auto (OnwardFd) dirfd = onward_file_open_dir (AT_FDCWD, keys, root == NULL ? NULL : error);

  return root != NULL && dirfd >= 0 && onward_file_write (dirfd, "root.json", root, 0600, error);
}

static gboolean
make_repository (const Options *options, const char *folder, OnwardPassphrase *passphrase,
                 GError **error)
{
  g_autoptr (GKeyFile) settings = make_settings (options);
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardKeyring) keyring = NULL;
  g_autofree char *keys = NULL;

  repository = onward_repository_create (folder, settings, error);
  if (repository == NULL)
    return FALSE;

  keys = onward_repository_dup_keys_path (repository);
  keyring = onward_keyring_generate (keys, passphrase, error);
  if (keyring == NULL)
    return FALSE;

  if (!sign_and_commit (repository, keyring, error) || !keep_anchor (repository, keys, error))
    {
      onward_keyring_remove (keys);
      return FALSE;
    }

  report (options, repository, keys);
  return TRUE;
}

/**
 * onward_init_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Makes a repository and its keys.
 */
OnwardExit
onward_init_verb (int argc, char **argv, GError **error)
{
  g_auto (Options) options = { .unlock = ONWARD_UNLOCK_INIT };
  g_autoptr (OnwardPassphrase) passphrase = NULL;

  if (!parse (&options, &argc, &argv, error) || !check (&options, error) ||
      !check_keys (&options, argv[1], error))
    return ONWARD_EXIT_USAGE;

  passphrase = onward_unlock_make_passphrase (&options.unlock);
  if (!options.unlock.no_passphrase &&
      onward_passphrase_get (passphrase, "the signing keys", TRUE, error) == NULL)
    return ONWARD_EXIT_FAILED;
  return make_repository (&options, argv[1], passphrase, error) ? ONWARD_EXIT_DONE
                                                                : ONWARD_EXIT_FAILED;
}
