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

static guint
count (char **lines, const char *kind)
{
  guint n = 0;

  for (char **line = lines; *line != NULL; line++)
    n += g_str_has_prefix (*line, kind);
  return n;
}

/* Nothing is refused here: files change for many reasons, of which an attack is the rarest. */
static void
explain (OnwardCommand *self, char **lines)
{
  guint n = g_strv_length (lines);
  guint extra = count (lines, "extra ");

  onward_terminal_say ("%u %s from version %s: %u changed, %u missing, %u extra", n,
                       n == 1 ? "file differs" : "files differ",
                       onward_client_get_version (self->client), count (lines, "changed "),
                       count (lines, "missing "), extra);
  onward_terminal_say ("  What was checked: That every file is as it was when this version was "
                       "installed.");
  if (extra == n)
    onward_terminal_say ("  What it means: Files were put beside the application's own, which are "
                         "all as they were installed. This is not necessarily tampering.");
  else
    onward_terminal_say ("  What it means: Files on this computer were changed afterwards, by a "
                         "program, a person or a failing disk. What the publisher signed is not "
                         "concerned, and this is not necessarily tampering.");
  if (extra < n)
    onward_terminal_say ("  What to do: “onward repair” brings what is changed or missing anew, or "
                         "else the next update does. If you did not change it, check the disk; if "
                         "the application does not work, install it anew from its makers.");
  if (extra > 0)
    onward_terminal_say ("  What to do about extra files: Remove those that you do not know. An "
                         "update leaves them behind, unless “Keep=” in onward.ini names them.");
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
      explain (self, lines);
      return ONWARD_EXIT_FAILED;
    }

  if (self->json)
    onward_status_report_outcome (self->client, "verified");
  onward_terminal_say ("Every file of version %s is as it was installed",
                       onward_client_get_version (self->client));
  return ONWARD_EXIT_DONE;
}
