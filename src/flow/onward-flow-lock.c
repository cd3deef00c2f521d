/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-flow-private.h"

/* Another process may just be writing down how its work ended, or checking. */
#define PATIENCE_MS 1000
#define PAUSE_MS    50

/* A task that waits for the lock. */
typedef struct
{
  GTask *task; /* (owned) */
  OnwardFlowLocked locked;
  guint waited;
} Wait;

/* What a task is answered when the lock has been let go. */
typedef struct
{
  GTask *task;   /* (owned) */
  GError *error; /* (owned) (nullable) */
  gboolean value;
} Answer;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_object_unref (answer->task);
  g_clear_error (&answer->error);
  g_free (answer);
}

/**
 * onward_flow_lock_catch_up:
 * @self: a flow
 *
 * Takes up what another process left, which may have updated, checked or gone back meanwhile.
 */
void
onward_flow_lock_catch_up (OnwardFlow *self)
{
  const char *path = onward_paths_get_journal (self->paths);
  g_autoptr (OnwardJournal) journal =
      self->is_locked ? onward_journal_load (path) : onward_journal_peek (path);
  gboolean switched = onward_flow_refresh_version (self) || onward_flow_elsewhere_is (self);
  guint64 generation = onward_journal_get_generation (journal);

  onward_flow_elsewhere_stop (self);

  /* One that cannot be read tells nothing of what another process did. */
  if (generation != 0 && generation != onward_journal_get_generation (self->journal))
    {
      onward_journal_free (self->journal);
      self->journal = g_steal_pointer (&journal);
    }
  else if (!switched)
    return;

  g_clear_pointer (&self->plan, onward_plan_free);
  g_clear_pointer (&self->targets, onward_targets_unref);
  g_clear_pointer (&self->releases, g_ptr_array_unref);
  onward_flow_recover (self);
}

static gboolean
acquire (OnwardFlow *self, GError **error)
{
  gboolean was_locked = self->is_locked;

  if (!was_locked && !onward_install_lock (self->install, error))
    return FALSE;

  self->is_locked = TRUE;
  self->holds++;
  if (!was_locked)
    onward_flow_lock_catch_up (self);
  return TRUE;
}

/**
 * onward_flow_lock_acquire:
 * @self: a flow
 * @error: return location
 *
 * Makes this process the one that changes the install until onward_flow_lock_release() was called
 * as often, and takes up what another process left meanwhile: the state may be another one
 * afterwards.
 *
 * Returns: %FALSE with %ONWARD_ERROR_BUSY while another process is at work, of which the status
 *   tells from now on
 */
gboolean
onward_flow_lock_acquire (OnwardFlow *self, GError **error)
{
  if (acquire (self, error))
    return TRUE;

  (void) onward_flow_elsewhere_look (self);
  return FALSE;
}

static void
wait_free (gpointer data)
{
  Wait *wait = data;

  g_object_unref (wait->task);
  g_free (wait);
}

static gboolean
try_lock (gpointer user_data)
{
  Wait *wait = user_data;
  OnwardFlow *self = g_task_get_source_object (wait->task);
  g_autoptr (GError) error = NULL;

  (void) acquire (self, &error);
  if (g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_BUSY) && wait->waited < PATIENCE_MS)
    {
      wait->waited += PAUSE_MS;
      return G_SOURCE_CONTINUE;
    }

  if (error != NULL)
    (void) onward_flow_elsewhere_look (self);

  wait->locked (wait->task, g_steal_pointer (&error));
  return G_SOURCE_REMOVE;
}

/**
 * onward_flow_lock_acquire_for:
 * @self: a flow
 * @task: what needs the lock; its source is @self
 * @locked: goes on with @task, with the lock or with (transfer full) the error why not
 *
 * onward_flow_lock_acquire(), at once when that is possible, which gives another process that is at
 * work a moment to end.
 */
void
onward_flow_lock_acquire_for (OnwardFlow *self, GTask *task, OnwardFlowLocked locked)
{
  Wait *wait = g_new0 (Wait, 1);

  wait->task = g_object_ref (task);
  wait->locked = locked;
  if (try_lock (wait) == G_SOURCE_CONTINUE)
    g_timeout_add_full (G_PRIORITY_DEFAULT, PAUSE_MS, try_lock, wait, wait_free);
  else
    wait_free (wait);
}

/**
 * onward_flow_lock_settle:
 * @self: a flow
 *
 * Lets other processes change the install when nobody here needs the lock any more and the journal,
 * by which they go on, is written; then answers whoever has waited for that.
 */
void
onward_flow_lock_settle (OnwardFlow *self)
{
  g_autoptr (GPtrArray) answers = NULL;

  if (onward_saver_is_busy (self->saver))
    return;

  if (self->holds == 0 && self->is_locked)
    {
      self->is_locked = FALSE;
      onward_install_unlock (self->install);
    }

  answers = g_steal_pointer (&self->answers);
  for (guint i = 0; answers != NULL && i < answers->len; i++)
    {
      Answer *answer = g_ptr_array_index (answers, i);

      if (answer->error != NULL)
        g_task_return_error (answer->task, g_steal_pointer (&answer->error));
      else
        g_task_return_boolean (answer->task, answer->value);
    }
}

/**
 * onward_flow_lock_release:
 * @self: a flow
 *
 * Lets other processes change the install again, as soon as the journal is written.
 */
void
onward_flow_lock_release (OnwardFlow *self)
{
  g_assert (self->holds > 0);

  onward_flow_save (self);
  self->holds--;
  onward_flow_lock_settle (self);
}

/**
 * onward_flow_lock_release_for:
 * @self: a flow
 * @task: what the lock was held for
 * @value: its result
 * @error: (transfer full) (nullable): why it has none
 *
 * onward_flow_lock_release() that answers @task when it is done: whoever gets the answer can have
 * another process go on.
 */
void
onward_flow_lock_release_for (OnwardFlow *self, GTask *task, gboolean value, GError *error)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->task = g_object_ref (task);
  answer->value = value;
  answer->error = error;
  if (self->answers == NULL)
    self->answers = g_ptr_array_new_with_free_func (answer_free);
  g_ptr_array_add (self->answers, answer);
  onward_flow_lock_release (self);
}

/**
 * onward_flow_lock_drop:
 * @self: a flow that goes away
 *
 * Has the journal written, and lets go of the lock, before this returns. Nothing is waited for with
 * the lock any more.
 */
void
onward_flow_lock_drop (OnwardFlow *self)
{
  onward_flow_save (self);
  g_clear_handle_id (&self->closing, g_source_remove);
  g_clear_pointer (&self->saver, onward_saver_close);
  self->holds = 0;
  if (self->is_locked)
    onward_install_unlock (self->install);
  self->is_locked = FALSE;
}
