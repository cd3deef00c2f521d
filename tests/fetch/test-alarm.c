/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <string.h>

#include "onward-alarm.h"
#include "onward-vigil.h"

static gboolean
count (gpointer user_data)
{
  (*(guint *) user_data)++;
  return G_SOURCE_CONTINUE;
}

/* How many timers of this process run by the clock that goes on during sleep. */
static guint
count_boot_timers (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fdinfo", 0, NULL);
  const char *name = NULL;
  guint timers = 0;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/fdinfo", name, NULL);
      g_autofree char *text = NULL;

      timers += g_file_get_contents (path, &text, NULL, NULL) && strstr (text, "clockid: 7\n");
    }
  return timers;
}

/* An alarm goes off once, by boot time, and leaves nothing behind. */
static void
test_alarm_rings (void)
{
  guint rung = 0;
  guint never = 0;
  guint source = onward_alarm_add (3600000, count, &never);

  (void) onward_alarm_add (0, count, &rung);
  (void) onward_alarm_add (1, count, &rung);
  g_assert_cmpuint (count_boot_timers (), ==, 3);
  while (rung < 2)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (count_boot_timers (), ==, 1);
  g_source_remove (source);
  g_assert_cmpuint (count_boot_timers (), ==, 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (rung, ==, 2);
  g_assert_cmpuint (never, ==, 0);
}

/* Only sleep makes boot time run ahead; time that merely passes, or a nap, is none. */
static void
test_alarm_vigil (void)
{
  /* clang-format off */
  static const struct { gint64 boot, monotonic; gboolean asleep; } looks[] = {
    { 1000,  900, FALSE },
    { 1001,  901, FALSE },
    { 9001, 8901, FALSE },
    { 9004, 8902, FALSE },
    { 9064, 8903, TRUE },
    { 9065, 8904, FALSE },
    { 9071, 8905, TRUE },
  };
  /* clang-format on */
  OnwardVigil vigil = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    g_assert_cmpint (onward_vigil_look (&vigil, looks[i].boot * G_USEC_PER_SEC,
                                        looks[i].monotonic * G_USEC_PER_SEC),
                     ==, looks[i].asleep);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/alarm/rings", test_alarm_rings);
  g_test_add_func ("/alarm/vigil", test_alarm_vigil);
  return g_test_run ();
}
