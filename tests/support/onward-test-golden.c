/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-test-golden.h"

/* Set to write the files of a new format's version into the folder it names. */
#define WRITE_VARIABLE "ONWARD_TEST_WRITE_GOLDEN"

/* Runs @tests; or @writer, when it is asked for. */
int
onward_test_golden_run (int argc, char **argv, const OnwardTestGolden *tests, guint n_tests,
                        OnwardTestGoldenWriter writer)
{
  const char *dir = g_getenv (WRITE_VARIABLE);

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  if (dir != NULL)
    return writer (dir) ? 0 : 1;

  for (guint i = 0; i < n_tests; i++)
    g_test_add_func (tests[i].path, tests[i].func);
  return g_test_run ();
}
