/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-progress.h"

/* The one bar begins at nothing, ends at all, and never goes back on the way. */
static void
test_progress_grows_along_the_way (void)
{
  static const OnwardStatusFields way[] = {
    { .state = ONWARD_STATE_DOWNLOADING, .bytes_done = 0, .bytes_total = 0 },
    { .state = ONWARD_STATE_DOWNLOADING, .bytes_done = 1, .bytes_total = 100 },
    { .state = ONWARD_STATE_RECONNECTING, .bytes_done = 40, .bytes_total = 100 },
    { .state = ONWARD_STATE_OFFLINE, .bytes_done = 40, .bytes_total = 100 },
    { .state = ONWARD_STATE_PAUSED, .bytes_done = 41, .bytes_total = 100 },
    { .state = ONWARD_STATE_DOWNLOADING, .bytes_done = 100, .bytes_total = 100 },
    { .state = ONWARD_STATE_VERIFYING },
    { .state = ONWARD_STATE_STAGING, .files_done = 0, .files_total = 0 },
    { .state = ONWARD_STATE_STAGING, .files_done = 3, .files_total = 9 },
    { .state = ONWARD_STATE_STAGING, .files_done = 9, .files_total = 9 },
    { .state = ONWARD_STATE_READY },
    { .state = ONWARD_STATE_APPLIED },
  };
  double before = 0.0;

  g_assert_cmpfloat (onward_progress_get (&way[0]), ==, 0.0);
  for (guint i = 0; i < G_N_ELEMENTS (way); i++)
    {
      double progress = onward_progress_get (&way[i]);

      g_assert_cmpfloat (progress, >=, before);
      g_assert_cmpfloat (progress, <=, 1.0);
      before = progress;
    }
  g_assert_cmpfloat (before, ==, 1.0);
}

/* A total that was too low does not push the bar over its end. */
static void
test_progress_is_bounded (void)
{
  OnwardStatusFields fields = { .state = ONWARD_STATE_STAGING, .files_done = 10, .files_total = 5 };

  g_assert_cmpfloat (onward_progress_get (&fields), ==, 1.0);
}

/* While an update is on its way the bar never goes back, whatever it goes through; the next one
 * begins anew. */
static void
test_progress_never_goes_back (void)
{
  static const struct
  {
    double before;
    OnwardStatusFields fields;
    gboolean is_updating;
    double expected;
  } steps[] = {
    { 0.9, { .state = ONWARD_STATE_AVAILABLE }, TRUE, 0.9 },
    { 0.9, { .state = ONWARD_STATE_DOWNLOADING, .bytes_done = 1, .bytes_total = 2 }, TRUE, 0.9 },
    { 0.1, { .state = ONWARD_STATE_DOWNLOADING, .bytes_done = 1, .bytes_total = 1 }, TRUE, 0.85 },
    { 0.9, { .state = ONWARD_STATE_DOWNLOADING }, TRUE, 0.9 },
    { 0.9, { .state = ONWARD_STATE_STAGING, .files_done = 9, .files_total = 9 }, TRUE, 1.0 },
    { 0.9, { .state = ONWARD_STATE_AVAILABLE }, FALSE, 0.0 },
    { 1.0, { .state = ONWARD_STATE_IDLE }, FALSE, 0.0 },
    { 0.0, { .state = ONWARD_STATE_PAUSED, .bytes_done = 1, .bytes_total = 1 }, FALSE, 0.85 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      OnwardStatusFields before = { .progress = steps[i].before };
      double progress = onward_progress_go_on (&before, &steps[i].fields, steps[i].is_updating);

      g_assert_cmpfloat_with_epsilon (progress, steps[i].expected, 1e-9);
    }
}

/* How far this process had come says nothing of what another one does, nor the other way round. */
static void
test_progress_is_of_one_process (void)
{
  OnwardStatusFields here = { .state = ONWARD_STATE_DOWNLOADING, .progress = 1.0 };
  OnwardStatusFields there = here;

  here.bytes_done = there.bytes_done = 1;
  here.bytes_total = there.bytes_total = 10;
  there.elsewhere = TRUE;
  g_assert_cmpfloat_with_epsilon (onward_progress_go_on (&here, &there, FALSE), 0.085, 1e-9);
  g_assert_cmpfloat_with_epsilon (onward_progress_go_on (&there, &here, FALSE), 0.085, 1e-9);
  g_assert_cmpfloat_with_epsilon (onward_progress_go_on (&there, &there, FALSE), 1.0, 1e-9);
}

/* Where nothing is under way there is no progress. */
static void
test_progress_rests (void)
{
  static const OnwardState states[] = { ONWARD_STATE_IDLE, ONWARD_STATE_CHECKING,
                                        ONWARD_STATE_AVAILABLE, ONWARD_STATE_FAILED };

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      OnwardStatusFields fields = { .state = states[i], .bytes_done = 5, .bytes_total = 10 };

      g_assert_cmpfloat (onward_progress_get (&fields), ==, 0.0);
    }
}

/* Bytes never go backwards, nor beyond the whole; another whole begins anew. */
static void
test_progress_counts (void)
{
  static const struct
  {
    guint64 done, total, expected;
  } steps[] = { { 0, 100, 0 },   { 40, 100, 40 },   { 0, 100, 40 }, { 39, 100, 40 },
                { 41, 100, 41 }, { 200, 100, 100 }, { 7, 50, 7 },   { 3, 50, 7 },
                { 3, 100, 3 },   { 9, 0, 0 } };
  OnwardStatusFields fields = { .state = ONWARD_STATE_DOWNLOADING };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      onward_progress_count (&fields, steps[i].done, steps[i].total);
      g_assert_cmpuint (fields.bytes_done, ==, steps[i].expected);
      g_assert_cmpuint (fields.bytes_total, ==, steps[i].total);
    }
}

/* Another plan takes nothing back of what has come: the update costs that on top. One that has more
 * than was told, as when files turn out to be damaged, costs nothing twice. */
static void
test_progress_goes_on_with_another_plan (void)
{
  static const struct
  {
    guint64 told, done, total, expected_done, expected_total, spent;
  } plans[] = {
    { 0, 0, 100, 0, 100, 0 },
    { 0, 30, 100, 30, 100, 0 },
    { 5, 0, 100, 5, 105, 5 },
    { 40, 40, 100, 40, 100, 0 },
    { 40, 60, 100, 60, 100, 0 },
    { 40, 10, 100, 40, 130, 30 },
    { G_GUINT64_CONSTANT (5) << 32, 0, 7, G_GUINT64_CONSTANT (5) << 32,
      (G_GUINT64_CONSTANT (5) << 32) + 7, G_GUINT64_CONSTANT (5) << 32 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    {
      OnwardStatusFields fields = { .bytes_done = plans[i].told, .bytes_total = 6 };
      guint64 spent = onward_progress_replan (&fields, plans[i].done, plans[i].total);

      g_assert_cmpuint (spent, ==, plans[i].spent);
      g_assert_cmpuint (fields.bytes_done, ==, plans[i].expected_done);
      g_assert_cmpuint (fields.bytes_total, ==, plans[i].expected_total);
      g_assert_cmpuint (fields.bytes_total - fields.bytes_done, ==, plans[i].total - plans[i].done);
    }
}

/* What is written down is understood after a restart, when all clocks but that on the wall begin
 * anew; what a clock that was set makes of it is not believed. */
static void
test_progress_is_told_to_others (void)
{
  static const struct
  {
    gint64 wait, later, expected; /* seconds; a wait of -1 is none, and so is an expected one */
  } waits[] = { { -1, 0, -1 },  { 60, 0, 60 },      { 60, 50, 10 },
                { 60, 60, -1 }, { 60, -86400, -1 }, { 86400, 0, 86400 } };

  for (guint i = 0; i < G_N_ELEMENTS (waits); i++)
    {
      const gint64 second = G_USEC_PER_SEC;
      OnwardStatusFields told = { .state = ONWARD_STATE_RECONNECTING,
                                  .bytes_done = 40,
                                  .bytes_total = 100,
                                  .files_done = 3,
                                  .files_total = 9,
                                  .rate = 7,
                                  .time_left = 11,
                                  .obstacle = ONWARD_OBSTACLE_BUSY };
      OnwardStatusFields seen = { .state = ONWARD_STATE_RECONNECTING };
      OnwardJournalProgress record;

      told.retry_at = waits[i].wait < 0 ? 0 : (5000 + waits[i].wait) * second;
      onward_progress_record (&told, 5000 * second, 1790931600, &record);
      onward_progress_watch (&seen, &record, 70 * second, 1790931600 + waits[i].later);
      g_assert_cmpuint (seen.bytes_done, ==, 40);
      g_assert_cmpuint (seen.bytes_total, ==, 100);
      g_assert_cmpuint (seen.files_done, ==, 3);
      g_assert_cmpuint (seen.files_total, ==, 9);
      g_assert_cmpuint (seen.rate, ==, 7);
      g_assert_cmpint (seen.time_left, ==, 11);
      g_assert_cmpint (seen.obstacle, ==, ONWARD_OBSTACLE_BUSY);
      g_assert_cmpint (seen.retry_at, ==,
                       waits[i].expected < 0 ? 0 : (70 + waits[i].expected) * second);
    }
}

/* A later run begins with the bytes that were told, and not with more than all. */
static void
test_progress_is_resumed (void)
{
  OnwardJournalProgress record = { .bytes_done = 40, .bytes_total = 100, .rate = 9 };
  OnwardStatusFields fields = { .state = ONWARD_STATE_PAUSED };

  onward_progress_resume (&fields, &record);
  g_assert_cmpuint (fields.bytes_done, ==, 40);
  g_assert_cmpuint (fields.bytes_total, ==, 100);
  g_assert_cmpuint (fields.rate, ==, 0);
  g_assert_cmpuint (onward_progress_plan (&fields, 0, 30, 100), ==, 0);
  g_assert_cmpuint (fields.bytes_done, ==, 40);
  g_assert_cmpuint (onward_progress_plan (&fields, 0, 30, 60), ==, 10);
  g_assert_cmpuint (fields.bytes_done, ==, 40);
  g_assert_cmpuint (fields.bytes_total, ==, 70);
  g_assert_cmpuint (onward_progress_plan (&fields, 10, 35, 60), ==, 10);
  g_assert_cmpuint (fields.bytes_done, ==, 45);

  record.bytes_done = 200;
  onward_progress_resume (&fields, &record);
  g_assert_cmpuint (fields.bytes_done, ==, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/progress/grows-along-the-way", test_progress_grows_along_the_way);
  g_test_add_func ("/progress/is-bounded", test_progress_is_bounded);
  g_test_add_func ("/progress/counts", test_progress_counts);
  g_test_add_func ("/progress/goes-on-with-another-plan", test_progress_goes_on_with_another_plan);
  g_test_add_func ("/progress/is-told-to-others", test_progress_is_told_to_others);
  g_test_add_func ("/progress/is-resumed", test_progress_is_resumed);
  g_test_add_func ("/progress/never-goes-back", test_progress_never_goes_back);
  g_test_add_func ("/progress/is-of-one-process", test_progress_is_of_one_process);
  g_test_add_func ("/progress/rests", test_progress_rests);
  return g_test_run ();
}
