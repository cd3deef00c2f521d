/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-checker.h"
#include "onward-clock.h"
#include "onward-error.h"
#include "onward-flow-private.h"
#include "onward-pace.h"

/* No server may ask for more; a clock that was set back would make it more. */
#define LONGEST_SECONDS (24 * 60 * 60)

/* Seconds: a script waits no longer than that for a server that is busy. */
#define LONGEST_STEP 60

/**
 * onward_flow_busy_get_wait:
 * @self: a flow
 *
 * Returns: for how many seconds the repository is still to be left alone, or 0
 */
gint64
onward_flow_busy_get_wait (OnwardFlow *self)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  gint64 wait = onward_journal_get_busy_until (self->journal) - now;

  return wait > 0 && wait <= LONGEST_SECONDS ? wait : 0;
}

/**
 * onward_flow_busy_note:
 * @self: a flow
 * @check: the result of a check that failed with @error
 * @error: why
 *
 * Remembers, for later runs too, when a server wants to be left alone.
 */
void
onward_flow_busy_note (OnwardFlow *self, GAsyncResult *check, const GError *error)
{
  guint seconds = onward_checker_get_retry_after (check);

  if (seconds > 0 && g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_SERVER_BUSY))
    onward_journal_set_busy_until (self->journal, g_get_real_time () / G_USEC_PER_SEC + seconds);
}

/**
 * onward_flow_busy_refuse:
 * @self: a flow
 * @kind: on whose behalf a check is to be made
 * @error: return location
 *
 * Keeps what nobody waits for away from a server that wants to be left alone. Whoever asks
 * themselves may ask.
 *
 * Returns: whether the check must not be made
 */
gboolean
onward_flow_busy_refuse (OnwardFlow *self, OnwardCheckKind kind, GError **error)
{
  gint64 wait = kind == ONWARD_CHECK_AUTOMATIC ? onward_flow_busy_get_wait (self) : 0;

  if (wait == 0)
    return FALSE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_SERVER_BUSY,
               "Checking “%s”: the server asked to be left alone for another %" G_GINT64_FORMAT
               " seconds",
               onward_application_get_repository (self->application), wait);
  return TRUE;
}

/**
 * onward_flow_busy_tell:
 * @self: a flow in state failed, because of @error
 * @error: why
 *
 * Says until when the server is busy.
 */
void
onward_flow_busy_tell (OnwardFlow *self, const GError *error)
{
  OnwardStatusFields fields = *onward_status_get_fields (self->status);
  gint64 wait = onward_flow_busy_get_wait (self);

  if (wait == 0 || fields.state != ONWARD_STATE_FAILED ||
      !g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_SERVER_BUSY))
    return;

  fields.obstacle = ONWARD_OBSTACLE_BUSY;
  fields.retry_at = onward_clock_get_time () + wait * G_USEC_PER_SEC;
  onward_flow_take_fields (self, &fields);
}

/**
 * onward_flow_busy_wait:
 * @self: a flow in state downloading or reconnecting, with a cancellable
 * @over: called when the time has come, when the user does not want to wait any longer, or when
 *   the update is interrupted; frees the wait
 *
 * Leaves the server alone for as long as it asked for, and says so. A script that bounds its tries
 * does not wait for long.
 *
 * Returns: %FALSE when there is nothing to wait for, or nobody who would wait
 */
gboolean
onward_flow_busy_wait (OnwardFlow *self, OnwardWaitOver over)
{
  gint64 seconds = onward_flow_busy_get_wait (self);
  guint wait = onward_pace_get_wait ((guint) seconds * 1000);
  OnwardStatusFields fields;

  if (seconds == 0 || (self->retries >= 0 && seconds > LONGEST_STEP))
    return FALSE;

  self->wait = onward_wait_new (wait, NULL, self->cancellable, over, self);
  if (onward_status_get_state (self->status) == ONWARD_STATE_DOWNLOADING)
    (void) onward_flow_post (self, ONWARD_EVENT_STALLED, NULL);
  if (self->wait == NULL)
    return TRUE;

  fields = *onward_status_get_fields (self->status);
  fields.obstacle = ONWARD_OBSTACLE_BUSY;
  fields.retry_at = onward_clock_get_time () + (gint64) wait * 1000;
  onward_flow_take_fields (self, &fields);
  return TRUE;
}
