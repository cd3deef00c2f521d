/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-frame-queue.h"

/* How many jobs may run or wait: enough to keep all cores busy beside one long job, few enough to
 * bound what their results hold. */
#define MAX_LENGTH 64
/* How long a job is waited for without a word. */
#define TICK (G_TIME_SPAN_SECOND / 4)

struct _OnwardFrameQueue
{
  GThreadPool *pool;         /* (owned): where no thread can be made, jobs run when popped */
  GCancellable *cancellable; /* (owned): stops the jobs, for the caller's reason or ours */
  GCancellable *outer;       /* (owned) (nullable): the caller's */
  gulong handler;            /* of @outer */
  GMutex mutex;              /* guards every job's is_done */
  GCond cond;                /* a job is done */
  GQueue jobs;               /* (owned): in the order in which they came */
};

static void
run_job (gpointer data, gpointer user_data)
{
  OnwardFrameJob *job = data;
  OnwardFrameQueue *self = user_data;

  if (!g_cancellable_set_error_if_cancelled (self->cancellable, &job->error))
    (void) onward_frame_job_run (job, self->cancellable, &job->error);

  g_mutex_lock (&self->mutex);
  job->is_done = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
}

static void
on_cancelled (GCancellable *outer, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/**
 * onward_frame_queue_new:
 * @n_threads: how many jobs run at a time; 0: one on every core
 * @cancellable: (nullable): stops all jobs
 *
 * Returns: (transfer full): an empty queue
 */
OnwardFrameQueue *
onward_frame_queue_new (guint n_threads, GCancellable *cancellable)
{
  OnwardFrameQueue *self = g_new0 (OnwardFrameQueue, 1);

  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  g_queue_init (&self->jobs);
  self->cancellable = g_cancellable_new ();
  if (cancellable != NULL)
    {
      self->outer = g_object_ref (cancellable);
      self->handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled),
                                             g_object_ref (self->cancellable), g_object_unref);
    }
  self->pool = g_thread_pool_new (
      run_job, self, (int) (n_threads > 0 ? n_threads : g_get_num_processors ()), TRUE, NULL);
  return self;
}

/**
 * onward_frame_queue_free:
 * @self: (transfer full) (nullable): a queue
 *
 * Stops the jobs that are left, and waits for them.
 */
void
onward_frame_queue_free (OnwardFrameQueue *self)
{
  if (self == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  g_thread_pool_free (self->pool, FALSE, TRUE);
  if (self->outer != NULL)
    g_cancellable_disconnect (self->outer, self->handler);
  g_clear_object (&self->outer);
  g_clear_object (&self->cancellable);
  g_queue_clear_full (&self->jobs, (GDestroyNotify) onward_frame_job_free);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self);
}

/**
 * onward_frame_queue_wants:
 * @self: a queue
 *
 * Returns: whether another job should be pushed before the next one is popped
 */
gboolean
onward_frame_queue_wants (OnwardFrameQueue *self)
{
  return g_queue_get_length (&self->jobs) < MAX_LENGTH;
}

static gboolean
has_threads (OnwardFrameQueue *self)
{
  return g_thread_pool_get_num_threads (self->pool) > 0;
}

/**
 * onward_frame_queue_push:
 * @self: a queue
 * @job: (transfer full): a job
 *
 * Lets @job run as soon as a core is free.
 */
void
onward_frame_queue_push (OnwardFrameQueue *self, OnwardFrameJob *job)
{
  g_queue_push_tail (&self->jobs, job);
  if (has_threads (self))
    (void) g_thread_pool_push (self->pool, job, NULL);
}

/* Waits for a while; whether the job is done. */
static gboolean
wait_for (OnwardFrameQueue *self, const OnwardFrameJob *job)
{
  gint64 end = g_get_monotonic_time () + TICK;
  gboolean is_done;

  g_mutex_lock (&self->mutex);
  while (!job->is_done && g_cond_wait_until (&self->cond, &self->mutex, end))
    ;
  is_done = job->is_done;
  g_mutex_unlock (&self->mutex);
  return is_done;
}

/**
 * onward_frame_queue_pop:
 * @self: a queue with a job in it
 * @tick: (nullable): called from time to time
 * @user_data: for @tick
 * @error: return location for an error
 *
 * Waits for the oldest job, or runs it where no thread can be made. Blocking.
 *
 * Returns: (transfer full): the job with its result, or %NULL when it failed
 */
OnwardFrameJob *
onward_frame_queue_pop (OnwardFrameQueue *self, OnwardFrameQueueTick tick, gpointer user_data,
                        GError **error)
{
  g_autoptr (OnwardFrameJob) job = NULL;
  OnwardFrameJob *oldest = g_queue_peek_head (&self->jobs);

  g_return_val_if_fail (oldest != NULL, NULL);

  if (!has_threads (self))
    run_job (oldest, self);
  while (!wait_for (self, oldest))
    if (tick != NULL)
      tick (oldest, user_data);

  job = g_queue_pop_head (&self->jobs);
  if (job->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&job->error));
      return NULL;
    }
  return g_steal_pointer (&job);
}
