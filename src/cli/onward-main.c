/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <locale.h>
#include <stdio.h>

#include "onward-terminal.h"
#include "onward-verbs.h"

/* clang-format off */
static const OnwardVerb verbs[] = {
  { "check",     onward_check_verb,     "Ask whether a newer version exists" },
  { "update",    onward_update_verb,    "Download and install a newer version", TRUE },
  { "status",    onward_status_verb,    "Say what is installed and what is under way" },
  { "notes",     onward_notes_verb,     "Print what is new" },
  { "rollback",  onward_rollback_verb,  "Go back to the version before" },
  { "verify",    onward_verify_verb,    "Compare every file with what was installed" },
  { "repair",    onward_repair_verb,    "Fetch and replace the files that differ", FALSE, NULL,
    TRUE },
  { "component", onward_component_verb, "List, add or remove the parts that can be left out", FALSE,
    "list|add NAME|remove NAME", TRUE },
  { "prune",     onward_prune_verb,     "Remove old versions and leftovers" },
  { "log",       onward_log_verb,       "Print the log" },
  { "mark-good", onward_mark_good_verb, "Say that the current version works" },
};
/* clang-format on */

static void
print_usage (FILE *stream)
{
  fputs ("Usage: onward VERB --install DIR [--json]\n\n", stream);
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    fprintf (stream, "  %-10s %s\n", verbs[i].name, verbs[i].help);
  fputs ("\nonward VERB --help tells the options of a verb.\n"
         "\nExit status: 0 done, 1 failed, 2 wrong usage, 3 nothing to do, 4 network,\n"
         "5 untrusted, 6 no space, 7 busy, 8 not permitted, 130 cancelled\n",
         stream);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");

  if (argc >= 2 && (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "help")))
    {
      print_usage (stdout);
      return ONWARD_EXIT_DONE;
    }

  if (argc >= 2 && g_str_equal (argv[1], "--version"))
    {
      puts ("onward " ONWARD_VERSION);
      return ONWARD_EXIT_DONE;
    }

  for (guint i = 0; argc >= 2 && i < G_N_ELEMENTS (verbs); i++)
    {
      if (g_str_equal (argv[1], verbs[i].name))
        return (int) onward_command_run (&verbs[i], argc - 1, argv + 1);
    }

  if (argc >= 2)
    {
      g_autofree char *name = onward_terminal_escape (argv[1]);

      onward_terminal_say ("onward: there is no verb “%s”", name);
    }
  print_usage (stderr);
  return ONWARD_EXIT_USAGE;
}
