/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-report.h"
#include "onward-terminal.h"
#include "onward-verbs.h"

/* What happened, and the version that is current now. */
static void
report (OnwardCommand *self, const char *event)
{
  JsonBuilder *builder = onward_report_begin (event);

  onward_report_add_string (builder, "version", onward_client_get_version (self->client));
  onward_report_print (builder);
}

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
    report (self, "rolled-back");
  else
    puts (version);
  onward_terminal_say ("%s %s is current again", onward_client_get_application_name (self->client),
                       version);
  return ONWARD_EXIT_DONE;
}

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
    report (self, "verified");
  onward_terminal_say ("Every file of version %s is as it was installed",
                       onward_client_get_version (self->client));
  return ONWARD_EXIT_DONE;
}

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
    report (self, "pruned");
  return ONWARD_EXIT_DONE;
}

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
    report (self, "marked-good");
  return ONWARD_EXIT_DONE;
}
