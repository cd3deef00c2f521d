/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-arguments.h"
#include "onward-error.h"
#include "onward-health.h"
#include "onward-log.h"
#include "onward-report.h"
#include "onward-unlock.h"
#include "onward-verbs.h"

#define MAX_CHARS 500

static const char *
get_nick (OnwardUrgency urgency)
{
  switch (urgency)
    {
    case ONWARD_URGENCY_NONE:
      return "well";
    case ONWARD_URGENCY_SOON:
      return "soon";
    case ONWARD_URGENCY_NOW:
      return "now";
    }
  g_return_val_if_reached ("now");
}

static void
print_finding (const OnwardFinding *finding, gboolean json)
{
  g_autofree char *text = onward_log_escape (finding->text, MAX_CHARS);
  JsonBuilder *builder;

  if (!json)
    {
      printf ("%-4s %-10s %s%s%s\n", get_nick (finding->urgency), finding->subject, text,
              finding->advice == NULL ? "" : ": ", finding->advice == NULL ? "" : finding->advice);
      return;
    }

  builder = onward_report_begin ("finding");
  onward_report_add_string (builder, "urgency", get_nick (finding->urgency));
  onward_report_add_string (builder, "subject", finding->subject);
  onward_report_add_string (builder, "text", text);
  if (finding->advice != NULL)
    onward_report_add_string (builder, "advice", finding->advice);
  onward_report_print (builder);
}

static OnwardExit
print_findings (GPtrArray *findings, gboolean json, GError **error)
{
  guint counts[ONWARD_URGENCY_NOW + 1] = { 0 };

  for (guint i = 0; i < findings->len; i++)
    {
      const OnwardFinding *finding = g_ptr_array_index (findings, i);

      counts[finding->urgency]++;
      print_finding (finding, json);
    }
  if (counts[ONWARD_URGENCY_SOON] + counts[ONWARD_URGENCY_NOW] == 0)
    return ONWARD_EXIT_DONE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
               "Examining the repository: %u things are to be done now, %u soon",
               counts[ONWARD_URGENCY_NOW], counts[ONWARD_URGENCY_SOON]);
  return ONWARD_EXIT_FAILED;
}

/**
 * onward_doctor_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Says what expires when, what is wrong with the keys, and what to do about it. It fails when
 * something is to be done, so that whoever runs it every day hears of it.
 */
OnwardExit
onward_doctor_verb (int argc, char **argv, GError **error)
{
  g_auto (OnwardUnlock) unlock = ONWARD_UNLOCK_INIT;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object per line", NULL },
    { "keys", 0, 0, G_OPTION_ARG_FILENAME, &unlock.folder, "The folder of the keys, if they moved",
      "DIR" },
    { NULL },
  };
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardKeyring) keyring = NULL;
  g_autoptr (GPtrArray) findings = NULL;

  if (!onward_arguments_parse (
          "REPO\n"
          "Says what expires and when, what is wrong with keys or files, and what to do about it.\n"
          "Changes nothing, and asks for no passphrase.",
          entries, 1, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;

  repository = onward_unlock_open_repository_to_read (&unlock, argv[1], error);
  if (repository != NULL)
    keyring = onward_unlock_open_keyring (&unlock, repository, error);
  if (keyring == NULL)
    return ONWARD_EXIT_FAILED;

  findings = onward_health_examine (repository, keyring);
  return print_findings (findings, json, error);
}
