/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-obstacle-private.h"

/* Every obstacle has a kebab-case name of its own, which scripts rely on. */
static void
test_obstacle_nicks (void)
{
  static const char *const expected[] = { "none", "connection", "offline", "metered",
                                          "busy", "sign-in",    "running" };

  g_assert_cmpuint (G_N_ELEMENTS (expected), ==, ONWARD_OBSTACLE_LAST + 1);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      OnwardObstacle obstacle = ONWARD_OBSTACLE_LAST;

      g_assert_cmpstr (onward_obstacle_get_nick ((OnwardObstacle) i), ==, expected[i]);
      g_assert_true (onward_obstacle_from_nick (expected[i], &obstacle));
      g_assert_cmpint (obstacle, ==, i);
      g_assert_false (onward_obstacle_from_nick ("Busy", &obstacle));
      g_assert_cmpint (obstacle, ==, i);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/obstacle/nicks", test_obstacle_nicks);
  return g_test_run ();
}
