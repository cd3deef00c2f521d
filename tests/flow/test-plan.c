/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-plan.h"

#define BLOCK ONWARD_PACK_BLOCK_SIZE

/* The sizes of a step need its pack and ranges only. */
static OnwardPlanStep
make_step (OnwardPackInfo *pack, OnwardRanges *ranges)
{
  OnwardPlanStep step = { .pack = pack, .ranges = ranges };

  return step;
}

static OnwardPackInfo *
make_pack (guint64 size)
{
  gsize n_blocks = (gsize) ((size + BLOCK - 1) / BLOCK);
  g_autofree guint8 *zeros = g_malloc0 (n_blocks * ONWARD_DIGEST_SIZE);
  g_autoptr (GBytes) blocks = g_bytes_new (zeros, n_blocks * ONWARD_DIGEST_SIZE);
  OnwardDigest digest = { { 0 } };

  return onward_pack_info_new (ONWARD_PACK_FULL, NULL, &digest, size, 100, BLOCK, blocks);
}

/* What is fetched are whole blocks, but no more than the pack has. */
static void
test_plan_counts_whole_blocks (void)
{
  g_autoptr (OnwardPackInfo) pack = make_pack (3 * (guint64) BLOCK + 500);
  g_autoptr (OnwardRanges) ranges = onward_ranges_new ();
  OnwardPlanStep step = make_step (pack, ranges);

  g_assert_cmpuint (onward_plan_step_get_size (&step), ==, 0);
  onward_ranges_add (ranges, 0, 1);
  g_assert_cmpuint (onward_plan_step_get_size (&step), ==, BLOCK);
  onward_ranges_add (ranges, 5, BLOCK + 1);
  g_assert_cmpuint (onward_plan_step_get_size (&step), ==, 2 * BLOCK);
  onward_ranges_add (ranges, 3 * (guint64) BLOCK + 499, 3 * (guint64) BLOCK + 500);
  g_assert_cmpuint (onward_plan_step_get_size (&step), ==, 2 * BLOCK + 500);
}

/* What was received counts where the plan needs it, and nowhere else. */
static void
test_plan_counts_what_is_here (void)
{
  g_autoptr (OnwardPackInfo) pack = make_pack (4 * (guint64) BLOCK);
  g_autoptr (OnwardRanges) ranges = onward_ranges_new ();
  g_autoptr (OnwardRanges) received = onward_ranges_new ();
  OnwardPlanStep step = make_step (pack, ranges);

  onward_ranges_add (ranges, 0, 2 * BLOCK);
  g_assert_cmpuint (onward_plan_step_get_bytes_here (&step, received), ==, 0);
  onward_ranges_add (received, BLOCK, 4 * (guint64) BLOCK);
  g_assert_cmpuint (onward_plan_step_get_bytes_here (&step, received), ==, BLOCK);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/counts-whole-blocks", test_plan_counts_whole_blocks);
  g_test_add_func ("/plan/counts-what-is-here", test_plan_counts_what_is_here);
  return g_test_run ();
}
