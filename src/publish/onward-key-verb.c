/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-key-verbs.h"

typedef struct
{
  const char *name;
  OnwardVerb verb;
  const char *help;
} Verb;

/* clang-format off */
static const Verb verbs[] = {
  { "list",     onward_key_list_verb,      "Tell which key signs what, and which are here" },
  { "generate", onward_key_signing_generate, "Make a key, and its public part to hand on" },
  { "show",     onward_key_signing_show,     "Print the public part of a key" },
  { "add",      onward_key_change_add,     "Let another key sign for a role" },
  { "remove",   onward_key_change_remove,  "Take a role away from a key" },
  { "replace",  onward_key_change_replace, "Replace a key that was lost or stolen" },
  { "split",    onward_key_change_split,   "Give root, targets and online keys of their own" },
  { "join",     onward_key_change_join,    "Let one key sign for root and targets again" },
  { "export",   onward_key_signing_export,   "Write what root keys elsewhere have to sign" },
  { "sign",     onward_key_signing_sign,     "Sign what was exported" },
  { "import",   onward_key_signing_import,   "Take over what was signed elsewhere" },
  { "abort",    onward_key_signing_abort,    "Give up a change that waits for signatures" },
};
/* clang-format on */

static void
print_usage (FILE *stream)
{
  fputs ("Usage: onward-publish key VERB [OPTION…] …\n\n", stream);
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    fprintf (stream, "  %-9s %s\n", verbs[i].name, verbs[i].help);
  fputs (
      "\nonward-publish key VERB --help tells the options of a verb. A KEY is a file, a PKCS#11\n"
      "URI (pkcs11:…), the name of a key in the folder of the keys, or the beginning of its id.\n",
      stream);
}

/**
 * onward_key_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * All that changes who signs a repository.
 */
OnwardExit
onward_key_verb (int argc, char **argv, GError **error)
{
  g_autofree char *name = NULL;

  if (argc >= 2 && (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h")))
    {
      print_usage (stdout);
      return ONWARD_EXIT_DONE;
    }

  for (guint i = 0; argc >= 2 && i < G_N_ELEMENTS (verbs); i++)
    {
      if (!g_str_equal (argv[1], verbs[i].name))
        continue;
      name = g_strdup_printf ("onward-publish key %s", verbs[i].name);
      g_set_prgname (name);
      return verbs[i].verb (argc - 1, argv + 1, error);
    }

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                       "Usage: onward-publish key list|generate|show|add|remove|replace|split|join|"
                       "export|sign|import|abort …");
  return ONWARD_EXIT_USAGE;
}
