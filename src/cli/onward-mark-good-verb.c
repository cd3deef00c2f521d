/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-status-report.h"
#include "onward-verbs.h"

/**
 * onward_mark_good_verb:
 * @self: the command
 * @error: return location
 *
 * Says that the current version works.
 */
OnwardExit
onward_mark_good_verb (OnwardCommand *self, GError **error)
{
  if (!onward_client_mark_good (self->client, error))
    return ONWARD_EXIT_FAILED;

  if (self->json)
    onward_status_report_outcome (self->client, "marked-good");
  return ONWARD_EXIT_DONE;
}
