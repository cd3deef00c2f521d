/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-crowd.h"

#define SECOND G_USEC_PER_SEC
#define TICK   (SECOND / 4)
#define MIB    (1024.0 * 1024.0)
#define PLENTY (G_GUINT64_CONSTANT (1) << 40)

/* A line: what one connection brings at most, and all together; bytes a second. */
typedef struct
{
  const char *name;
  double alone;
  double together;
  guint cuts; /* one every so many ticks, or 0 */
  guint lanes;
} Line;

/* clang-format off */
static const Line lines[] = {
  { "fast",                    100 * MIB, 100 * MIB, 0,  1 },
  { "fast-for-many",           100 * MIB, 800 * MIB, 0,  1 },
  { "slow",                    1 * MIB,   1 * MIB,   0,  1 },
  { "slow-a-connection",       2 * MIB,   100 * MIB, 0,  8 },
  { "slow-for-three",          2 * MIB,   6 * MIB,   0,  3 },
  { "slow-for-nearly-six",     2 * MIB,   11 * MIB,  0,  6 },
  { "slow-for-two-and-a-bit",  2 * MIB,   4.3 * MIB, 0,  2 },
  { "hardly-faster",           2 * MIB,   2.4 * MIB, 0,  1 },
  { "fast-and-lossy",          20 * MIB,  80 * MIB,  30, 4 },
  { "dead",                    0,         0,         0,  1 },
};
/* clang-format on */

static void
run (OnwardCrowd *crowd, const Line *line, gint64 *inout_now, double *inout_bytes, guint ticks)
{
  for (guint i = 0; i < ticks; i++)
    {
      double rate = MIN (line->alone * crowd->lanes, line->together);

      *inout_now += TICK;
      *inout_bytes += rate * TICK / SECOND;
      if (line->cuts != 0 && i % line->cuts == 0)
        onward_crowd_note_cut (crowd, *inout_now);
      onward_crowd_judge (crowd, rate > 0 ? crowd->lanes : 0, (guint64) *inout_bytes, PLENTY,
                          *inout_now);
    }
}

/* As many connections as bring something, one where one will do. */
static void
test_crowd_line (gconstpointer data)
{
  const Line *line = data;
  OnwardCrowd crowd;
  gint64 now = 7 * SECOND;
  double bytes = 0.0;

  onward_crowd_begin (&crowd, 8);
  run (&crowd, line, &now, &bytes, 4 * 19);
  g_assert_cmpuint (crowd.lanes, ==, line->lanes);
}

/* Where every connection brings the same, there are soon many, and no look is wasted. */
static void
test_crowd_grows (void)
{
  const guint expected[] = { 1, 4, 8 };
  OnwardCrowd crowd;
  gint64 now = SECOND;
  double bytes = 0.0;

  onward_crowd_begin (&crowd, 8);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_assert_cmpuint (crowd.lanes, ==, expected[i]);
      run (&crowd, &lines[3], &now, &bytes, 4);
    }
}

/* One that brings nothing is tried again ever more rarely. */
static void
test_crowd_is_patient (void)
{
  const Line *slow = &lines[2];
  OnwardCrowd crowd;
  gint64 now = SECOND;
  double bytes = 0.0;
  guint trials = 0;

  onward_crowd_begin (&crowd, 8);
  for (guint i = 0; i < 4 * 3600; i++)
    {
      guint before = crowd.lanes;

      run (&crowd, slow, &now, &bytes, 1);
      g_assert_cmpuint (crowd.lanes, <=, trials == 0 || i < 12 ? 4 : 2);
      trials += crowd.lanes > before;
    }
  g_assert_cmpuint (trials, >=, 5);
  g_assert_cmpuint (trials, <=, 15);
}

/* The end of a file is not worth another connection. */
static void
test_crowd_not_at_the_end (void)
{
  OnwardCrowd crowd;
  guint64 bytes = 0;

  onward_crowd_begin (&crowd, 8);
  for (gint64 now = SECOND; now < 60 * SECOND; now += TICK)
    {
      bytes += 1 << 18;
      onward_crowd_judge (&crowd, crowd.lanes, bytes, 4 << 20, now);
      g_assert_cmpuint (crowd.lanes, ==, 1);
    }
}

/* A server that takes no second connection is not asked for one all the time. */
static void
test_crowd_refused (void)
{
  const Line *line = &lines[3];
  OnwardCrowd crowd;
  gint64 now = SECOND;
  double bytes = 0.0;

  onward_crowd_begin (&crowd, 4);
  run (&crowd, line, &now, &bytes, 4);
  g_assert_cmpuint (crowd.lanes, ==, 4);
  for (guint left = 3; left > 0; left--)
    {
      onward_crowd_note_refused (&crowd, now);
      g_assert_cmpuint (crowd.lanes, ==, left);
    }
  run (&crowd, line, &now, &bytes, 4 * 25);
  g_assert_cmpuint (crowd.lanes, ==, 1);
  run (&crowd, line, &now, &bytes, 4 * 30);
  g_assert_cmpuint (crowd.lanes, ==, 4);
  onward_crowd_limit (&crowd, 1);
  g_assert_cmpuint (crowd.lanes, ==, 1);
  onward_crowd_note_refused (&crowd, now);
  g_assert_cmpuint (crowd.lanes, ==, 1);
}

/* How fast the first connection is shows within a few looks, unless it still gets faster. */
static void
test_crowd_first_look (void)
{
  /* clang-format off */
  static const struct { double first, growth; guint ticks, lanes; } cases[] = {
    { 2 * MIB,    1.0, 2,   1 },
    { 2 * MIB,    1.0, 4,   4 },
    { 2 * MIB,    1.2, 4,   4 },
    { 2 * MIB,    0.5, 4,   4 },
    { 20 * MIB,   1.0, 100, 1 },
    { 1000,       1.0, 100, 1 },
    { 0.05 * MIB, 1.5, 100, 1 },
    { 0.05 * MIB, 4.0, 100, 1 },
  };
  /* clang-format on */

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OnwardCrowd crowd;
      gint64 now = SECOND;
      double bytes = 0.0, rate = cases[i].first;

      onward_crowd_begin (&crowd, 8);
      for (guint tick = 0; tick < cases[i].ticks; tick++)
        {
          onward_crowd_judge (&crowd, crowd.lanes > 1 ? 0 : 1, (guint64) bytes, PLENTY, now);
          now += SECOND / 20;
          bytes += rate / 20;
          rate = MIN (rate * cases[i].growth, 100 * MIB);
        }
      g_assert_cmpuint (crowd.lanes, ==, cases[i].lanes);
    }
}

/* A first look that falls into a moment of silence is put right before the others begin. */
static void
test_crowd_second_thoughts (void)
{
  /* What comes in each twentieth of a second, of 100 kB that a connection brings: nothing, then
   * what was held up. */
  static const guint kilobytes[] = { 100, 20, 0, 0, 280, 100, 100 };
  OnwardCrowd crowd;
  gint64 now = SECOND;
  guint64 bytes = 0;

  onward_crowd_begin (&crowd, 4);
  for (guint i = 0; i < G_N_ELEMENTS (kilobytes); i++)
    {
      onward_crowd_judge (&crowd, 1, bytes, PLENTY, now);
      bytes += kilobytes[i] * 1000;
      now += SECOND / 20;
    }
  g_assert_cmpuint (crowd.lanes, ==, 4);
  /* A line that carries no more than one connection does, and two at best. */
  for (guint i = 0; i < 30; i++)
    {
      onward_crowd_judge (&crowd, crowd.lanes, bytes, PLENTY, now);
      bytes += 200 * 1000;
      now += SECOND / 20;
    }
  g_assert_cmpuint (crowd.lanes, <=, 3);
}

/* One that takes long to begin is judged when it has begun, or after a while. */
static void
test_crowd_waits_for_the_new_one (void)
{
  OnwardCrowd crowd;
  gint64 now = SECOND;
  guint64 bytes = 0;
  gint64 tried_at = 0;

  onward_crowd_begin (&crowd, 2);
  for (; crowd.lanes == 1 && now < 100 * SECOND; now += TICK)
    onward_crowd_judge (&crowd, 1, bytes += 1 << 18, PLENTY, now);
  tried_at = now;
  for (; crowd.lanes == 2 && now < 100 * SECOND; now += TICK)
    onward_crowd_judge (&crowd, 1, bytes += 1 << 18, PLENTY, now);
  g_assert_cmpuint (crowd.lanes, ==, 1);
  g_assert_cmpint (now - tried_at, >=, 5 * SECOND);
  g_assert_cmpint (now - tried_at, <=, 8 * SECOND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *path = g_strdup_printf ("/crowd/line/%s", lines[i].name);

      g_test_add_data_func (path, &lines[i], test_crowd_line);
    }
  g_test_add_func ("/crowd/grows", test_crowd_grows);
  g_test_add_func ("/crowd/first-look", test_crowd_first_look);
  g_test_add_func ("/crowd/second-thoughts", test_crowd_second_thoughts);
  g_test_add_func ("/crowd/is-patient", test_crowd_is_patient);
  g_test_add_func ("/crowd/not-at-the-end", test_crowd_not_at_the_end);
  g_test_add_func ("/crowd/refused", test_crowd_refused);
  g_test_add_func ("/crowd/waits-for-the-new-one", test_crowd_waits_for_the_new_one);
  return g_test_run ();
}
