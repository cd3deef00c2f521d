/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-arguments.h"

/**
 * onward_arguments_parse_some:
 * @usage: the verb's arguments, and, after a line end, what it is for, for --help
 * @entries: its options
 * @least: how many arguments are left beside the options, at least
 * @most: and at most
 * @argc: (inout): the number of arguments
 * @argv: (inout): the arguments; argv[1] and on are what is left
 * @error: return location
 *
 * Reads the options of a verb with as many arguments as are given.
 */
gboolean
onward_arguments_parse_some (const char *usage, const GOptionEntry *entries, guint least,
                             guint most, int *argc, char ***argv, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (usage, "\n", 2);
  g_autoptr (GOptionContext) context = g_option_context_new (parts[0]);
  g_autoptr (GError) local_error = NULL;

  g_option_context_set_summary (context, parts[1]);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &local_error))
    {
      /* Also what cannot be converted to UTF-8 is a wrong command line. */
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, local_error->message);
      return FALSE;
    }
  if ((guint) *argc >= least + 1 && (guint) *argc <= most + 1)
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "Usage: %s %s", g_get_prgname (),
               parts[0]);
  return FALSE;
}

/**
 * onward_arguments_parse:
 * @usage: the verb's arguments, and, after a line end, what it is for, for --help
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
  return onward_arguments_parse_some (usage, entries, n_paths, n_paths, argc, argv, error);
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
