/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-report.h"
#include "onward-status-report.h"
#include "onward-terminal.h"
#include "onward-verbs.h"

static void
add_lost (JsonBuilder *builder, const char *const *lost)
{
  if (lost == NULL)
    return;

  json_builder_set_member_name (builder, "lost-components");
  json_builder_begin_array (builder);
  for (; *lost != NULL; lost++)
    json_builder_add_string_value (builder, *lost);
  json_builder_end_array (builder);
}

static void
report_available (OnwardClient *client)
{
  OnwardStatus *status = onward_client_get_status (client);
  GPtrArray *releases = onward_status_get_releases (status);
  JsonBuilder *builder = onward_report_begin ("available");

  onward_report_add_string (builder, "current", onward_client_get_version (client));
  onward_report_add_release (builder, onward_status_get_release (status));
  onward_report_add_boolean (builder, "forced", onward_status_is_forced (status));
  onward_report_add_boolean (builder, "may-update", onward_client_may_update (client, NULL));
  add_lost (builder, onward_status_get_lost_components (status));
  json_builder_set_member_name (builder, "releases");
  json_builder_begin_array (builder);
  for (guint i = 0; i < releases->len; i++)
    {
      json_builder_begin_object (builder);
      onward_report_add_release (builder, g_ptr_array_index (releases, i));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  onward_report_print (builder);
}

/**
 * onward_check_verb:
 * @self: the command
 * @error: return location
 *
 * Asks the repository. Returns: done when a newer version exists, which is printed; nothing else
 */
OnwardExit
onward_check_verb (OnwardCommand *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GError) refusal = NULL;
  gboolean found = onward_command_check (self, &local_error);
  const char *version;

  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return ONWARD_EXIT_FAILED;
    }

  if (!found)
    {
      if (self->json)
        onward_status_report_up_to_date (self->client);
      onward_terminal_say ("%s %s is up to date", onward_client_get_application_name (self->client),
                           onward_client_get_version (self->client));
      return ONWARD_EXIT_NOTHING;
    }

  version = onward_release_get_version (
      onward_status_get_release (onward_client_get_status (self->client)));
  if (self->json)
    report_available (self->client);
  else
    puts (version);
  onward_terminal_say ("%s %s is available, %s is installed",
                       onward_client_get_application_name (self->client), version,
                       onward_client_get_version (self->client));
  onward_command_tell_lost (self);
  if (!onward_client_may_update (self->client, &refusal))
    onward_terminal_say ("%s", refusal->message);
  return ONWARD_EXIT_DONE;
}
