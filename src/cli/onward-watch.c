/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-watch.h"

#include <unistd.h>

#include "onward-status-report.h"
#include "onward-terminal.h"

struct _OnwardWatch
{
  gboolean json;
  gboolean on_terminal;
  OnwardStatus *shown; /* (owned) (nullable) */
  char *said;          /* (owned) (nullable): the last line where there is no bar */
  guint seconds;       /* source id */
};

/* The countdown runs between the changes of the status. */
static gboolean
on_second (gpointer user_data)
{
  OnwardWatch *self = user_data;

  if (self->on_terminal && self->shown != NULL &&
      onward_status_get_state (self->shown) == ONWARD_STATE_RECONNECTING)
    onward_terminal_show_progress (self->shown);
  return G_SOURCE_CONTINUE;
}

/**
 * onward_watch_new:
 * @json: whether a script watches
 *
 * Returns: (transfer full): a watch that has shown nothing yet
 */
OnwardWatch *
onward_watch_new (gboolean json)
{
  OnwardWatch *self = g_new0 (OnwardWatch, 1);

  self->json = json;
  self->on_terminal = !json && isatty (STDERR_FILENO) == 1;
  self->seconds = g_timeout_add_seconds (1, on_second, self);
  return self;
}

/**
 * onward_watch_free:
 * @self: (transfer full): a watch
 *
 * Leaves the line of the bar, if there is one.
 */
void
onward_watch_free (OnwardWatch *self)
{
  if (self->on_terminal && self->shown != NULL)
    onward_terminal_end_progress ();
  g_clear_pointer (&self->shown, onward_status_unref);
  g_free (self->said);
  g_source_remove (self->seconds);
  g_free (self);
}

/* Not of progress: a file does not want a line for each second. */
static gboolean
is_news (const OnwardWatch *self, OnwardStatus *status)
{
  return self->shown == NULL ||
         onward_status_get_state (status) != onward_status_get_state (self->shown) ||
         onward_status_get_obstacle (status) != onward_status_get_obstacle (self->shown) ||
         g_strcmp0 (onward_status_get_waiting_for (status),
                    onward_status_get_waiting_for (self->shown)) != 0;
}

/* Two states may be one to whoever reads of them. */
static void
say (OnwardWatch *self, OnwardStatus *status)
{
  g_autofree char *text = onward_terminal_describe (status);

  if (g_strcmp0 (text, self->said) == 0)
    return;
  onward_terminal_say ("%s", text);
  g_free (self->said);
  self->said = g_steal_pointer (&text);
}

/**
 * onward_watch_show:
 * @self: a watch
 * @status: a status
 *
 * Shows it, where it is of interest.
 */
void
onward_watch_show (OnwardWatch *self, OnwardStatus *status)
{
  if (self->json)
    onward_status_report_print (status);
  else if (self->on_terminal)
    onward_terminal_show_progress (status);
  else if (is_news (self, status))
    say (self, status);

  onward_status_ref (status);
  g_clear_pointer (&self->shown, onward_status_unref);
  self->shown = status;
}

static void
on_maintenance (OnwardClient *client, OnwardStatus *status, OnwardWatch *self)
{
  onward_watch_show (self, status);
}

/**
 * onward_watch_await:
 * @command: a command with a component or a repair under way
 *
 * Shows meanwhile what is fetched for it, in an update's words.
 *
 * Returns: (transfer full): what the operation gave
 */
GAsyncResult *
onward_watch_await (OnwardCommand *command)
{
  g_autoptr (OnwardWatch) self = onward_watch_new (command->json);
  gulong handler =
      g_signal_connect (command->client, "maintenance-status", G_CALLBACK (on_maintenance), self);
  GAsyncResult *result = onward_command_await (command);

  g_signal_handler_disconnect (command->client, handler);
  return result;
}
