/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-clock.h"
#include "onward-error.h"
#include "onward-flow-private.h"
#include "onward-progress.h"

/* The journal is saved once a second. */
#define INTERVAL_S 1

static gboolean
is_same (OnwardJournal *a, OnwardJournal *b)
{
  return onward_journal_get_last_check (a) == onward_journal_get_last_check (b) &&
         g_strcmp0 (onward_journal_get_release (a), onward_journal_get_release (b)) == 0;
}

/* What the other one has checked since is read anew; mere progress needs no metadata. */
static void
reload (OnwardFlow *self)
{
  OnwardJournal *journal = onward_journal_peek (onward_paths_get_journal (self->paths));

  if (!is_same (journal, self->journal))
    {
      g_clear_pointer (&self->plan, onward_plan_free);
      g_clear_pointer (&self->targets, onward_targets_unref);
      g_clear_pointer (&self->releases, g_ptr_array_unref);
    }
  onward_journal_free (self->journal);
  self->journal = journal;
}

/* What nobody has paused is recorded as running, for the run after this one. */
static OnwardState
get_state (OnwardFlow *self, const OnwardJournalProgress *progress)
{
  OnwardState recorded = onward_journal_get_state (self->journal);

  if (recorded == ONWARD_STATE_DOWNLOADING && progress->obstacle == ONWARD_OBSTACLE_METERED)
    return ONWARD_STATE_PAUSED;
  return recorded == ONWARD_STATE_FAILED ? onward_state_recover (recorded) : recorded;
}

/* Takes what the one at work has written down. */
static void
tell (OnwardFlow *self)
{
  OnwardStatusFields fields = { .time_left = -1 };
  OnwardJournalProgress progress;

  onward_journal_progress_get (self->journal, &progress);
  fields.state = get_state (self, &progress);
  onward_progress_watch (&fields, &progress, onward_clock_get_time (),
                         g_get_real_time () / G_USEC_PER_SEC);
  if (onward_flow_recover_release (self, &fields))
    return;

  if (fields.state != ONWARD_STATE_CHECKING)
    fields = (OnwardStatusFields){ .state = ONWARD_STATE_IDLE, .time_left = -1 };
  onward_flow_take_fields (self, &fields);
}

/* Whether the journal is the word of whoever holds the lock: another one may have died, and a chore
 * says nothing. */
static gboolean
is_witness (OnwardFlow *self, const char *session)
{
  return g_strcmp0 (session, onward_journal_progress_get_session (self->journal)) == 0;
}

static gboolean
on_second (gpointer user_data)
{
  OnwardFlow *self = user_data;
  g_autofree char *session = onward_install_dup_other_session (self->install);
  g_autoptr (OnwardFlow) held = g_object_ref (self);

  if (session == NULL)
    {
      onward_flow_lock_catch_up (self);
      return G_SOURCE_REMOVE;
    }

  reload (self);
  if (is_witness (self, session))
    tell (self);
  return G_SOURCE_CONTINUE;
}

/**
 * onward_flow_elsewhere_look:
 * @self: a flow without the install's lock
 *
 * Looks whether another process is at work, and follows it until it has ended.
 *
 * Returns: whether the status tells of another process now
 */
gboolean
onward_flow_elsewhere_look (OnwardFlow *self)
{
  g_autofree char *session = onward_install_dup_other_session (self->install);

  if (session == NULL)
    return FALSE;

  if (self->watching == 0)
    self->watching = g_timeout_add_seconds (INTERVAL_S, on_second, self);
  reload (self);
  if (!is_witness (self, session))
    return FALSE;
  tell (self);
  return TRUE;
}

/**
 * onward_flow_elsewhere_is:
 * @self: a flow
 *
 * Returns: whether another process is at work, so that this one can only watch
 */
gboolean
onward_flow_elsewhere_is (OnwardFlow *self)
{
  return self->watching != 0;
}

/**
 * onward_flow_elsewhere_refuse:
 * @self: a flow
 * @error: return location
 *
 * Refuses what only the process that is at work can do.
 *
 * Returns: whether another process is at work
 */
gboolean
onward_flow_elsewhere_refuse (OnwardFlow *self, GError **error)
{
  if (!onward_flow_elsewhere_is (self))
    return FALSE;

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_BUSY,
                       "Another updater works on this install");
  return TRUE;
}

/**
 * onward_flow_elsewhere_stop:
 * @self: a flow
 *
 * Follows nobody any more.
 */
void
onward_flow_elsewhere_stop (OnwardFlow *self)
{
  g_clear_handle_id (&self->watching, g_source_remove);
}
