/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-arguments.h"

/**
 * onward_arguments_parse:
 * @usage: the verb and its arguments, for --help
 * @entries: its options
 * @n_paths: how many arguments are left beside the options
 * @argc: (inout): the number of arguments
 * @argv: (inout): the arguments; argv[1] and on are what is left
 * @error: return location
 *
 * Reads the options of a verb.
 */
gboolean
onward_arguments_parse (const char *usage, const GOptionEntry *entries, guint n_paths, int *argc,
                        char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (usage);
  g_autoptr (GError) local_error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &local_error))
    {
      /* Also what cannot be converted to UTF-8 is a wrong command line. */
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, local_error->message);
      return FALSE;
    }
  if ((guint) *argc == n_paths + 1)
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "Usage: %s %s", g_get_prgname (),
               usage);
  return FALSE;
}

/**
 * onward_arguments_require:
 * @value: (nullable): what an option says
 * @option: its name
 * @error: return location
 *
 * Refuses a command line that lacks an option.
 */
gboolean
onward_arguments_require (const char *value, const char *option, GError **error)
{
  if (value != NULL)
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "The option %s is missing", option);
  return FALSE;
}

/**
 * onward_arguments_load_keyring:
 * @repository: a repository
 * @passphrase_file: (nullable): where the passphrase is; asked for when it is needed
 * @online_only: whether root.pem is not needed
 * @error: return location
 *
 * Returns: (transfer full): the repository's keys
 */
OnwardKeyring *
onward_arguments_load_keyring (OnwardRepository *repository, const char *passphrase_file,
                               gboolean online_only, GError **error)
{
  g_autofree char *folder = onward_repository_dup_keys_path (repository);
  g_autofree char *passphrase = NULL;

  if (onward_keyring_is_encrypted (folder, online_only) &&
      !onward_keyring_read_passphrase (passphrase_file, FALSE, &passphrase, error))
    return NULL;
  return onward_keyring_load (folder, passphrase, online_only, error);
}
