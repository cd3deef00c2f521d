/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-status-report.h"
#include "onward-verbs.h"

/**
 * onward_prune_verb:
 * @self: the command
 * @error: return location
 *
 * Removes old versions and leftovers.
 */
OnwardExit
onward_prune_verb (OnwardCommand *self, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  onward_client_prune_async (self->client, self->cancellable, onward_command_take_result, self);
  result = onward_command_await (self);
  if (!onward_client_prune_finish (self->client, result, error))
    return ONWARD_EXIT_FAILED;

  if (self->json)
    onward_status_report_outcome (self->client, "pruned");
  return ONWARD_EXIT_DONE;
}
