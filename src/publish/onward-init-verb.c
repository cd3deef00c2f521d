/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-arguments.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-metadata-writer.h"
#include "onward-verbs.h"

typedef struct
{
  char *id;
  char *name;
  char *command;
  char *icon;
  char *keys;
  char *passphrase_file;
  gboolean no_passphrase;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->id);
  g_free (options->name);
  g_free (options->command);
  g_free (options->icon);
  g_free (options->keys);
  g_free (options->passphrase_file);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse (Options *options, int *argc, char ***argv, GError **error)
{
  /* clang-format off */
  const GOptionEntry entries[] = {
    { "id", 0, 0, G_OPTION_ARG_STRING, &options->id, "The application's id (org.example.App)", "ID" },
    { "name", 0, 0, G_OPTION_ARG_STRING, &options->name, "Its name, for people", "NAME" },
    { "command", 0, 0, G_OPTION_ARG_STRING, &options->command, "The program to start, in the tree", "PATH" },
    { "icon", 0, 0, G_OPTION_ARG_STRING, &options->icon, "An icon's name, or its path in the tree", "ICON" },
    { "keys", 0, 0, G_OPTION_ARG_FILENAME, &options->keys, "Where the secret keys go (REPO.keys)", "DIR" },
    { "no-passphrase", 0, 0, G_OPTION_ARG_NONE, &options->no_passphrase, "Leave the keys unencrypted", NULL },
    { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &options->passphrase_file, "A file with the passphrase", "FILE" },
    { NULL },
  };
  /* clang-format on */

  return onward_arguments_parse ("REPO --id ID --name NAME --command PATH", entries, 1, argc, argv,
                                 error) &&
         onward_arguments_require (options->id, "--id", error) &&
         onward_arguments_require (options->name, "--name", error) &&
         onward_arguments_require (options->command, "--command", error);
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

  if (!onward_file_is_clean_path (options->command) || g_str_equal (launcher, "current") ||
      g_str_equal (launcher, "versions") || g_str_equal (launcher, "receipts") ||
      g_str_equal (launcher, "var"))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "“%s” is not the relative path of a program, or its name is one that an install "
                   "uses itself",
                   options->command);
      return FALSE;
    }

  return TRUE;
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

static gboolean
make_repository (const Options *options, const char *folder, const char *passphrase, GError **error)
{
  g_autoptr (GKeyFile) settings = make_settings (options);
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardKeyring) keyring = NULL;
  g_autoptr (JsonObject) targets = json_object_new ();
  g_autofree char *keys = NULL;

  repository = onward_repository_create (folder, settings, error);
  if (repository == NULL)
    return FALSE;
  keys = onward_repository_dup_keys_path (repository);
  keyring = onward_keyring_generate (keys, passphrase, error);
  if (keyring == NULL)
    return FALSE;

  if (!onward_metadata_writer_put_root (repository, keyring, error) ||
      !onward_metadata_writer_put_targets (repository, keyring, targets, error) ||
      !onward_repository_commit (repository, error))
    return FALSE;

  printf ("Repository %s\n", onward_repository_get_folder (repository));
  printf ("Keys       %s\n", keys);
  printf ("Move spare-root.pem to a safe place off this computer: with it a lost or stolen\n"
          "root.pem can be replaced without asking anybody to reinstall.\n");
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
  g_auto (Options) options = { 0 };
  g_autofree char *passphrase = NULL;

  if (!parse (&options, &argc, &argv, error) || !check (&options, error))
    return ONWARD_EXIT_USAGE;
  if (!options.no_passphrase &&
      !onward_keyring_read_passphrase (options.passphrase_file, TRUE, &passphrase, error))
    return ONWARD_EXIT_FAILED;
  return make_repository (&options, argv[1], passphrase, error) ? ONWARD_EXIT_DONE
                                                                : ONWARD_EXIT_FAILED;
}
