/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "onward-test-sanitizers.h"
#include "onward-test.h"
#include "onward-worker.h"

typedef struct
{
  GThread *thread;
  gboolean fails;
} Job;

static gboolean
note_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Job *job = data;

  job->thread = g_thread_self ();
  if (job->fails)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "as asked");
  return !job->fails;
}

/* Blocking work leaves the main thread, and its result comes back to it. */
static void
test_worker_leaves_the_main_thread (void)
{
  g_autoptr (GCancellable) source = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Job job = { NULL, FALSE };

  onward_worker_run_async (source, note_thread, &job, NULL, NULL, onward_test_store_result,
                           &result);
  onward_test_await (&result);

  g_assert_true (onward_worker_run_finish (result, &error));
  g_assert_no_error (error);
  g_assert_true (onward_worker_get_data (result) == &job);
  g_assert_true (job.thread != NULL && job.thread != g_thread_self ());
}

/* An error of the work is the error of the operation. */
static void
test_worker_passes_errors_on (void)
{
  g_autoptr (GCancellable) source = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Job job = { NULL, TRUE };

  onward_worker_run_async (source, note_thread, &job, NULL, NULL, onward_test_store_result,
                           &result);
  onward_test_await (&result);

  g_assert_false (onward_worker_run_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

/* Work that succeeded is not reported as cancelled: the state would differ from the disk. */
static void
test_worker_success_outlives_cancellation (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Job job = { NULL, FALSE };

  onward_worker_run_async (cancellable, note_thread, &job, NULL, cancellable,
                           onward_test_store_result, &result);
  g_cancellable_cancel (cancellable);
  onward_test_await (&result);

  g_assert_true (onward_worker_run_finish (result, &error));
  g_assert_no_error (error);
}

static gboolean
note_cancellation (gpointer data, GCancellable *cancellable, GError **error)
{
  while (!g_cancellable_is_cancelled (cancellable))
    g_usleep (1000);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* The caller's cancellation reaches the work, also one that came before it began. */
static void
test_worker_follows_cancellation (void)
{
  for (guint before = 0; before <= 1; before++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      if (before)
        g_cancellable_cancel (cancellable);
      onward_worker_run_async (NULL, note_cancellation, NULL, NULL, cancellable,
                               onward_test_store_result, &result);
      g_cancellable_cancel (cancellable);
      onward_test_await (&result);
      g_assert_false (onward_worker_run_finish (result, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

static gboolean
end_slowly (gpointer data, GCancellable *cancellable, GError **error)
{
  (void) note_cancellation (NULL, cancellable, NULL);
  g_usleep (50000);
  g_printerr ("has ended %s\n", (const char *) data);
  return TRUE;
}

static void
on_never (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_assert_not_reached ();
}

/* A process that exits while work is under way ends that first: the libraries it works with are
 * still there. What has not begun yet is not left out. */
static void
test_worker_ends_before_the_process (void)
{
  if (g_test_subprocess ())
    {
      onward_worker_run_async (NULL, end_slowly, (char *) "once", NULL, NULL, on_never, NULL);
      onward_worker_run_async (NULL, end_slowly, (char *) "twice", NULL, NULL, on_never, NULL);
      exit (0);
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*has ended once*");
  g_test_trap_assert_stderr ("*has ended twice*");
}

/* A child of a fork has none of its parent's threads, and does not wait for them. */
static void
test_worker_leaves_forks_alone (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  int status = -1;
  pid_t child;

#ifdef ONWARD_TEST_SANITIZED
  g_test_skip ("the search for leaks would take the child's threads for leaks");
  return;
#endif

  onward_worker_run_async (NULL, note_cancellation, NULL, NULL, cancellable,
                           onward_test_store_result, &result);
  child = fork ();
  if (child == 0)
    {
      /* Nothing but what was registered for the end may run here. */
      fclose (stdout);
      exit (0);
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  g_cancellable_cancel (cancellable);
  onward_test_await (&result);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/worker/leaves-the-main-thread", test_worker_leaves_the_main_thread);
  g_test_add_func ("/worker/passes-errors-on", test_worker_passes_errors_on);
  g_test_add_func ("/worker/success-outlives-cancellation",
                   test_worker_success_outlives_cancellation);
  g_test_add_func ("/worker/follows-cancellation", test_worker_follows_cancellation);
  g_test_add_func ("/worker/ends-before-the-process", test_worker_ends_before_the_process);
  g_test_add_func ("/worker/leaves-forks-alone", test_worker_leaves_forks_alone);
  return g_test_run ();
}
