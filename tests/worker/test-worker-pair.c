/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-test.h"
#include "onward-worker-pair.h"

typedef struct
{
  GMutex lock;
  GCond met;
  guint there;
  GThread *here;
  GThread *beside;
  guint runs;
} Meeting;

/* Goes on when both are there, which never happens unless they run at the same time. */
static void
meet (Meeting *self)
{
  g_mutex_lock (&self->lock);
  self->there++;
  g_cond_broadcast (&self->met);
  while (self->there < 2)
    g_cond_wait (&self->met, &self->lock);
  g_mutex_unlock (&self->lock);
}

static void
meet_here (gpointer data)
{
  Meeting *self = data;

  self->here = g_thread_self ();
  meet (self);
}

static void
meet_beside (gpointer data)
{
  Meeting *self = data;

  self->beside = g_thread_self ();
  meet (self);
}

/* Both halves run at the same time, one of them in the thread that asked. */
static void
test_pair_runs_both_at_once (void)
{
  for (guint i = 0; i < 100; i++)
    {
      Meeting meeting = { 0 };

      onward_worker_pair_run (meet_here, meet_beside, &meeting);
      g_assert_true (meeting.here == g_thread_self ());
      g_assert_true (meeting.beside != NULL && meeting.beside != g_thread_self ());
    }
}

static void
do_nothing (gpointer data)
{
}

static void
count (gpointer data)
{
  Meeting *self = data;

  self->runs++;
}

/* The second half is done once and before the end, also when the first one is quicker than any
 * thread. */
static void
test_pair_does_it_once (void)
{
  Meeting meeting = { 0 };

  for (guint i = 1; i <= 10000; i++)
    {
      onward_worker_pair_run (do_nothing, count, &meeting);
      g_assert_cmpuint (meeting.runs, ==, i);
    }
}

static gpointer
run_pairs (gpointer data)
{
  for (guint i = 0; i < 1000; i++)
    {
      Meeting meeting = { 0 };

      onward_worker_pair_run (do_nothing, count, &meeting);
      g_assert_cmpuint (meeting.runs, ==, 1);
    }
  return NULL;
}

/* Any number of threads may do so at once. */
static void
test_pair_from_many_threads (void)
{
  GThread *threads[8];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("pairs", run_pairs, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker-pair/runs-both-at-once", test_pair_runs_both_at_once);
  g_test_add_func ("/worker-pair/does-it-once", test_pair_does_it_once);
  g_test_add_func ("/worker-pair/from-many-threads", test_pair_from_many_threads);
  return g_test_run ();
}
