/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <locale.h>
#include <stdio.h>

#include "onward-log.h"
#include "onward-notice.h"
#include "onward-report.h"
#include "onward-verbs.h"

#define MAX_VERB_CHARS 40

/* clang-format off */
static const OnwardVerbTable verbs[] = {
  { "init",     onward_init_verb,         "Make a repository and its keys" },
  { "add",      onward_add_verb,          "Publish a folder as a new version" },
  { "bundle",   onward_bundle_verb,       "Make the first install of a version" },
  { "status",   onward_status_verb,       "List the releases and what expires when" },
  { "refresh",  onward_refresh_verb,      "Sign anew what expires soon" },
  { "withdraw", onward_withdraw_verb,     "Take a release back, or offer it again" },
  { "rollout",  onward_rollout_verb,      "Offer a release to more and more clients" },
  { "simulate", onward_simulate_verb,     "Say what a client would be offered, and why" },
  { "doctor",   onward_doctor_verb,       "Say what expires, what is wrong with keys, and what to do" },
  { "rotate",   onward_key_change_rotate, "Sign the next root before the one in force expires" },
  { "key",      onward_key_verb,          "Add, replace and split keys, and sign with those elsewhere" },
  { "mirror",   onward_mirror_verb,       "Tell clients where else the same files are" },
  { "verify",   onward_verify_verb,       "Check every byte of a repository as clients do" },
  { "serve",    onward_serve_verb,        "Hand a repository out over HTTP, to try things out" },
  { NULL, NULL, NULL },
};
/* clang-format on */

static void
print_usage (FILE *stream)
{
  fputs ("Usage: onward-publish VERB REPO …\n\n", stream);
  onward_verb_table_print (verbs, stream);
  fputs ("\nonward-publish VERB --help tells the options of a verb.\n"
         "\nExit status: 0 done, 1 failed, 2 wrong usage, 3 nothing to do, 5 untrusted,\n"
         "6 no space, 7 busy, 8 not permitted, 130 cancelled\n",
         stream);
}

static int
run (const OnwardVerbTable *verb, int argc, char **argv)
{
  gboolean json = g_strv_contains ((const char *const *) argv, "--json");
  g_autofree char *name = g_strdup_printf ("onward-publish %s", verb->name);
  g_autoptr (GError) error = NULL;
  OnwardExit status;

  g_set_prgname (name);
  status = verb->verb (argc, argv, &error);
  if (error == NULL)
    return (int) status;

  if (json)
    onward_report_error (error);
  onward_notice_error (error);
  if (onward_exit_for_error (error) == ONWARD_EXIT_USAGE)
    fprintf (stderr, "“%s --help” tells how.\n", g_get_prgname ());
  return (int) onward_exit_for_error (error);
}

int
main (int argc, char **argv)
{
  const OnwardVerbTable *verb = NULL;

  setlocale (LC_ALL, "");

  if (argc >= 2 && (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "help")))
    {
      print_usage (stdout);
      return ONWARD_EXIT_DONE;
    }

  if (argc >= 2 && g_str_equal (argv[1], "--version"))
    {
      puts ("onward-publish " ONWARD_VERSION);
      return ONWARD_EXIT_DONE;
    }

  verb = onward_verb_table_find (verbs, argv[1]);
  if (verb != NULL)
    return run (verb, argc - 1, argv + 1);

  if (argc >= 2)
    {
      g_autofree char *name = onward_log_escape (argv[1], MAX_VERB_CHARS);

      fprintf (stderr, "onward-publish: there is no verb “%s”\n", name);
    }
  print_usage (stderr);
  return ONWARD_EXIT_USAGE;
}
