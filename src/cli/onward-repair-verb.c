/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-report.h"
#include "onward-terminal.h"
#include "onward-verbs.h"
#include "onward-watch.h"

static void
report (OnwardCommand *self, guint n_repaired, guint64 bytes)
{
  JsonBuilder *builder = onward_report_begin ("repaired");

  onward_report_add_string (builder, "version", onward_client_get_version (self->client));
  onward_report_add_integer (builder, "files", n_repaired);
  onward_report_add_integer (builder, "bytes", (gint64) bytes);
  onward_report_print (builder);
}

/**
 * onward_repair_verb:
 * @self: the command
 * @error: return location
 *
 * Fetches and replaces what differs from what was published.
 */
OnwardExit
onward_repair_verb (OnwardCommand *self, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  guint n_repaired = 0;
  guint64 bytes = 0;
  g_autofree char *size = NULL;

  onward_client_repair_async (self->client, self->cancellable, onward_command_take_result, self);
  result = onward_watch_await (self);
  if (!onward_client_repair_finish (self->client, result, &n_repaired, &bytes, error))
    return ONWARD_EXIT_FAILED;

  if (self->json)
    report (self, n_repaired, bytes);
  size = g_format_size (bytes);
  if (n_repaired > 0)
    onward_terminal_say ("%u %s of version %s repaired, %s fetched", n_repaired,
                         n_repaired == 1 ? "file" : "files",
                         onward_client_get_version (self->client), size);
  else
    onward_terminal_say ("Every file of version %s is as it was published",
                         onward_client_get_version (self->client));
  return ONWARD_EXIT_DONE;
}
