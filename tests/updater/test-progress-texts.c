/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-progress-texts.h"
#include "onward-status-private.h"
#include "screens.h"

#define NBSP "\u00a0"

static void
assert_text (char *actual, const char *expected)
{
  g_assert_cmpstr (actual, ==, expected);
  g_free (actual);
}

/* Sizes are short, and a number never parts from its unit. */
static void
test_progress_texts_size (void)
{
  assert_text (onward_progress_texts_dup_size (0), "0" NBSP "bytes");
  assert_text (onward_progress_texts_dup_size (820000), "820" NBSP "kB");
  assert_text (onward_progress_texts_dup_size (12400000), "12.4" NBSP "MB");
  assert_text (onward_progress_texts_dup_size (68000000), "68" NBSP "MB");
}

/* An amount says its unit once, unless the two differ. */
static void
test_progress_texts_amount (void)
{
  assert_text (onward_progress_texts_dup_amount (5100000, 12400000), "5.1 of 12.4" NBSP "MB");
  assert_text (onward_progress_texts_dup_amount (12400000, 12400000), "12.4 of 12.4" NBSP "MB");
  assert_text (onward_progress_texts_dup_amount (820000, 12400000),
               "820" NBSP "kB of 12.4" NBSP "MB");
}

/* The time left is rounded up in steps that grow with it. */
static void
test_progress_texts_time_left (void)
{
  static const struct
  {
    gint seconds;
    const char *expected;
  } cases[] = {
    { -1, "Estimating time left" },
    { 0, "About 5 seconds left" },
    { 5, "About 5 seconds left" },
    { 9, "About 10 seconds left" },
    { 56, "About 1 minute left" },
    { 60, "About 1 minute left" },
    { 75, "About 1 minute and 30 seconds left" },
    { 150, "About 2 minutes and 30 seconds left" },
    { 271, "About 5 minutes left" },
    { 301, "About 6 minutes left" },
    { 3599, "About 1 hour left" },
    { 7200, "About 2 hours left" },
    { G_MAXINT, "About 100 hours left" },
    { G_MININT, "Estimating time left" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_text (onward_progress_texts_dup_time_left (cases[i].seconds), cases[i].expected);
}

static OnwardStatus *
new_status (OnwardState state, OnwardObstacle obstacle, gint64 retry_at)
{
  OnwardStatusFields fields = { .state = state, .obstacle = obstacle, .retry_at = retry_at };

  return onward_status_new (&fields);
}

/* A countdown never shows "0 seconds", and says who wishes it. */
static void
test_progress_texts_countdown (void)
{
  const gint64 second = G_USEC_PER_SEC;
  static const struct
  {
    double seconds;
    const char *expected;
    OnwardObstacle obstacle;
  } cases[] = {
    { 12, "Connection lost. Trying again in 12 seconds" },
    { 11.2, "Connection lost. Trying again in 12 seconds" },
    { 1, "Connection lost. Trying again in 1 second" },
    { 0.001, "Connection lost. Trying again in 1 second" },
    { 0, "Connecting…" },
    { -3, "Connecting…" },
    { 70, "Connection lost. Trying again in 70 seconds" },
    { 60, "The server is busy. Trying again in 1 minute", ONWARD_OBSTACLE_BUSY },
    { 61, "The server is busy. Trying again in 2 minutes", ONWARD_OBSTACLE_BUSY },
    { 3600, "The server is busy. Trying again in 60 minutes", ONWARD_OBSTACLE_BUSY },
    { 0, "Connecting…", ONWARD_OBSTACLE_BUSY },
    { 60, "This network asks you to sign in. Open any web page to do so, and the download goes on.",
      ONWARD_OBSTACLE_SIGN_IN },
    { 0, "This network may charge for data. The download waits.", ONWARD_OBSTACLE_METERED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardStatus) status =
          new_status (ONWARD_STATE_RECONNECTING, cases[i].obstacle,
                      1000 * second + (gint64) (cases[i].seconds * second));

      assert_text (onward_progress_texts_dup_countdown (status, 1000 * second), cases[i].expected);
    }
}

/* Whoever waits for hours is told the time of day, and whether it is tomorrow's. */
static void
test_progress_texts_busy_for_hours (void)
{
  const gint64 hours[] = { 2, 24 };

  for (gsize i = 0; i < G_N_ELEMENTS (hours); i++)
    {
      g_autoptr (OnwardStatus) status = new_status (ONWARD_STATE_RECONNECTING, ONWARD_OBSTACLE_BUSY,
                                                    hours[i] * 3600 * G_USEC_PER_SEC);
      g_autoptr (GDateTime) now = g_date_time_new_now_local ();
      g_autoptr (GDateTime) then = g_date_time_add_hours (now, (gint) hours[i]);
      g_autofree char *text = onward_progress_texts_dup_countdown (status, 0);
      gboolean tomorrow = g_date_time_get_day_of_month (now) != g_date_time_get_day_of_month (then);

      g_assert_true (g_regex_match_simple (
          tomorrow ? "^The server is busy\\. Trying again tomorrow at [0-2][0-9]:[0-5][0-9]$"
                   : "^The server is busy\\. Trying again at [0-2][0-9]:[0-5][0-9]$",
          text, 0, 0));
    }
}

/* One megabyte is, and every other number of them are. */
static void
test_progress_texts_plural (void)
{
  g_assert_cmpuint (onward_progress_texts_count_for (1000000), ==, 1);
  g_assert_cmpuint (onward_progress_texts_count_for (1040000), ==, 1);
  g_assert_cmpuint (onward_progress_texts_count_for (1500000), ==, 15);
  g_assert_cmpuint (onward_progress_texts_count_for (5000), ==, 5);
  g_assert_cmpuint (onward_progress_texts_count_for (820000), ==, 820);
}

/* Without a network there is nothing to count. */
static void
test_progress_texts_offline (void)
{
  g_autoptr (OnwardStatus) status =
      new_status (ONWARD_STATE_OFFLINE, ONWARD_OBSTACLE_OFFLINE, 5 * G_USEC_PER_SEC);
  g_autoptr (OnwardStatus) trying =
      new_status (ONWARD_STATE_RECONNECTING, ONWARD_OBSTACLE_CONNECTION, 0);

  assert_text (onward_progress_texts_dup_countdown (status, 0),
               "No internet connection. The download goes on when you are back online");
  assert_text (onward_progress_texts_dup_countdown (trying, 0), "Connecting…");
}

/* Each step of an update says what it does, in two lines at most. */
static void
test_progress_texts_steps (void)
{
  static const struct
  {
    const char *screen;
    const char *status;
    const char *detail;
  } cases[] = {
    { "preparing", "Preparing the download", "" },
    { "downloading", "5.1 of 12.4" NBSP "MB downloaded – 820" NBSP "kB/s",
      "About 10 seconds left" },
    { "estimating", "5.1 of 12.4" NBSP "MB downloaded – 820" NBSP "kB/s", "Estimating time left" },
    { "elsewhere", "5.1 of 12.4" NBSP "MB downloaded – 820" NBSP "kB/s",
      "Inkwell is being updated in another window (or by another user)." },
    { "stopping", "Stopping…", "" },
    { "reconnecting", "5.1 of 12.4" NBSP "MB are kept", "" },
    { "offline", "5.1 of 12.4" NBSP "MB are kept", "" },
    { "metered", "5.1 of 12.4" NBSP "MB are kept", "" },
    { "metered-at-first", "", "" },
    { "paused", "5.1 of 12.4" NBSP "MB downloaded", "" },
    { "verifying", "Checking the download", "You can keep working in Inkwell." },
    { "installing", "Installing – 312 of 840 files", "You can keep working in Inkwell." },
    { "applying", "Installing – 840 of 840 files", "You can keep working in Inkwell." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardStatus) status = screens_new_status (cases[i].screen);

      assert_text (onward_progress_texts_dup_status (status), cases[i].status);
      assert_text (onward_progress_texts_dup_detail (status, "Inkwell"), cases[i].detail);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/progress-texts/size", test_progress_texts_size);
  g_test_add_func ("/progress-texts/amount", test_progress_texts_amount);
  g_test_add_func ("/progress-texts/time-left", test_progress_texts_time_left);
  g_test_add_func ("/progress-texts/countdown", test_progress_texts_countdown);
  g_test_add_func ("/progress-texts/busy-for-hours", test_progress_texts_busy_for_hours);
  g_test_add_func ("/progress-texts/plural", test_progress_texts_plural);
  g_test_add_func ("/progress-texts/offline", test_progress_texts_offline);
  g_test_add_func ("/progress-texts/steps", test_progress_texts_steps);
  return g_test_run ();
}
