/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-backoff.h"

/* The waits double from one second up to one minute and stay there. */
static void
test_backoff_doubles (void)
{
  static const guint seconds[] = { 1, 1, 2, 4, 8, 16, 32, 60, 60, 60 };

  for (guint attempt = 0; attempt < G_N_ELEMENTS (seconds); attempt++)
    g_assert_cmpuint (onward_backoff_get_delay (attempt, 0.5), ==, seconds[attempt] * 1000);
  g_assert_cmpuint (onward_backoff_get_delay (G_MAXUINT, 0.5), ==, 60000);
}

/* Clients that lost their server together come back spread over half of the wait. */
static void
test_backoff_jitters (void)
{
  for (guint attempt = 1; attempt < 10; attempt++)
    {
      guint middle = onward_backoff_get_delay (attempt, 0.5);

      g_assert_cmpuint (onward_backoff_get_delay (attempt, 0.0), ==, middle * 3 / 4);
      g_assert_cmpuint (onward_backoff_get_delay (attempt, 0.999999), <=, middle * 5 / 4);
      g_assert_cmpuint (onward_backoff_get_delay (attempt, 0.999999), >=, middle * 5 / 4 - 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backoff/doubles", test_backoff_doubles);
  g_test_add_func ("/backoff/jitters", test_backoff_jitters);
  return g_test_run ();
}
