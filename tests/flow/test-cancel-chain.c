/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-cancel-chain.h"

/* Cancelling the caller's cancels ours, and not the other way round. */
static void
test_cancel_chain_one_way (void)
{
  g_autoptr (GCancellable) theirs = g_cancellable_new ();
  g_autoptr (GCancellable) ours = g_cancellable_new ();
  g_autoptr (GCancellable) others = g_cancellable_new ();
  g_autoptr (OnwardCancelChain) first = onward_cancel_chain_new (theirs, ours);
  g_autoptr (OnwardCancelChain) second = onward_cancel_chain_new (theirs, others);

  g_cancellable_cancel (ours);
  g_assert_false (g_cancellable_is_cancelled (theirs));
  g_cancellable_cancel (theirs);
  g_assert_true (g_cancellable_is_cancelled (others));
}

/* What was cancelled before counts at once; without a caller's there is nothing to follow. */
static void
test_cancel_chain_beginnings (void)
{
  g_autoptr (GCancellable) theirs = g_cancellable_new ();
  g_autoptr (GCancellable) ours = g_cancellable_new ();
  g_autoptr (OnwardCancelChain) none = onward_cancel_chain_new (NULL, ours);
  g_autoptr (OnwardCancelChain) late = NULL;

  g_assert_false (g_cancellable_is_cancelled (ours));
  g_cancellable_cancel (theirs);
  late = onward_cancel_chain_new (theirs, ours);
  g_assert_true (g_cancellable_is_cancelled (ours));
}

/* A chain that was freed passes nothing on. */
static void
test_cancel_chain_ends (void)
{
  g_autoptr (GCancellable) theirs = g_cancellable_new ();
  g_autoptr (GCancellable) ours = g_cancellable_new ();

  onward_cancel_chain_free (onward_cancel_chain_new (theirs, ours));
  g_cancellable_cancel (theirs);
  g_assert_false (g_cancellable_is_cancelled (ours));
}

static void
on_cancelled (GCancellable *ours, OnwardCancelChain **chain)
{
  g_clear_pointer (chain, onward_cancel_chain_free);
}

/* The work may end, and with it the chain, inside of the cancellation itself. */
static void
test_cancel_chain_ends_inside (void)
{
  g_autoptr (GCancellable) theirs = g_cancellable_new ();
  g_autoptr (GCancellable) ours = g_cancellable_new ();
  OnwardCancelChain *chain = onward_cancel_chain_new (theirs, ours);

  g_signal_connect (ours, "cancelled", G_CALLBACK (on_cancelled), &chain);
  g_cancellable_cancel (theirs);
  g_assert_null (chain);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/cancel-chain/one-way", test_cancel_chain_one_way);
  g_test_add_func ("/cancel-chain/beginnings", test_cancel_chain_beginnings);
  g_test_add_func ("/cancel-chain/ends", test_cancel_chain_ends);
  g_test_add_func ("/cancel-chain/ends-inside", test_cancel_chain_ends_inside);
  return g_test_run ();
}
