/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-backoff.h"

/* The longest wait doubles from one second up to one minute and stays there. */
static void
test_backoff_doubles (void)
{
  static const guint seconds[] = { 1, 1, 2, 4, 8, 16, 32, 60, 60, 60 };

  for (guint attempt = 0; attempt < G_N_ELEMENTS (seconds); attempt++)
    {
      guint longest = onward_backoff_get_delay (attempt, 0.9999999);

      g_assert_cmpuint (longest, <=, seconds[attempt] * 1000);
      g_assert_cmpuint (longest, >=, seconds[attempt] * 1000 - 1);
    }
  g_assert_cmpuint (onward_backoff_get_delay (G_MAXUINT, 0.9999999), >=, 59999);
}

/* A million clients that lost their server together come back evenly, not in a crowd. */
static void
test_backoff_spreads (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  guint tenths[10] = { 0 };

  for (guint i = 0; i < 1000 * 1000; i++)
    {
      guint delay = onward_backoff_get_delay (7, g_rand_double (random));

      g_assert_cmpuint (delay, >=, 500);
      g_assert_cmpuint (delay, <=, 60000);
      tenths[MIN ((delay - 500) / 5950, 9)]++;
    }
  for (guint i = 0; i < G_N_ELEMENTS (tenths); i++)
    {
      g_assert_cmpuint (tenths[i], >=, 98000);
      g_assert_cmpuint (tenths[i], <=, 102000);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backoff/doubles", test_backoff_doubles);
  g_test_add_func ("/backoff/spreads", test_backoff_spreads);
  return g_test_run ();
}
