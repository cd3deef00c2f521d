/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-report.h"
#include "onward-terminal.h"
#include "onward-verbs.h"

static void
report_log (const char *log)
{
  g_auto (GStrv) lines = g_strsplit (log, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      JsonBuilder *builder;

      if (**line == '\0')
        continue;
      builder = onward_report_begin ("log");
      onward_report_add_string (builder, "line", *line);
      onward_report_print (builder);
    }
}

/**
 * onward_log_verb:
 * @self: the command
 * @error: return location
 *
 * Prints the log.
 */
OnwardExit
onward_log_verb (OnwardCommand *self, GError **error)
{
  g_autofree char *log = onward_client_read_log (self->client, error);
  g_autofree char *text = NULL;

  if (log == NULL)
    return ONWARD_EXIT_FAILED;

  if (self->json)
    report_log (log);
  else
    {
      text = onward_terminal_escape_lines (log);
      fputs (text, stdout);
    }
  return ONWARD_EXIT_DONE;
}
