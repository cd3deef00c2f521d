/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-report.h"
#include "onward-status-report.h"
#include "onward-terminal.h"
#include "onward-verbs.h"

static void
report_copy (OnwardCommand *self, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 3);
  g_autofree char *name = onward_terminal_escape (words[2]);
  JsonBuilder *builder;

  if (!self->json)
    {
      printf ("Version %s is open: %s (process %s)\n", words[0], name, words[1]);
      return;
    }

  builder = onward_report_begin ("running");
  onward_report_add_string (builder, "version", words[0]);
  onward_report_add_integer (builder, "process", g_ascii_strtoll (words[1], NULL, 10));
  onward_report_add_string (builder, "name", words[2]);
  onward_report_print (builder);
}

/* Which copies run: an update goes on beside them, and no version that runs is removed. */
static void
report_running (OnwardCommand *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_auto (GStrv) lines = NULL;

  onward_client_list_running_async (self->client, onward_command_take_result, self);
  result = onward_command_await (self);
  lines = onward_client_list_running_finish (self->client, result, NULL);
  for (char **line = lines; line != NULL && *line != NULL; line++)
    report_copy (self, *line);
}

/**
 * onward_status_verb:
 * @self: the command
 * @error: return location
 *
 * Says what is installed and what is under way, without asking the network.
 */
OnwardExit
onward_status_verb (OnwardCommand *self, GError **error)
{
  OnwardStatus *status = onward_client_get_status (self->client);
  OnwardRelease *release = onward_status_get_release (status);
  const GError *problem = onward_status_get_error (status);
  g_autofree char *text = onward_terminal_describe (status);
  JsonBuilder *builder;

  if (self->json)
    {
      builder = onward_report_begin ("installed");
      onward_report_add_string (builder, "id", onward_client_get_application_id (self->client));
      onward_report_add_string (builder, "name", onward_client_get_application_name (self->client));
      onward_report_add_string (builder, "current", onward_client_get_version (self->client));
      onward_report_add_boolean (builder, "safe", onward_client_is_safe (self->client));
      onward_report_print (builder);
      onward_status_report_print (status);
      report_running (self);
      return ONWARD_EXIT_DONE;
    }

  printf ("%s %s\n", onward_client_get_application_name (self->client),
          onward_client_get_version (self->client));
  if (!onward_client_is_safe (self->client))
    printf ("This version is not safe any more: update as soon as possible\n");
  printf ("%s%s%s\n", text, release == NULL ? "" : ": ",
          release == NULL ? "" : onward_release_get_version (release));
  if (onward_status_is_elsewhere (status))
    printf ("Another updater is at work on this install\n");
  if (problem != NULL)
    {
      g_autofree char *message = onward_terminal_escape (problem->message);

      printf ("%s\n", message);
    }

  /* That a version was taken back is told once; it stays remembered, and is not offered again.
   * Where that cannot be written down, it is told the next time as well. */
  if (g_error_matches (problem, ONWARD_ERROR, ONWARD_ERROR_DID_NOT_START))
    (void) onward_client_dismiss (self->client, NULL);
  report_running (self);
  return ONWARD_EXIT_DONE;
}
