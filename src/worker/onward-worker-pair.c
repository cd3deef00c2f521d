/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-worker-pair.h"

/* What is done beside. Whoever takes it first does it; the other thread finds it taken. */
typedef struct
{
  OnwardWorkerHalf half;
  gpointer data; /* (unowned): there until it has ended */
  gboolean is_taken;

  GMutex lock;
  GCond ended;
  gboolean has_ended;
} Beside;

static void
beside_clear (gpointer data)
{
  Beside *self = data;

  g_mutex_clear (&self->lock);
  g_cond_clear (&self->ended);
}

static gboolean
take (Beside *self)
{
  return g_atomic_int_compare_and_exchange (&self->is_taken, FALSE, TRUE);
}

static void
run_beside (gpointer data, gpointer unused)
{
  Beside *self = data;

  if (take (self))
    {
      self->half (self->data);
      g_mutex_lock (&self->lock);
      self->has_ended = TRUE;
      g_cond_signal (&self->ended);
      g_mutex_unlock (&self->lock);
    }
  g_atomic_rc_box_release_full (self, beside_clear);
}

static GThreadPool *
get_pool (void)
{
  static gsize pool = 0;

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, (gsize) g_thread_pool_new (run_beside, NULL, -1, FALSE, NULL));
  return (GThreadPool *) pool;
}

static void
wait_for (Beside *self)
{
  g_mutex_lock (&self->lock);
  while (!self->has_ended)
    g_cond_wait (&self->ended, &self->lock);
  g_mutex_unlock (&self->lock);
}

/**
 * onward_worker_pair_run:
 * @here: what this thread does
 * @beside: what another thread does meanwhile
 * @data: for both, which have to keep out of each other's way
 *
 * Does two things at the same time. Where no other thread gets round to @beside while @here runs,
 * it is done afterwards and here. Blocks until both are done: for work in a thread only.
 */
void
onward_worker_pair_run (OnwardWorkerHalf here, OnwardWorkerHalf beside, gpointer data)
{
  Beside *other = g_atomic_rc_box_new0 (Beside);

  other->half = beside;
  other->data = data;
  g_mutex_init (&other->lock);
  g_cond_init (&other->ended);
  /* What no thread could be made for waits until somebody takes it, which may be here. */
  (void) g_thread_pool_push (get_pool (), g_atomic_rc_box_acquire (other), NULL);
  here (data);
  if (take (other))
    beside (data);
  else
    wait_for (other);
  g_atomic_rc_box_release_full (other, beside_clear);
}
