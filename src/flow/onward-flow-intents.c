/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-flow-private.h"
#include "onward-staging-place.h"
#include "onward-switch.h"

static gboolean
can_take (OnwardFlow *self, OnwardEvent event, GError **error)
{
  OnwardState from = onward_status_get_state (self->status);
  OnwardState to;

  if (onward_state_next (from, event, &to))
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_STATE, "Cannot %s while %s",
               onward_event_get_nick (event), onward_state_get_nick (from));
  return FALSE;
}

/* Makes sure of the lock and of the state. Another process may have moved on since the user saw the
 * state, which only counts when the lock is held. */
static gboolean
claim (OnwardFlow *self, OnwardEvent event, GError **error)
{
  if (!onward_flow_elsewhere_is (self) && !can_take (self, event, error))
    return FALSE;
  if (!onward_flow_lock_acquire (self, error))
    return FALSE;
  if (can_take (self, event, error))
    return TRUE;

  onward_flow_lock_release (self);
  return FALSE;
}

/* One worker at a time. The lock of a paused update is still held. */
static gboolean
claim_update (OnwardFlow *self, OnwardEvent event, GError **error)
{
  if (!claim (self, event, error))
    return FALSE;

  if (self->chores == 0)
    {
      if (self->updating)
        onward_flow_lock_release (self);
      self->updating = TRUE;
      return TRUE;
    }

  onward_flow_lock_release (self);
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_BUSY,
                       "Another operation works on this install");
  return FALSE;
}

/* A description under way writes to the same part files: it begins the update when it has ended. */
static void
run_update (OnwardFlow *self)
{
  self->deferred = self->describing != NULL;
  if (self->deferred)
    onward_flow_describe_stop (self);
  else
    onward_flow_update_run (self);
}

/**
 * onward_flow_start:
 * @self: a flow
 * @error: return location
 *
 * Begins the update to the release in the status; a version that an earlier run has staged is
 * switched to.
 */
gboolean
onward_flow_start (OnwardFlow *self, GError **error)
{
  gboolean ready = onward_status_get_state (self->status) == ONWARD_STATE_READY && !self->updating;

  if (!claim_update (self, ready ? ONWARD_EVENT_APPLY : ONWARD_EVENT_START, error))
    return FALSE;

  if (ready)
    {
      onward_flow_install_apply (self);
      return TRUE;
    }

  (void) onward_flow_post (self, ONWARD_EVENT_START, NULL);
  run_update (self);
  return TRUE;
}

/* What an obstacle has paused is the user's pause from now on. */
static void
take_over_pause (OnwardFlow *self)
{
  OnwardStatusFields fields = *onward_status_get_fields (self->status);

  self->held_by = fields.obstacle = ONWARD_OBSTACLE_NONE;
  onward_flow_take_fields (self, &fields);
  onward_flow_remember (self);
}

/**
 * onward_flow_pause:
 * @self: a flow
 * @error: return location
 *
 * Pauses the download. What was received is kept, also over a restart. A download that an obstacle
 * has paused does not go on by itself any more.
 */
gboolean
onward_flow_pause (OnwardFlow *self, GError **error)
{
  if (onward_flow_elsewhere_refuse (self, error))
    return FALSE;
  if (onward_status_get_state (self->status) == ONWARD_STATE_PAUSED &&
      self->held_by != ONWARD_OBSTACLE_NONE)
    {
      take_over_pause (self);
      return TRUE;
    }
  if (!can_take (self, ONWARD_EVENT_PAUSE, error))
    return FALSE;
  self->held_by = ONWARD_OBSTACLE_NONE;
  onward_flow_update_interrupt (self, ONWARD_INTENT_PAUSE);
  return TRUE;
}

/**
 * onward_flow_resume:
 * @self: a flow
 * @error: return location
 *
 * Goes on with a paused download, of this run or of an earlier one.
 */
gboolean
onward_flow_resume (OnwardFlow *self, GError **error)
{
  if (!claim_update (self, ONWARD_EVENT_RESUME, error))
    return FALSE;

  self->interrupted = FALSE;
  (void) onward_flow_post (self, ONWARD_EVENT_RESUME, NULL);
  run_update (self);
  return TRUE;
}

/**
 * onward_flow_cancel:
 * @self: a flow
 * @error: return location
 *
 * Gives the check or the update up. What was received stays on disk for a week.
 */
gboolean
onward_flow_cancel (OnwardFlow *self, GError **error)
{
  if (onward_flow_elsewhere_refuse (self, error) || !can_take (self, ONWARD_EVENT_CANCEL, error))
    return FALSE;

  if (onward_state_is_working (onward_status_get_state (self->status)))
    {
      onward_flow_update_interrupt (self, ONWARD_INTENT_CANCEL);
      return TRUE;
    }

  if (!claim_update (self, ONWARD_EVENT_CANCEL, error))
    return FALSE;
  onward_flow_update_end (self, ONWARD_EVENT_CANCEL);
  return TRUE;
}

/**
 * onward_flow_retry_now:
 * @self: a flow
 * @error: return location
 *
 * Tries to reconnect at once.
 */
gboolean
onward_flow_retry_now (OnwardFlow *self, GError **error)
{
  OnwardState state = onward_status_get_state (self->status);

  if (onward_flow_elsewhere_refuse (self, error))
    return FALSE;
  if (state == ONWARD_STATE_RECONNECTING || state == ONWARD_STATE_OFFLINE)
    {
      onward_flow_update_try_now (self);
      return TRUE;
    }

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_STATE, "Cannot retry while %s",
               onward_state_get_nick (state));
  return FALSE;
}

/**
 * onward_flow_may_update:
 * @self: a flow
 * @error: return location
 *
 * Returns: whether this user may change the install; the error says who may
 */
gboolean
onward_flow_may_update (OnwardFlow *self, GError **error)
{
  return onward_staging_place_check_writable (self->install, error);
}

/* Ends what claim() has begun. */
static gboolean
put_aside (OnwardFlow *self, GError **error)
{
  gboolean failed = onward_status_get_state (self->status) == ONWARD_STATE_FAILED;
  gboolean done = (!failed || onward_switch_clear_reverted (self->install, error)) &&
                  onward_flow_post (self, ONWARD_EVENT_DISMISS, error);

  onward_flow_lock_release (self);
  return done;
}

/**
 * onward_flow_dismiss:
 * @self: a flow
 * @error: return location
 *
 * Puts an error, or a release that is available, aside until the next check.
 */
gboolean
onward_flow_dismiss (OnwardFlow *self, GError **error)
{
  return claim (self, ONWARD_EVENT_DISMISS, error) && put_aside (self, error);
}

/**
 * onward_flow_skip:
 * @self: a flow
 * @error: return location
 *
 * Does not offer the release in the status again by itself.
 */
gboolean
onward_flow_skip (OnwardFlow *self, GError **error)
{
  OnwardRelease *release;

  if (!claim (self, ONWARD_EVENT_DISMISS, error))
    return FALSE;

  release = onward_status_get_release (self->status);
  if (release != NULL)
    onward_journal_skip (self->journal, onward_release_get_version (release));
  return put_aside (self, error);
}

/**
 * onward_flow_remind_later:
 * @self: a flow
 * @seconds: when
 * @error: return location
 *
 * Does not offer anything by itself for a while.
 */
gboolean
onward_flow_remind_later (OnwardFlow *self, guint seconds, GError **error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (!claim (self, ONWARD_EVENT_DISMISS, error))
    return FALSE;

  onward_journal_set_remind_at (self->journal, now + seconds);
  return put_aside (self, error);
}

/**
 * onward_flow_choose:
 * @self: a flow in state available
 * @version: one of the versions in the status
 * @error: return location
 *
 * Chooses another release than the newest.
 */
gboolean
onward_flow_choose (OnwardFlow *self, const char *version, GError **error)
{
  OnwardStatusFields fields = *onward_status_get_fields (self->status);
  OnwardRelease *release = NULL;
  g_auto (GStrv) lost = NULL;

  if (fields.release != NULL && g_str_equal (onward_release_get_version (fields.release), version))
    return TRUE;

  /* What stands ready for another version is given up for this one, and nothing waited for. */
  if (fields.state == ONWARD_STATE_READY && self->updating)
    onward_flow_update_end (self, ONWARD_EVENT_SUPERSEDED);
  else if (fields.state == ONWARD_STATE_READY &&
           !onward_flow_post (self, ONWARD_EVENT_SUPERSEDED, error))
    return FALSE;

  fields = *onward_status_get_fields (self->status);
  if (fields.state == ONWARD_STATE_AVAILABLE && fields.releases != NULL)
    release = onward_selector_find (fields.releases, version);
  if (release == NULL)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                   "Choosing version %s: it is not among the newer versions", version);
      return FALSE;
    }

  /* Sizes and plan were those of the other release. */
  onward_flow_describe_stop (self);
  g_clear_pointer (&self->plan, onward_plan_free);
  lost = onward_flow_check_dup_lost (self, release);
  fields.release = release;
  fields.lost = (const char *const *) lost;
  fields.described = FALSE;
  fields.bytes_done = fields.bytes_total = fields.full_size = 0;
  onward_flow_take_fields (self, &fields);
  return TRUE;
}

/**
 * onward_flow_mark_good:
 * @self: a flow
 * @error: return location
 *
 * The running version works: ends its trial. A version that became current since this process
 * began has not run here: its trial goes on.
 */
gboolean
onward_flow_mark_good (OnwardFlow *self, GError **error)
{
  g_autofree char *current = onward_install_dup_current (self->install, NULL);

  if (g_strcmp0 (current, self->started) != 0)
    return TRUE;
  return onward_switch_mark_good (self->install, error);
}

/**
 * onward_flow_get_rate_limit:
 * @self: a flow
 *
 * Returns: how many bytes a second downloads may take, 0 when there is no limit
 */
guint64
onward_flow_get_rate_limit (OnwardFlow *self)
{
  return self->rate_limit;
}

/**
 * onward_flow_set_rate_limit:
 * @self: a flow
 * @bytes_per_second: how many bytes a second all downloads together may take, 0 for no limit
 *
 * Takes effect at once, on what is under way as well.
 */
void
onward_flow_set_rate_limit (OnwardFlow *self, guint64 bytes_per_second)
{
  self->rate_limit = bytes_per_second;
  onward_fetcher_set_rate_limit (self->fetcher, bytes_per_second);
}
