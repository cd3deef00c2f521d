/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <locale.h>
#include <stdio.h>

#include "onward-log.h"
#include "onward-verbs.h"

#define MAX_MESSAGE_CHARS 2000

typedef struct
{
  const char *name;
  OnwardVerb verb;
  const char *help;
} Verb;

/* clang-format off */
static const Verb verbs[] = {
  { "init",    onward_init_verb,    "Make a repository and its keys" },
  { "add",     onward_add_verb,     "Publish a folder as a new version" },
  { "bundle",  onward_bundle_verb,  "Make the first install of a version" },
  { "status",  onward_status_verb,  "List the releases and what expires when" },
  { "refresh", onward_refresh_verb, "Sign a new timestamp" },
  { "verify",  onward_verify_verb,  "Check every byte of a repository as clients do" },
  { "serve",   onward_serve_verb,   "Hand a repository out over HTTP, to try things out" },
};
/* clang-format on */

static void
print_usage (FILE *stream)
{
  fputs ("Usage: onward-publish VERB REPO …\n\n", stream);
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    fprintf (stream, "  %-8s %s\n", verbs[i].name, verbs[i].help);
  fputs ("\nonward-publish VERB --help tells the options of a verb.\n"
         "\nExit status: 0 done, 1 failed, 2 wrong usage, 3 nothing to do, 5 untrusted,\n"
         "6 no space, 7 busy, 8 not permitted, 130 cancelled\n",
         stream);
}

static int
run (const Verb *verb, int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL;
  OnwardExit status = verb->verb (argc, argv, &error);

  if (error == NULL)
    return (int) status;

  message = onward_log_escape (error->message, MAX_MESSAGE_CHARS);
  fprintf (stderr, "onward-publish: %s\n", message);
  return (int) onward_exit_for_error (error);
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

  for (guint i = 0; argc >= 2 && i < G_N_ELEMENTS (verbs); i++)
    {
      if (g_str_equal (argv[1], verbs[i].name))
        return run (&verbs[i], argc - 1, argv + 1);
    }

  print_usage (stderr);
  return ONWARD_EXIT_USAGE;
}
