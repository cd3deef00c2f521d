/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-parallel.h"
#include "onward-test-forbid.h"

#define N_CALLS 1000

static void
count (guint index, gpointer user_data)
{
  int *calls = user_data;

  g_atomic_int_inc (&calls[index]);
}

/* Every call is made, and once. */
static void
test_every_call (void)
{
  int calls[N_CALLS] = { 0 };

  onward_parallel_run (N_CALLS, count, calls);
  onward_parallel_run (0, count, calls);
  for (guint i = 0; i < N_CALLS; i++)
    g_assert_cmpint (calls[i], ==, 1);
}

/* Where no thread can be made as well. */
static void
test_no_threads (void)
{
  if (g_test_subprocess ())
    {
      onward_test_forbid_threads ();
      test_every_call ();
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parallel/every-call", test_every_call);
  g_test_add_func ("/parallel/no-threads", test_no_threads);
  return g_test_run ();
}
