/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <string.h>

#include "onward-report.h"
#include "onward-status-report.h"
#include "onward-terminal.h"
#include "onward-verbs.h"

static void
report_difference (const char *line)
{
  JsonBuilder *builder = onward_report_begin ("difference");
  const char *path = strchr (line, ' ') + 1;
  g_autofree char *kind = g_strndup (line, (gsize) (path - line - 1));

  onward_report_add_string (builder, "kind", kind);
  onward_report_add_string (builder, "path", path);
  onward_report_print (builder);
}

/**
 * onward_verify_verb:
 * @self: the command
 * @error: return location
 *
 * Compares every file with what was installed. Returns: done when all is well
 */
OnwardExit
onward_verify_verb (OnwardCommand *self, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_auto (GStrv) lines = NULL;

  onward_client_verify_async (self->client, self->cancellable, onward_command_take_result, self);
  result = onward_command_await (self);
  lines = onward_client_verify_finish (self->client, result, error);
  if (lines == NULL)
    return ONWARD_EXIT_FAILED;

  for (char **line = lines; *line != NULL; line++)
    {
      g_autofree char *text = onward_terminal_escape (*line);

      if (self->json)
        report_difference (*line);
      else
        puts (text);
    }

  if (g_strv_length (lines) > 0)
    {
      onward_terminal_say ("%u files differ from version %s", g_strv_length (lines),
                           onward_client_get_version (self->client));
      return ONWARD_EXIT_FAILED;
    }

  if (self->json)
    onward_status_report_outcome (self->client, "verified");
  onward_terminal_say ("Every file of version %s is as it was installed",
                       onward_client_get_version (self->client));
  return ONWARD_EXIT_DONE;
}
