/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-parallel.h"

typedef struct
{
  OnwardParallelFunc func;
  gpointer user_data;
} Work;

static void
run_one (gpointer data, gpointer user_data)
{
  const Work *work = user_data;

  work->func (GPOINTER_TO_UINT (data) - 1, work->user_data);
}

/**
 * onward_parallel_run:
 * @n: how many calls
 * @func: the call, on any thread
 * @user_data: for @func
 *
 * Spreads work over all cores; where no thread can be made, all of it is done here. Blocking.
 */
void
onward_parallel_run (guint n, OnwardParallelFunc func, gpointer user_data)
{
  Work work = { func, user_data };
  GThreadPool *pool = g_thread_pool_new (run_one, &work, (int) g_get_num_processors (), TRUE, NULL);

  for (guint i = 0; i < n; i++)
    if (g_thread_pool_get_num_threads (pool) > 0)
      (void) g_thread_pool_push (pool, GUINT_TO_POINTER (i + 1), NULL);
    else
      func (i, user_data);
  g_thread_pool_free (pool, FALSE, TRUE);
}
