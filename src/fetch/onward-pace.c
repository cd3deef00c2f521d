/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-pace.h"
#include "onward-paths.h"

/* Tests shorten every second to this many milliseconds. */
static guint
get_second (const char *setting)
{
  const char *value = onward_paths_get_test_setting (setting);
  guint64 milliseconds = 0;

  if (value == NULL || !g_ascii_string_to_unsigned (value, 10, 1, 1000, &milliseconds, NULL))
    return 1000;
  return (guint) milliseconds;
}

/**
 * onward_pace_get_wait:
 * @milliseconds: a wait between tries
 *
 * Returns: the wait in milliseconds, shortened in tests by `ONWARD_TEST_BACKOFF_MS`
 */
guint
onward_pace_get_wait (guint milliseconds)
{
  return (guint) ((guint64) milliseconds * get_second ("BACKOFF_MS") / 1000);
}

/**
 * onward_pace_get_deadline:
 * @seconds: how long a server may take
 *
 * Returns: the time in milliseconds, shortened in tests by `ONWARD_TEST_DEADLINE_MS`
 */
guint
onward_pace_get_deadline (guint seconds)
{
  return seconds * get_second ("DEADLINE_MS");
}

/**
 * onward_pace_get_tick:
 *
 * Returns: after how many milliseconds to look how a transfer goes, shortened in tests by
 *   `ONWARD_TEST_CROWD_MS`
 */
guint
onward_pace_get_tick (void)
{
  return MAX (get_second ("CROWD_MS") / 20, 1);
}

/**
 * onward_pace_get_time:
 * @now: a time in microseconds
 *
 * Returns: the same, by a clock that runs faster in tests by `ONWARD_TEST_CROWD_MS`
 */
gint64
onward_pace_get_time (gint64 now)
{
  return now / get_second ("CROWD_MS") * 1000;
}
