/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-report.h"
#include "onward-terminal.h"
#include "onward-verbs.h"
#include "onward-watch.h"

/* One line of onward_client_list_components_finish(). */
static OnwardExit
show (OnwardCommand *self, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 3);
  guint64 bytes = g_ascii_strtoull (words[1], NULL, 10);
  g_autofree char *size = g_format_size (bytes);
  JsonBuilder *builder;

  if (!self->json)
    {
      printf ("%-24s %-8s %s\n", words[2], words[0], size);
      return ONWARD_EXIT_DONE;
    }

  builder = onward_report_begin ("component");
  onward_report_add_string (builder, "name", words[2]);
  onward_report_add_boolean (builder, "present", g_str_equal (words[0], "present"));
  onward_report_add_integer (builder, "size", (gint64) bytes);
  onward_report_print (builder);
  return ONWARD_EXIT_DONE;
}

static OnwardExit
list (OnwardCommand *self, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_auto (GStrv) lines = NULL;

  onward_client_list_components_async (self->client, onward_command_take_result, self);
  result = onward_command_await (self);
  lines = onward_client_list_components_finish (self->client, result, error);
  if (lines == NULL)
    return ONWARD_EXIT_FAILED;

  for (guint i = 0; lines[i] != NULL; i++)
    (void) show (self, lines[i]);
  if (lines[0] == NULL)
    onward_terminal_say ("Version %s has no components", onward_client_get_version (self->client));
  return ONWARD_EXIT_DONE;
}

static void
report (OnwardCommand *self, const char *name, gboolean is_present, guint64 bytes)
{
  JsonBuilder *builder = onward_report_begin (is_present ? "added" : "removed");

  onward_report_add_string (builder, "name", name);
  onward_report_add_string (builder, "version", onward_client_get_version (self->client));
  if (is_present)
    onward_report_add_integer (builder, "bytes", (gint64) bytes);
  onward_report_print (builder);
}

static OnwardExit
add (OnwardCommand *self, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *name = onward_terminal_escape (self->words[1]);
  g_autofree char *size = NULL;
  guint64 bytes = 0;

  onward_client_ensure_component_async (self->client, self->words[1], self->cancellable,
                                        onward_command_take_result, self);
  result = onward_watch_await (self);
  if (!onward_client_ensure_component_finish (self->client, result, &bytes, error))
    return ONWARD_EXIT_FAILED;

  size = g_format_size (bytes);
  if (self->json)
    report (self, name, TRUE, bytes);
  onward_terminal_say ("Component “%s” of version %s is present, %s fetched", name,
                       onward_client_get_version (self->client), size);
  return ONWARD_EXIT_DONE;
}

static OnwardExit
take_out (OnwardCommand *self, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *name = onward_terminal_escape (self->words[1]);

  onward_client_remove_component_async (self->client, self->words[1], onward_command_take_result,
                                        self);
  result = onward_command_await (self);
  if (!onward_client_remove_component_finish (self->client, result, error))
    return ONWARD_EXIT_FAILED;

  if (self->json)
    report (self, name, FALSE, 0);
  onward_terminal_say ("Component “%s” of version %s is removed; what a running copy may still "
                       "read goes after it has ended",
                       name, onward_client_get_version (self->client));
  return ONWARD_EXIT_DONE;
}

/**
 * onward_component_verb:
 * @self: the command
 * @error: return location
 *
 * Lists, adds and removes the parts of an application that can be left out. What is as it is asked
 * for is done, too.
 */
OnwardExit
onward_component_verb (OnwardCommand *self, GError **error)
{
  guint n_words = g_strv_length (self->words);
  const char *verb = n_words > 0 ? self->words[0] : "";

  if (n_words == 1 && g_str_equal (verb, "list"))
    return list (self, error);
  if (n_words == 2 && g_str_equal (verb, "add"))
    return add (self, error);
  if (n_words == 2 && g_str_equal (verb, "remove"))
    return take_out (self, error);

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       "What to do is missing: list, add NAME or remove NAME");
  return ONWARD_EXIT_USAGE;
}
