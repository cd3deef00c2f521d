/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-worker.h"

typedef struct
{
  OnwardWork work;          /* (not nullable) */
  gpointer data;            /* (owned) (nullable) */
  GDestroyNotify data_free; /* (nullable) */
} Job;

/* The thread may drop its task last of all, so that task owns nothing: neither the source nor the
 * data may be finalized outside of the main thread. The caller's task, which no thread ever sees,
 * owns both. */

static void
job_free (Job *job)
{
  if (job->data != NULL && job->data_free != NULL)
    job->data_free (job->data);
  g_free (job);
}

static void
on_worked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
work_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Job *job = task_data;
  g_autoptr (GError) error = NULL;

  if (job->work (job->data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * onward_worker_run_async:
 * @source: (type GObject.Object): on whose behalf
 * @work: a blocking function
 * @data: (transfer full) (nullable): what @work gets
 * @data_free: (nullable): frees @data, in the main thread
 * @cancellable: (nullable): handed to @work
 * @callback: called in the main thread when @work has returned
 * @user_data: for @callback
 *
 * Runs disk and CPU work in a thread: the one boundary between the main loop and blocking code.
 * The result is what @work returned, also when @cancellable was cancelled meanwhile: work that
 * succeeded is never reported as cancelled, or the state would differ from the disk.
 */
void
onward_worker_run_async (gpointer source, OnwardWork work, gpointer data, GDestroyNotify data_free,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (source, cancellable, callback, user_data);
  g_autoptr (GTask) threaded = g_task_new (NULL, cancellable, on_worked, task);
  Job *job = g_new0 (Job, 1);

  job->work = work;
  job->data = data;
  job->data_free = data_free;
  g_task_set_source_tag (task, onward_worker_run_async);
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_source_tag (threaded, onward_worker_run_async);
  g_task_set_task_data (threaded, job, NULL);
  g_task_set_check_cancellable (threaded, FALSE);
  g_task_run_in_thread (threaded, work_in_thread);
}

/**
 * onward_worker_run_finish:
 * @result: what the callback got
 * @error: return location
 *
 * Returns: what the work returned
 */
gboolean
onward_worker_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * onward_worker_get_data:
 * @result: what the callback got
 *
 * Returns: (transfer none): the data that the work got, with what it left there
 */
gpointer
onward_worker_get_data (GAsyncResult *result)
{
  Job *job = g_task_get_task_data (G_TASK (result));

  return job->data;
}
