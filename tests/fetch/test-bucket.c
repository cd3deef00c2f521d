/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-bucket.h"

#define SECOND G_USEC_PER_SEC
#define READ   (256 * 1024)

/* Reads as much as it gets for a while, by as many readers as there are. */
static guint64
read_for (OnwardBucket *bucket, gint64 *inout_now, gint64 duration, guint readers)
{
  gint64 end = *inout_now + duration;
  guint64 bytes = 0;

  while (*inout_now < end)
    {
      gsize taken = 0;

      for (guint i = 0; i < readers; i++)
        taken += onward_bucket_take (bucket, READ, *inout_now);
      bytes += taken;
      *inout_now += taken > 0 ? 10 : onward_bucket_get_wait (bucket) * 1000;
    }
  return bytes;
}

/* Whatever the limit and however many read, the limit is what comes through. */
static void
test_bucket_limits (void)
{
  static const guint64 rates[] = { 100,     1000,      50000,
                                   1 << 20, 100 << 20, G_GUINT64_CONSTANT (1) << 33 };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
    for (guint readers = 1; readers <= 4; readers++)
      {
        OnwardBucket bucket = { 0 };
        gint64 now = 1000 * SECOND;
        guint64 bytes = 0;

        onward_bucket_set_rate (&bucket, rates[i], now);
        bytes = read_for (&bucket, &now, 20 * SECOND, readers);
        g_assert_cmpuint (bytes, >=, rates[i] * 18);
        g_assert_cmpuint (bytes, <=, rates[i] * 21);
      }
}

/* Without a limit nothing waits, and one set meanwhile holds from then on. */
static void
test_bucket_changes (void)
{
  OnwardBucket bucket = { 0 };
  gint64 now = 5;

  g_assert_cmpuint (onward_bucket_take (&bucket, READ, now), ==, READ);
  g_assert_cmpuint (onward_bucket_take (&bucket, READ, now), ==, READ);
  onward_bucket_set_rate (&bucket, 1000, now);
  g_assert_cmpuint (read_for (&bucket, &now, 10 * SECOND, 1), <=, 10500);
  onward_bucket_set_rate (&bucket, 100000, now);
  g_assert_cmpuint (read_for (&bucket, &now, 10 * SECOND, 1), >=, 950000);
  onward_bucket_set_rate (&bucket, 0, now);
  g_assert_cmpuint (onward_bucket_take (&bucket, READ, now), ==, READ);
}

/* What was taken and not read is not lost, and idle time is not saved up. */
static void
test_bucket_gives_back (void)
{
  OnwardBucket bucket = { 0 };
  gint64 now = SECOND;
  gsize taken = 0;

  onward_bucket_set_rate (&bucket, 4000, now);
  g_assert_cmpuint (onward_bucket_take (&bucket, READ, now + 100 * SECOND), ==, 1000);
  now += 101 * SECOND;
  taken = onward_bucket_take (&bucket, 600, now);
  g_assert_cmpuint (taken, ==, 600);
  g_assert_cmpuint (onward_bucket_take (&bucket, 600, now), ==, 400);
  onward_bucket_give_back (&bucket, 1000);
  g_assert_cmpuint (onward_bucket_take (&bucket, READ, now), ==, 1000);
  /* A clock that goes back gives nothing, and takes nothing. */
  g_assert_cmpuint (onward_bucket_take (&bucket, READ, now - 50 * SECOND), ==, 0);
}

/* A wait is never so long that a change of the limit would go unnoticed. */
static void
test_bucket_wait (void)
{
  OnwardBucket bucket = { 0 };

  g_assert_cmpuint (onward_bucket_get_wait (&bucket), ==, 1);
  onward_bucket_set_rate (&bucket, 1, 0);
  g_assert_cmpuint (onward_bucket_get_wait (&bucket), ==, 250);
  onward_bucket_set_rate (&bucket, G_MAXUINT64, 0);
  g_assert_cmpuint (onward_bucket_get_wait (&bucket), >=, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bucket/limits", test_bucket_limits);
  g_test_add_func ("/bucket/changes", test_bucket_changes);
  g_test_add_func ("/bucket/gives-back", test_bucket_gives_back);
  g_test_add_func ("/bucket/wait", test_bucket_wait);
  return g_test_run ();
}
