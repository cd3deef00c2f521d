/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include "onward-status-report.h"
#include "onward-terminal.h"
#include "onward-verbs.h"
#include "onward-watch.h"

static void
on_status (OnwardClient *client, GParamSpec *pspec, OnwardWatch *watch)
{
  onward_watch_show (watch, onward_client_get_status (client));
}

/* A script that says how often to try does not wait for another network. */
static gboolean
is_over_when_paused (OnwardCommand *self)
{
  OnwardStatus *status = onward_client_get_status (self->client);

  return onward_status_get_obstacle (status) == ONWARD_OBSTACLE_NONE || self->retries >= 0;
}

static gboolean
is_over (OnwardCommand *self)
{
  switch (onward_status_get_state (onward_client_get_status (self->client)))
    {
    case ONWARD_STATE_PAUSED:
      return is_over_when_paused (self);
    case ONWARD_STATE_IDLE:
    case ONWARD_STATE_AVAILABLE:
    case ONWARD_STATE_APPLIED:
    case ONWARD_STATE_FAILED:
      return TRUE;
    case ONWARD_STATE_CHECKING:
    case ONWARD_STATE_DOWNLOADING:
    case ONWARD_STATE_OFFLINE:
    case ONWARD_STATE_RECONNECTING:
    case ONWARD_STATE_VERIFYING:
    case ONWARD_STATE_STAGING:
    case ONWARD_STATE_APPLYING:
      return FALSE;
    case ONWARD_STATE_READY:
      /* What waits for the application to be closed can be left to the next run. */
      return g_cancellable_is_cancelled (self->cancellable);
    }

  g_return_val_if_reached (TRUE);
}

/* An interrupt pauses: the next run goes on from the same byte. */
static void
on_cancelled (GCancellable *cancellable, OnwardCommand *self)
{
  if (!onward_client_pause (self->client, NULL))
    (void) onward_client_cancel (self->client, NULL);
}

static void
wait_until_over (OnwardCommand *self)
{
  g_autoptr (OnwardWatch) watch = onward_watch_new (self->json);
  gulong status = g_signal_connect (self->client, "notify::status", G_CALLBACK (on_status), watch);
  gulong cancelled =
      g_signal_connect (self->cancellable, "cancelled", G_CALLBACK (on_cancelled), self);

  onward_watch_show (watch, onward_client_get_status (self->client));
  while (!is_over (self))
    g_main_context_iteration (NULL, TRUE);

  g_signal_handler_disconnect (self->cancellable, cancelled);
  g_signal_handler_disconnect (self->client, status);
}

static OnwardExit
conclude (OnwardCommand *self, GError **error)
{
  OnwardStatus *status = onward_client_get_status (self->client);

  if (onward_status_get_state (status) == ONWARD_STATE_FAILED)
    {
      g_propagate_error (error, g_error_copy (onward_status_get_error (status)));
      return ONWARD_EXIT_FAILED;
    }

  if (onward_status_get_obstacle (status) == ONWARD_OBSTACLE_METERED)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_METERED,
                           "This network may charge for data; --metered downloads all the same");
      return ONWARD_EXIT_NETWORK;
    }

  if (onward_status_get_state (status) != ONWARD_STATE_APPLIED)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                           "The update was interrupted; what was received is kept");
      return ONWARD_EXIT_CANCELLED;
    }

  if (self->json)
    onward_status_report_outcome (self->client, "updated");
  onward_terminal_say ("%s %s is installed. Restart it to use the new version",
                       onward_client_get_application_name (self->client),
                       onward_client_get_version (self->client));
  return ONWARD_EXIT_DONE;
}

/* What is asked, and told, is of the version that will be installed. */
static gboolean
choose (OnwardCommand *self, GError **error)
{
  OnwardStatus *status = onward_client_get_status (self->client);

  return self->to == NULL || onward_status_get_state (status) == ONWARD_STATE_PAUSED ||
         onward_client_choose (self->client, self->to, error);
}

static gboolean
confirm (OnwardCommand *self, GError **error)
{
  OnwardStatus *status = onward_client_get_status (self->client);
  OnwardRelease *release = onward_status_get_release (status);
  g_autofree char *question = NULL;

  onward_command_tell_lost (self);
  if (self->yes)
    return TRUE;

  if (isatty (STDIN_FILENO) != 1)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                           "There is nobody to ask: use --yes");
      return FALSE;
    }

  question = g_strdup_printf (
      "Update %s from %s to %s?", onward_client_get_application_name (self->client),
      onward_client_get_version (self->client), onward_release_get_version (release));
  if (onward_terminal_ask (question, self->cancellable))
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Nothing was changed");
  return FALSE;
}

/* Another version than the one that a paused update is for was asked for. */
static void
drop_paused (OnwardCommand *self)
{
  OnwardStatus *status = onward_client_get_status (self->client);
  OnwardRelease *release = onward_status_get_release (status);

  if (onward_status_get_state (status) == ONWARD_STATE_PAUSED && self->to != NULL &&
      !g_str_equal (self->to, onward_release_get_version (release)))
    (void) onward_client_cancel (self->client, NULL);
}

static gboolean
begin (OnwardCommand *self, GError **error)
{
  OnwardStatus *status = onward_client_get_status (self->client);

  if (onward_status_get_state (status) == ONWARD_STATE_PAUSED)
    return onward_client_resume (self->client, error);

  return onward_client_start (self->client, error);
}

/**
 * onward_update_verb:
 * @self: the command
 * @error: return location
 *
 * Updates, or goes on with an update that was interrupted.
 */
OnwardExit
onward_update_verb (OnwardCommand *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  drop_paused (self);
  if (!onward_command_check (self, &local_error) && local_error == NULL)
    {
      if (self->json)
        onward_status_report_up_to_date (self->client);
      onward_terminal_say ("%s %s is up to date", onward_client_get_application_name (self->client),
                           onward_client_get_version (self->client));
      return ONWARD_EXIT_NOTHING;
    }

  if (local_error != NULL || !choose (self, &local_error) || !confirm (self, &local_error) ||
      !begin (self, &local_error))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return ONWARD_EXIT_FAILED;
    }

  wait_until_over (self);
  return conclude (self, error);
}
