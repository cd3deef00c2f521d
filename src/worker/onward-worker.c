/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-worker.h"

#include <stdlib.h>
#include <unistd.h>

typedef struct
{
  OnwardWork work;           /* (not nullable) */
  gpointer data;             /* (owned) (nullable) */
  GDestroyNotify data_free;  /* (nullable) */
  GCancellable *cancellable; /* (owned): the work's own, which follows the caller's */
  GCancellable *followed;    /* (owned) (nullable) */
  gulong follows;
} Job;

/* What is under way in this process, whoever began it: the process waits for it at its end. */
typedef struct
{
  GMutex lock;
  GCond ended;
  GQueue jobs; /* (element-type Job) */
  pid_t pid;   /* that waits; 0 before the first job */
} Process;

static Process *
get_process (void)
{
  static Process process;

  return &process;
}

/* Called by exit(), before any library is torn down under a thread that still works with it. A
 * child of a fork has none of the threads. */
static void
wait_at_exit (void)
{
  Process *process = get_process ();

  if (process->pid != getpid ())
    return;

  g_mutex_lock (&process->lock);
  for (GList *at = process->jobs.head; at != NULL; at = at->next)
    g_cancellable_cancel (((Job *) at->data)->cancellable);
  while (process->jobs.length > 0)
    g_cond_wait (&process->ended, &process->lock);
  g_mutex_unlock (&process->lock);
}

static void
note_begun (Job *job)
{
  Process *process = get_process ();

  g_mutex_lock (&process->lock);
  if (process->pid == 0)
    {
      process->pid = getpid ();
      (void) atexit (wait_at_exit);
    }
  g_queue_push_tail (&process->jobs, job);
  g_mutex_unlock (&process->lock);
}

static void
note_ended (Job *job)
{
  Process *process = get_process ();

  g_mutex_lock (&process->lock);
  g_queue_remove (&process->jobs, job);
  g_cond_signal (&process->ended);
  g_mutex_unlock (&process->lock);
}

static void
on_cancelled (GCancellable *followed, gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static Job *
job_new (OnwardWork work, gpointer data, GDestroyNotify data_free, GCancellable *followed)
{
  Job *job = g_new0 (Job, 1);

  job->work = work;
  job->data = data;
  job->data_free = data_free;
  job->cancellable = g_cancellable_new ();
  if (g_set_object (&job->followed, followed))
    job->follows =
        g_cancellable_connect (followed, G_CALLBACK (on_cancelled), job->cancellable, NULL);
  return job;
}

/* The thread may drop its task last of all, so that task owns nothing: neither the source nor the
 * data may be finalized outside of the main thread. The caller's task, which no thread ever sees,
 * owns both. */

static void
job_free (Job *job)
{
  if (job->followed != NULL)
    g_cancellable_disconnect (job->followed, job->follows);
  g_clear_object (&job->followed);
  g_clear_object (&job->cancellable);
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
  gboolean done = job->work (job->data, job->cancellable, &error);

  note_ended (job);
  if (done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * onward_worker_run_async:
 * @source: (type GObject.Object) (nullable): on whose behalf
 * @work: a blocking function
 * @data: (transfer full) (nullable): what @work gets
 * @data_free: (nullable): frees @data, in the main thread
 * @cancellable: (nullable): cancels the cancellable that @work gets
 * @callback: called in the main thread when @work has returned
 * @user_data: for @callback
 *
 * Runs disk and CPU work in a thread: the one boundary between the main loop and blocking code.
 * The result is what @work returned, also when @cancellable was cancelled meanwhile: work that
 * succeeded is never reported as cancelled, or the state would differ from the disk.
 *
 * When the process exits, work under way is cancelled and waited for: what it does not give up it
 * completes, and no library is torn down under it.
 */
void
onward_worker_run_async (gpointer source, OnwardWork work, gpointer data, GDestroyNotify data_free,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (source, cancellable, callback, user_data);
  g_autoptr (GTask) threaded = g_task_new (NULL, NULL, on_worked, task);
  Job *job = job_new (work, data, data_free, cancellable);

  g_task_set_source_tag (task, onward_worker_run_async);
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_source_tag (threaded, onward_worker_run_async);
  g_task_set_task_data (threaded, job, NULL);
  note_begun (job);
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
