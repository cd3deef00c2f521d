/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-clock.h"

/* The clock goes on, and is never behind the monotonic one. */
static void
test_clock_time (void)
{
  gint64 monotonic = g_get_monotonic_time ();
  gint64 before = onward_clock_get_time ();

  g_assert_cmpint (before, >=, monotonic);
  g_setenv ("ONWARD_TEST_ASLEEP_MS", "60000", TRUE);
  g_assert_cmpint (onward_clock_get_time (), >=, before + 60 * G_USEC_PER_SEC);
  g_unsetenv ("ONWARD_TEST_ASLEEP_MS");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/clock/time", test_clock_time);
  return g_test_run ();
}
