/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-clock.h"
#include "onward-status-private.h"
#include "onward-terminal.h"
#include "onward-test.h"

#define MEGABYTE G_GUINT64_CONSTANT (1000000)

/* Whatever could move the cursor, turn the reading order or break a line is spelt out. */
static void
test_terminal_escape (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } cases[] = {
    { "", "" },
    { "plain “text” – 更新 ✓ é", "plain “text” – 更新 ✓ é" },
    { "\033[2Jgone", "\\u001b[2Jgone" },
    { "100 %\rdone\b\b", "100 %\\u000ddone\\u0008\\u0008" },
    { "one\ntwo\tthree", "one\\u000atwo\\u0009three" },
    { "\x7f\xc2\x9b", "\\u007f\\u009b" },
    { "\xe2\x80\xaetxt.exe", "\\u202etxt.exe" },
    { "\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c", "\\u2066\\u200f\\u061c" },
    { "a\xe2\x80\xa8z", "a\\u2028z" },
    { "\xef\xbb\xbf", "\\ufeff" },
    { "\xf3\xa0\x81\x81", "\\U000e0041" },
    { "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80",
      "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80" },
    { "a\xff\xc3", "a\xef\xbf\xbd\xef\xbf\xbd" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *escaped = onward_terminal_escape (cases[i].text);

      g_assert_cmpstr (escaped, ==, cases[i].expected);
    }
}

/* Notes keep their lines and tabs, also those written on Windows, and nothing else. */
static void
test_terminal_escape_lines (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } cases[] = {
    { "# New\n\n* one\n\ttwo\n", "# New\n\n* one\n\ttwo\n" },
    { "one\r\ntwo\r\n", "one\ntwo\n" },
    { "over\rwritten", "over\\u000dwritten" },
    { "\r\r\n\n", "\\u000d\n\n" },
    { "a\n\033[31mred\n\xff", "a\n\\u001b[31mred\n\xef\xbf\xbd" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *escaped = onward_terminal_escape_lines (cases[i].text);

      g_assert_cmpstr (escaped, ==, cases[i].expected);
    }
}

/* Each state has words of its own. */
static void
test_terminal_describe_every_state (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int state = 0; state <= ONWARD_STATE_LAST; state++)
    {
      g_autoptr (OnwardStatus) status = onward_status_new (
          &(OnwardStatusFields){ .state = (OnwardState) state,
                                 .obstacle = state == ONWARD_STATE_OFFLINE ? ONWARD_OBSTACLE_OFFLINE
                                                                           : ONWARD_OBSTACLE_NONE,
                                 .bytes_total = 1,
                                 .retry_at = 1 });
      char *text = onward_terminal_describe (status);

      g_assert_cmpstr (text, !=, "");
      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_assert_null (strchr (text, '\n'));
      /* Ready lasts no longer than it takes to switch. */
      g_assert_true (g_hash_table_add (seen, text) || state == ONWARD_STATE_APPLYING);
    }
}

/* What a download tells: sizes, speed, and the time in the unit that people would choose. */
static void
test_terminal_describe_download (void)
{
  static const struct
  {
    guint64 done;
    guint64 total;
    guint64 rate;
    int time_left;
    const char *expected;
  } cases[] = {
    { 0, 0, 0, -1, "Connecting…" },
    { 5, 10, 2, -1, "5.0 MB of 10.0 MB downloaded – 2.0 MB/s" },
    { 5, 10, 1, 5, "5.0 MB of 10.0 MB downloaded – 1.0 MB/s – About 5 s left" },
    { 1, 10, 1, 60, "1.0 MB of 10.0 MB downloaded – 1.0 MB/s – About 1 min left" },
    { 1, 10, 1, 61, "1.0 MB of 10.0 MB downloaded – 1.0 MB/s – About 2 min left" },
    { 1, 10, 1, 7320, "1.0 MB of 10.0 MB downloaded – 1.0 MB/s – About 2 h 2 min left" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardStatus) status = onward_status_new (&(OnwardStatusFields){
          .state = ONWARD_STATE_DOWNLOADING,
          .bytes_done = cases[i].done * MEGABYTE,
          .bytes_total = cases[i].total * MEGABYTE,
          .rate = cases[i].rate * MEGABYTE,
          .time_left = cases[i].time_left,
      });
      g_autofree char *text = onward_terminal_describe (status);
      g_auto (GStrv) parts = g_strsplit (text, "\xc2\xa0", -1);
      g_autofree char *plain = g_strjoinv (" ", parts);

      g_assert_cmpstr (plain, ==, cases[i].expected);
    }
}

/* Nobody is told of none of no files. */
static void
test_terminal_describe_staging (void)
{
  static const struct
  {
    guint done;
    guint total;
    const char *expected;
  } cases[] = {
    { 0, 0, "Installing" },
    { 0, 25, "Installing – 0 of 25 files" },
    { 25, 25, "Installing – 25 of 25 files" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardStatus) status =
          onward_status_new (&(OnwardStatusFields){ .state = ONWARD_STATE_STAGING,
                                                    .files_done = cases[i].done,
                                                    .files_total = cases[i].total });
      g_autofree char *text = onward_terminal_describe (status);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

/* The countdown to the next try never shows less than no time. */
static void
test_terminal_describe_wait (void)
{
  static const struct
  {
    int seconds;
    const char *expected;
  } cases[] = {
    { 30, "Connection lost. Trying again in 30 s" },
    { -30, "Connection lost. Trying again in 0 s" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardStatus) status = onward_status_new (&(OnwardStatusFields){
          .state = ONWARD_STATE_RECONNECTING,
          .retry_at = onward_clock_get_time () + cases[i].seconds * G_USEC_PER_SEC,
      });
      g_autofree char *text = onward_terminal_describe (status);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

/* What the computer has slept is waited already: the countdown goes on, and so does the time of day
 * that a busy server names, which stays the same. */
static void
test_terminal_counts_while_asleep (void)
{
  g_autoptr (OnwardStatus) status = onward_status_new (&(OnwardStatusFields){
      .state = ONWARD_STATE_RECONNECTING,
      .obstacle = ONWARD_OBSTACLE_CONNECTION,
      .retry_at = onward_clock_get_time () + 60 * G_USEC_PER_SEC,
  });
  g_autofree char *before = onward_terminal_describe (status);
  g_autofree char *after = NULL;

  g_setenv ("ONWARD_TEST_ASLEEP_MS", "50000", TRUE);
  after = onward_terminal_describe (status);
  g_unsetenv ("ONWARD_TEST_ASLEEP_MS");
  g_assert_cmpstr (before, ==, "Connection lost. Trying again in 60 s");
  g_assert_cmpstr (after, ==, "Connection lost. Trying again in 10 s");
}

/* Each obstacle has words of its own; a server that is busy names the time. */
static void
test_terminal_describe_obstacles (void)
{
  static const struct
  {
    OnwardState state;
    OnwardObstacle obstacle;
    const char *expected;
  } cases[] = {
    { ONWARD_STATE_PAUSED, ONWARD_OBSTACLE_NONE, "^The update is paused$" },
    { ONWARD_STATE_PAUSED, ONWARD_OBSTACLE_METERED, "^This network may charge for data\\." },
    { ONWARD_STATE_OFFLINE, ONWARD_OBSTACLE_OFFLINE, "^No internet connection\\." },
    { ONWARD_STATE_OFFLINE, ONWARD_OBSTACLE_SIGN_IN, "^This network asks you to sign in\\." },
    { ONWARD_STATE_RECONNECTING, ONWARD_OBSTACLE_CONNECTION, "^Connection lost\\." },
    { ONWARD_STATE_RECONNECTING, ONWARD_OBSTACLE_BUSY,
      "^The server is busy\\. Trying again at [0-2][0-9]:[0-5][0-9]$" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardStatus) status = onward_status_new (&(OnwardStatusFields){
          .state = cases[i].state,
          .obstacle = cases[i].obstacle,
          .retry_at = onward_clock_get_time () + 600 * G_USEC_PER_SEC,
      });
      g_autofree char *text = onward_terminal_describe (status);

      g_assert_true (g_regex_match_simple (cases[i].expected, text, 0, 0));
    }
}

/* The bar fills with the progress and stays on one line of any terminal. */
static void
test_terminal_draw_progress (void)
{
  static const struct
  {
    double progress;
    glong columns;
    const char *expected;
  } cases[] = {
    { 0.0, 80, "[                        ]   0 %  The update is paused" },
    { 0.5, 80, "[############            ]  50 %  The update is paused" },
    { 1.0, 80, "[########################] 100 %  The update is paused" },
    { 9.9, 80, "[########################] 100 %  The update is paused" },
    { -1.0, 80, "[                        ]   0 %  The update is paused" },
    { 0.5, 40, "[############            ]  50 %  The u" },
    { 0.5, 11, "[#########" },
    { 0.5, 1, "" },
    { 0.5, 0, "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardStatus) status = onward_status_new (
          &(OnwardStatusFields){ .state = ONWARD_STATE_PAUSED, .progress = cases[i].progress });
      g_autofree char *line = onward_terminal_draw_progress (status, cases[i].columns);

      g_assert_cmpstr (line, ==, cases[i].expected);
    }
}

/* A line is cut between characters. */
static void
test_terminal_draw_progress_cuts_characters (void)
{
  g_autoptr (OnwardStatus) status =
      onward_status_new (&(OnwardStatusFields){ .state = ONWARD_STATE_CHECKING });

  for (glong columns = 0; columns < 70; columns++)
    {
      g_autofree char *line = onward_terminal_draw_progress (status, columns);

      g_assert_true (g_utf8_validate (line, -1, NULL));
      g_assert_cmpint (g_utf8_strlen (line, -1), <=, MAX (columns - 1, 0));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/terminal/escape", test_terminal_escape);
  g_test_add_func ("/terminal/escape-lines", test_terminal_escape_lines);
  g_test_add_func ("/terminal/describe-every-state", test_terminal_describe_every_state);
  g_test_add_func ("/terminal/describe-download", test_terminal_describe_download);
  g_test_add_func ("/terminal/describe-staging", test_terminal_describe_staging);
  g_test_add_func ("/terminal/describe-wait", test_terminal_describe_wait);
  g_test_add_func ("/terminal/counts-while-asleep", test_terminal_counts_while_asleep);
  g_test_add_func ("/terminal/describe-obstacles", test_terminal_describe_obstacles);
  g_test_add_func ("/terminal/draw-progress", test_terminal_draw_progress);
  g_test_add_func ("/terminal/draw-progress-cuts-characters",
                   test_terminal_draw_progress_cuts_characters);
  return g_test_run ();
}
