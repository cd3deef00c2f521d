/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-flow-private.h"
#include "onward-staging-place.h"
#include "onward-worker.h"

typedef struct
{
  OnwardInstall *install; /* (unowned): outlives the chore */
  OnwardFlowChore chore;
  gpointer data;            /* (owned) (nullable) */
  GDestroyNotify data_free; /* (nullable) */
} Chore;

static void
chore_free (Chore *chore)
{
  if (chore->data != NULL && chore->data_free != NULL)
    chore->data_free (chore->data);
  g_free (chore);
}

static gboolean
chore_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Chore *chore = data;

  return chore->chore (chore->install, chore->data, cancellable, error);
}

/**
 * onward_flow_chore_start_over:
 * @self: a flow
 *
 * Forgets what was planned or found: it starts from what was installed before.
 */
void
onward_flow_chore_start_over (OnwardFlow *self)
{
  OnwardState state = onward_status_get_state (self->status);

  onward_flow_describe_stop (self);
  g_clear_pointer (&self->plan, onward_plan_free);
  if (!onward_state_is_working (state))
    onward_flow_recover (self);
}

/**
 * onward_flow_chore_begin:
 * @self: a flow
 * @error: return location
 *
 * Takes the install's lock for maintenance. One worker at a time: an update, also one that is
 * paused, builds on what is installed.
 *
 * Returns: %FALSE with %ONWARD_ERROR_BUSY while something else is at work
 */
gboolean
onward_flow_chore_begin (OnwardFlow *self, GError **error)
{
  if (self->updating || self->chores > 0)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_BUSY,
                           "Another operation works on this install");
      return FALSE;
    }
  if (!onward_flow_lock_acquire (self, error))
    return FALSE;

  self->chores++;
  return TRUE;
}

/**
 * onward_flow_chore_begin_writing:
 * @self: a flow
 * @error: return location
 *
 * The same for who changes what is installed.
 *
 * Returns: %FALSE with why as well where that cannot be written
 */
gboolean
onward_flow_chore_begin_writing (OnwardFlow *self, GError **error)
{
  return onward_staging_place_check_writable (self->install, error) &&
         onward_flow_chore_begin (self, error);
}

/**
 * onward_flow_chore_end:
 * @self: a flow whose maintenance has ended
 * @task: what it was done for
 * @done: its result
 * @error: (transfer full) (nullable): why it has none
 *
 * Undoes onward_flow_chore_begin(), and answers @task when the lock is let go.
 */
void
onward_flow_chore_end (OnwardFlow *self, GTask *task, gboolean done, GError *error)
{
  self->chores--;
  if (onward_flow_refresh_version (self))
    onward_flow_chore_start_over (self);
  onward_flow_lock_release_for (self, task, done, error);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardFlow *self = ONWARD_FLOW (source);
  Chore *chore = onward_worker_get_data (result);
  g_autoptr (GError) error = NULL;
  gboolean done = onward_worker_run_finish (result, &error);

  g_task_set_task_data (task, g_steal_pointer (&chore->data), chore->data_free);
  onward_flow_chore_end (self, task, done, g_steal_pointer (&error));
}

/**
 * onward_flow_chore_async:
 * @self: a flow
 * @chore: blocking work
 * @data: (transfer full) (nullable): what @chore gets
 * @data_free: (nullable): frees @data
 * @cancellable: (nullable): handed to @chore
 * @callback: called when it has ended
 * @user_data: for @callback
 *
 * Runs maintenance in a worker, under the install's lock.
 */
void
onward_flow_chore_async (OnwardFlow *self, OnwardFlowChore chore, gpointer data,
                         GDestroyNotify data_free, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;
  Chore *closure = g_new0 (Chore, 1);

  g_return_if_fail (ONWARD_IS_FLOW (self));

  closure->install = self->install;
  closure->chore = chore;
  closure->data = data;
  closure->data_free = data_free;
  g_task_set_source_tag (task, onward_flow_chore_async);
  g_task_set_check_cancellable (task, FALSE);

  if (onward_flow_chore_begin (self, &error))
    {
      onward_worker_run_async (self, chore_in_thread, closure, (GDestroyNotify) chore_free,
                               cancellable, on_done, g_steal_pointer (&task));
      return;
    }

  chore_free (closure);
  g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * onward_flow_chore_finish:
 * @self: a flow
 * @result: what the callback got
 * @ret_data: (out) (nullable) (transfer none): the chore's data, with what it left there
 * @error: return location
 *
 * Returns: what the chore returned
 */
gboolean
onward_flow_chore_finish (OnwardFlow *self, GAsyncResult *result, gpointer *ret_data,
                          GError **error)
{
  if (ret_data != NULL)
    *ret_data = g_task_get_task_data (G_TASK (result));
  return g_task_propagate_boolean (G_TASK (result), error);
}
