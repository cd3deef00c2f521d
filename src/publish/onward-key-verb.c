/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-key-verbs.h"

/* clang-format off */
static const OnwardVerbTable verbs[] = {
  { "list",     onward_key_list_verb,        "Tell which key signs what, and which are here" },
  { "generate", onward_key_signing_generate, "Make a key, and its public part to hand on" },
  { "show",     onward_key_signing_show,     "Print the public part of a key" },
  { "add",      onward_key_change_add,       "Let another key sign for a role" },
  { "remove",   onward_key_change_remove,    "Take a role away from a key" },
  { "replace",  onward_key_change_replace,   "Replace a key that was lost or stolen" },
  { "split",    onward_key_change_split,     "Give root, targets and online keys of their own" },
  { "join",     onward_key_change_join,      "Let one key sign for root and targets again" },
  { "export",   onward_key_signing_export,   "Write what root keys elsewhere have to sign" },
  { "sign",     onward_key_signing_sign,     "Sign what was exported" },
  { "import",   onward_key_signing_import,   "Take over what was signed elsewhere" },
  { "abort",    onward_key_signing_abort,    "Give up a change that waits for signatures" },
  { NULL, NULL, NULL },
};
/* clang-format on */

#define VERBS "list|generate|show|add|remove|replace|split|join|export|sign|import|abort"

static void
print_usage (FILE *stream)
{
  fputs ("Usage: onward-publish key VERB [OPTION…] …\n\n", stream);
  onward_verb_table_print (verbs, stream);
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
  const OnwardVerbTable *row = onward_verb_table_find (verbs, argv[1]);
  g_autofree char *name = NULL;

  if (argc >= 2 && (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h")))
    {
      print_usage (stdout);
      return ONWARD_EXIT_DONE;
    }

  if (row != NULL)
    {
      name = g_strdup_printf ("onward-publish key %s", row->name);
      g_set_prgname (name);
      return row->verb (argc - 1, argv + 1, error);
    }

  if (argc >= 2)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                 "There is no verb “key %s”. Usage: onward-publish key " VERBS " …", argv[1]);
  else
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                         "Usage: onward-publish key " VERBS " …");
  return ONWARD_EXIT_USAGE;
}
