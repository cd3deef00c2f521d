/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-arguments.h"
#include "onward-release-edit.h"
#include "onward-release-private.h"
#include "onward-report.h"
#include "onward-verbs.h"

#define MAX_DAYS 365

typedef struct
{
  const char *start; /* a date */
  int days;
} Rollout;

static void
roll_out (JsonObject *facts, gpointer user_data)
{
  const Rollout *rollout = user_data;
  JsonObject *object;

  if (rollout->days == 0)
    {
      json_object_remove_member (facts, "rollout");
      return;
    }
  object = json_object_new ();
  json_object_set_string_member (object, "start", rollout->start);
  json_object_set_int_member (object, "days", rollout->days);
  json_object_set_object_member (facts, "rollout", object);
}

static void
report (OnwardRelease *release, const Rollout *rollout, gboolean json)
{
  guint days = onward_release_get_rollout_days (release);
  JsonBuilder *builder;

  if (!json && days == 0)
    printf ("Version %s is offered to everybody\n", onward_release_get_version (release));
  else if (!json)
    printf ("Version %s is offered to more and more clients, to all of them %u days after %s\n",
            onward_release_get_version (release), days, rollout->start);
  if (!json)
    return;

  builder = onward_report_begin ("rollout");
  onward_report_add_release (builder, release);
  onward_report_add_integer (builder, "days", days);
  onward_report_print (builder);
}

static gboolean
check (const Rollout *rollout, const char *version, GError **error)
{
  if (!onward_arguments_require (version, "--version", error))
    return FALSE;
  if (rollout->days >= 0 && rollout->days <= MAX_DAYS)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--days takes a number from 0 (everybody at once) to %d", MAX_DAYS);
  return FALSE;
}

/**
 * onward_rollout_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Offers a release to more and more clients over some days; each draws its day by itself, anew for
 * every release. Who asks by hand gets it at once.
 */
OnwardExit
onward_rollout_verb (int argc, char **argv, GError **error)
{
  g_auto (OnwardUnlock) unlock = ONWARD_UNLOCK_INIT;
  g_autofree char *version = NULL;
  g_autofree char *platform = NULL;
  g_autofree char *start = NULL;
  Rollout rollout = { .days = -1 };
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_STRING, &version, "The version", "V" },
    { "platform", 0, 0, G_OPTION_ARG_STRING, &platform, "Its platform (this computer's)", "P" },
    { "days", 0, 0, G_OPTION_ARG_INT, &rollout.days,
      "Within how many days everybody is to have it; 0: at once", "N" },
    { "start", 0, 0, G_OPTION_ARG_STRING, &start, "The first day (today)", "YYYY-MM-DD" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object per line", NULL },
    ONWARD_UNLOCK_ENTRIES (&unlock),
    { NULL },
  };
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *today = g_date_time_format (now, "%Y-%m-%d");
  g_autoptr (OnwardRelease) release = NULL;
  OnwardReleaseEdit edit = { .change = roll_out, .user_data = &rollout };

  if (!onward_arguments_parse ("REPO --version V --days N", entries, 1, &argc, &argv, error) ||
      !check (&rollout, version, error))
    return ONWARD_EXIT_USAGE;

  rollout.start = start == NULL ? today : start;
  edit.version = version;
  edit.platform = platform;
  release = onward_release_edit_conduct (&edit, &unlock, argv[1], error);
  if (release == NULL)
    return ONWARD_EXIT_FAILED;
  report (release, &rollout, json);
  return ONWARD_EXIT_DONE;
}
