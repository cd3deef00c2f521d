/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <unistd.h>

#include "onward-exit.h"
#include "onward-interrupt.h"

/* Waits for a signal to be heard: it is dispatched by another thread. */
static void
wait_until_cancelled (GCancellable *cancellable)
{
  while (!g_cancellable_is_cancelled (cancellable))
    g_usleep (1000);
}

/* Each signal that asks the process to end cancels the work instead. */
static void
test_interrupt_cancels (void)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autoptr (OnwardInterrupt) interrupt = onward_interrupt_new ();
      GCancellable *cancellable = onward_interrupt_get_cancellable (interrupt);

      g_assert_false (g_cancellable_is_cancelled (cancellable));
      g_assert_cmpint (kill (getpid (), signals[i]), ==, 0);
      wait_until_cancelled (cancellable);
    }
}

/* It can end before its thread has begun, as often as one likes. */
static void
test_interrupt_ends_at_once (void)
{
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (OnwardInterrupt) interrupt = onward_interrupt_new ();

      g_assert_nonnull (interrupt);
    }
}

/* The second signal ends the process, without waiting for anything. */
static void
test_interrupt_second_signal (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (OnwardInterrupt) interrupt = onward_interrupt_new ();

      (void) kill (getpid (), SIGINT);
      wait_until_cancelled (onward_interrupt_get_cancellable (interrupt));
      (void) kill (getpid (), SIGINT);
      g_usleep (20 * G_USEC_PER_SEC);
      _exit (0);
    }

  g_test_trap_subprocess (NULL, 10 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
  g_assert_false (g_test_trap_has_passed ());
  g_assert_false (g_test_trap_reached_timeout ());
}

/* Afterwards a signal does again what it did before. */
static void
test_interrupt_restores (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (OnwardInterrupt) interrupt = onward_interrupt_new ();

      g_clear_pointer (&interrupt, onward_interrupt_free);
      (void) kill (getpid (), SIGTERM);
      g_usleep (20 * G_USEC_PER_SEC);
      _exit (0);
    }

  g_test_trap_subprocess (NULL, 10 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
  g_assert_false (g_test_trap_has_passed ());
  g_assert_false (g_test_trap_reached_timeout ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/interrupt/cancels", test_interrupt_cancels);
  g_test_add_func ("/interrupt/ends-at-once", test_interrupt_ends_at_once);
  g_test_add_func ("/interrupt/second-signal", test_interrupt_second_signal);
  g_test_add_func ("/interrupt/restores", test_interrupt_restores);
  return g_test_run ();
}
