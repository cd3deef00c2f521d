/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-checker.h"
#include "onward-error.h"
#include "onward-flow-private.h"
#include "onward-log.h"

static void ask (OnwardFlow *self);

/* For as long as this after a check nobody asks again whether it still holds. */
#define FRESH_SECONDS (60 * 60)

/* What may be otherwise in a moment does not stop an update that has all it needs. */
static gboolean
is_passing (const GError *error)
{
  switch (onward_error_get_remedy (error))
    {
    case ONWARD_REMEDY_RETRY_SOON:
    case ONWARD_REMEDY_WAIT_NETWORK:
    case ONWARD_REMEDY_RETRY_LATER:
      return TRUE;
    case ONWARD_REMEDY_ASK_USER:
    case ONWARD_REMEDY_TELL_PUBLISHER:
    case ONWARD_REMEDY_STOP:
      return FALSE;
    }

  g_return_val_if_reached (FALSE);
}

static gboolean
is_busy (const GError *error)
{
  return g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_SERVER_BUSY);
}

/* Whether the release of the status is still offered. */
static gboolean
is_offered (OnwardFlow *self, GError **error)
{
  const char *version = onward_release_get_version (onward_status_get_release (self->status));
  g_autoptr (GPtrArray) newer = onward_flow_list_newer (self, ONWARD_CHECK_MANUAL);

  if (onward_selector_find (newer, version) != NULL)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
               "Updating to %s: the publisher no longer offers this version", version);
  return FALSE;
}

static void
on_wait_over (gpointer user_data)
{
  OnwardFlow *self = user_data;
  OnwardStatusFields fields = *onward_status_get_fields (self->status);

  g_clear_pointer (&self->wait, onward_wait_free);
  if (onward_flow_update_follow_intent (self))
    return;
  fields.obstacle = ONWARD_OBSTACLE_CONNECTION;
  fields.retry_at = 0;
  onward_flow_take_fields (self, &fields);
  ask (self);
}

/* What the server said while it was asked led to reconnecting. */
static void
go_on (OnwardFlow *self)
{
  if (onward_status_get_state (self->status) == ONWARD_STATE_RECONNECTING)
    (void) onward_flow_post (self, ONWARD_EVENT_FLOWING, NULL);
  if (!onward_flow_update_follow_intent (self))
    onward_flow_update_download (self);
}

static void
on_refreshed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OnwardFlow) self = user_data;
  g_autofree char *validator = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTargets) targets = onward_checker_run_finish (result, &validator, &error);

  if (onward_flow_update_follow_intent (self))
    return;

  if (targets != NULL)
    onward_flow_check_take_targets (self, targets, validator);
  else if (is_passing (error))
    {
      onward_flow_busy_note (self, result, error);
      if (is_busy (error) && onward_flow_busy_wait (self, on_wait_over))
        return;
      if (is_busy (error) && onward_flow_busy_get_wait (self) > 0)
        {
          onward_flow_update_fail (self, error);
          onward_flow_busy_tell (self, error);
          return;
        }
      onward_log_write (onward_paths_get_log (self->paths), "%s, ignoring", error->message);
      g_clear_error (&error);
    }

  if (error == NULL && onward_flow_load_targets (self, &error) && is_offered (self, &error))
    go_on (self);
  else
    onward_flow_update_fail (self, error);
}

/**
 * onward_flow_refresh_is_due:
 * @self: a flow
 *
 * Returns: whether the last check is so long ago that the release it found may have been withdrawn
 *   or replaced since
 */
gboolean
onward_flow_refresh_is_due (OnwardFlow *self)
{
  gint64 age = g_get_real_time () / G_USEC_PER_SEC - onward_journal_get_last_check (self->journal);

  return age < 0 || age > FRESH_SECONDS;
}

static void
ask (OnwardFlow *self)
{
  onward_checker_run_async (
      self->fetcher, self->paths, onward_application_get_repository (self->application),
      onward_journal_get_validator (self->journal), g_get_real_time () / G_USEC_PER_SEC,
      self->cancellable, on_refreshed, g_object_ref (self));
}

/**
 * onward_flow_refresh_run:
 * @self: a flow in state downloading, with a cancellable
 *
 * Asks the repository again, and goes on with the download when the release is still offered. A
 * server that cannot be reached is left to the download to wait for; one that has asked to be left
 * alone is, by all of the update.
 */
void
onward_flow_refresh_run (OnwardFlow *self)
{
  if (!onward_flow_busy_wait (self, on_wait_over))
    ask (self);
}
