/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-arguments.h"
#include "onward-release-edit.h"
#include "onward-report.h"
#include "onward-verbs.h"

static void
withdraw (JsonObject *facts, gpointer user_data)
{
  const gboolean *undo = user_data;

  json_object_set_boolean_member (facts, "withdrawn", !*undo);
}

static void
report (OnwardRelease *release, gboolean json)
{
  gboolean withdrawn = onward_release_is_withdrawn (release);
  JsonBuilder *builder;

  if (!json)
    {
      printf ("Version %s is %s\n", onward_release_get_version (release),
              withdrawn ? "withdrawn: nobody is offered it, and who has it is led back"
                        : "offered again");
      return;
    }

  builder = onward_report_begin (withdrawn ? "withdrawn" : "offered-again");
  onward_report_add_release (builder, release);
  onward_report_print (builder);
}

/**
 * onward_withdraw_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Takes a release back: nobody is offered it any more, and clients that have it are offered the
 * best one beside it.
 */
OnwardExit
onward_withdraw_verb (int argc, char **argv, GError **error)
{
  g_auto (OnwardUnlock) unlock = ONWARD_UNLOCK_INIT;
  g_autofree char *version = NULL;
  g_autofree char *platform = NULL;
  gboolean undo = FALSE;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_STRING, &version, "The version to take back", "V" },
    { "platform", 0, 0, G_OPTION_ARG_STRING, &platform, "Its platform (this computer's)", "P" },
    { "undo", 0, 0, G_OPTION_ARG_NONE, &undo, "Offer it again", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object per line", NULL },
    ONWARD_UNLOCK_ENTRIES (&unlock),
    { NULL },
  };
  g_autoptr (OnwardRelease) release = NULL;
  OnwardReleaseEdit edit = { .change = withdraw, .user_data = &undo };

  if (!onward_arguments_parse ("REPO --version V", entries, 1, &argc, &argv, error) ||
      !onward_arguments_require (version, "--version", error))
    return ONWARD_EXIT_USAGE;

  edit.version = version;
  edit.platform = platform;
  release = onward_release_edit_conduct (&edit, &unlock, argv[1], error);
  if (release == NULL)
    return ONWARD_EXIT_FAILED;
  report (release, json);
  return ONWARD_EXIT_DONE;
}
