/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <time.h>

#include "onward-clock.h"
#include "onward-paths.h"

/**
 * onward_clock_get_time:
 *
 * The clock of all waits, which nobody can set, and which goes on while the computer sleeps: a
 * countdown drawn by another one would be wrong in the morning.
 *
 * Returns: the time since the computer was started, in microseconds; tests add to it by
 *   `ONWARD_TEST_ASLEEP_MS`
 */
gint64
onward_clock_get_time (void)
{
  const char *asleep = onward_paths_get_test_setting ("ASLEEP_MS");
  struct timespec now;

  if (clock_gettime (CLOCK_BOOTTIME, &now) != 0)
    return g_get_monotonic_time ();
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000 +
         (asleep == NULL ? 0 : g_ascii_strtoll (asleep, NULL, 10) * 1000);
}
