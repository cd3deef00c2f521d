/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-rate.h"
#include "onward-stall.h"

#define SECOND G_USEC_PER_SEC
#define KIB    G_GUINT64_CONSTANT (1024)

/* Adds samples of a steady rate, ten a second. */
static gint64
flow (OnwardRate *rate, gint64 now, guint64 *bytes, guint64 per_second, guint seconds)
{
  for (guint i = 0; i < seconds * 10; i++)
    {
      now += SECOND / 10;
      *bytes += per_second / 10;
      onward_rate_add (rate, now, *bytes);
    }
  return now;
}

/* A steady rate is told as it is, wherever it began. */
static void
test_rate_steady (void)
{
  OnwardRate rate;
  guint64 bytes = 5000;
  gint64 now = 77;

  onward_rate_reset (&rate, now, bytes);
  g_assert_cmpuint (onward_rate_get (&rate), ==, 0);
  now = flow (&rate, now, &bytes, 1000 * KIB, 10);
  g_assert_cmpuint (onward_rate_get (&rate), >=, 990 * KIB);
  g_assert_cmpuint (onward_rate_get (&rate), <=, 1010 * KIB);
  g_assert_cmpint (onward_rate_get_time_left (&rate, now, 10 * 1000 * KIB), >=, 9);
  g_assert_cmpint (onward_rate_get_time_left (&rate, now, 10 * 1000 * KIB), <=, 11);
}

/* Nothing is said about the time left for three seconds, nor while nothing comes. */
static void
test_rate_unknown (void)
{
  OnwardRate rate;
  guint64 bytes = 0;
  gint64 now = 0;

  onward_rate_reset (&rate, now, bytes);
  now = flow (&rate, now, &bytes, 100 * KIB, 2);
  g_assert_cmpint (onward_rate_get_time_left (&rate, now, KIB), ==, -1);
  now = flow (&rate, now, &bytes, 100 * KIB, 2);
  g_assert_cmpint (onward_rate_get_time_left (&rate, now, KIB), >=, 0);

  onward_rate_reset (&rate, now, bytes);
  now = flow (&rate, now, &bytes, 0, 10);
  g_assert_cmpint (onward_rate_get_time_left (&rate, now, KIB), ==, -1);
}

/* A line that is four times slower of a sudden does not make the time shown jump. */
static void
test_rate_does_not_jump (void)
{
  OnwardRate rate;
  guint64 bytes = 0, total = 40000 * KIB;
  gint64 now = 0;
  int before = 0;

  onward_rate_reset (&rate, now, bytes);
  now = flow (&rate, now, &bytes, 1000 * KIB, 5);
  before = onward_rate_get_time_left (&rate, now, total - bytes);
  for (guint second = 0; second < 20; second++)
    {
      int left = 0;

      now = flow (&rate, now, &bytes, 250 * KIB, 1);
      left = onward_rate_get_time_left (&rate, now, total - bytes);
      g_assert_cmpint (ABS (left - before), <=, 15);
      before = left;
    }
  g_assert_cmpint (before, >=, 60);
}

/* Bytes that were dropped again count as none, and the clock may stand still. */
static void
test_rate_hostile (void)
{
  OnwardRate rate;

  onward_rate_reset (&rate, 0, G_MAXUINT64);
  onward_rate_add (&rate, 0, 0);
  onward_rate_add (&rate, SECOND, 0);
  g_assert_cmpuint (onward_rate_get (&rate), ==, 0);
  onward_rate_add (&rate, -SECOND, 5);
  g_assert_cmpint (onward_rate_get_time_left (&rate, 100 * SECOND, G_MAXUINT64), ==, -1);
}

/* A connection is given up when less than 30 KiB came in 30 s, not when it pauses shortly. */
static void
test_stall_notices (void)
{
  OnwardStall fast = { 0 }, slow = { 0 }, late = { 0 };

  for (guint second = 1; second <= 120; second++)
    g_assert_false (onward_stall_tick (&fast, second * KIB));
  for (guint second = 1; second < 30; second++)
    g_assert_false (onward_stall_tick (&slow, second * 1000));
  g_assert_true (onward_stall_tick (&slow, 30 * 1000));

  for (guint second = 1; second <= 60; second++)
    g_assert_false (onward_stall_tick (&late, second * 100 * KIB));
  for (guint second = 1; second < 30; second++)
    g_assert_false (onward_stall_tick (&late, 60 * 100 * KIB));
  g_assert_true (onward_stall_tick (&late, 60 * 100 * KIB));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rate/steady", test_rate_steady);
  g_test_add_func ("/rate/unknown", test_rate_unknown);
  g_test_add_func ("/rate/does-not-jump", test_rate_does_not_jump);
  g_test_add_func ("/rate/hostile", test_rate_hostile);
  g_test_add_func ("/stall/notices", test_stall_notices);
  return g_test_run ();
}
