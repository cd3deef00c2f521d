/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-report.h"
#include "onward-status-report.h"
#include "onward-terminal.h"
#include "onward-verbs.h"

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
      onward_report_print (builder);
      onward_status_report_print (status);
      return ONWARD_EXIT_DONE;
    }

  printf ("%s %s\n", onward_client_get_application_name (self->client),
          onward_client_get_version (self->client));
  printf ("%s%s%s\n", text, release == NULL ? "" : ": ",
          release == NULL ? "" : onward_release_get_version (release));
  if (onward_status_is_elsewhere (status))
    printf ("Another updater is at work on this install\n");
  if (problem != NULL)
    {
      g_autofree char *message = onward_terminal_escape (problem->message);

      printf ("%s\n", message);
    }
  return ONWARD_EXIT_DONE;
}
