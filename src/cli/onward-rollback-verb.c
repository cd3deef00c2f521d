/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-status-report.h"
#include "onward-terminal.h"
#include "onward-verbs.h"

/**
 * onward_rollback_verb:
 * @self: the command
 * @error: return location
 *
 * Goes back to the version before, which is printed.
 */
OnwardExit
onward_rollback_verb (OnwardCommand *self, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *version = NULL;

  onward_client_rollback_async (self->client, self->cancellable, onward_command_take_result, self);
  result = onward_command_await (self);
  version = onward_client_rollback_finish (self->client, result, error);
  if (version == NULL)
    return ONWARD_EXIT_FAILED;

  if (self->json)
    onward_status_report_outcome (self->client, "rolled-back");
  else
    puts (version);
  onward_terminal_say ("%s %s is current again", onward_client_get_application_name (self->client),
                       version);
  if (!onward_client_is_safe (self->client))
    onward_terminal_say ("Version %s is not safe any more: update as soon as possible", version);
  return ONWARD_EXIT_DONE;
}
