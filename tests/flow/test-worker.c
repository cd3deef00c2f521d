/* SPDX-License-Identifier: LGPL-2.1-or-later */

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/worker/leaves-the-main-thread", test_worker_leaves_the_main_thread);
  g_test_add_func ("/worker/passes-errors-on", test_worker_passes_errors_on);
  g_test_add_func ("/worker/success-outlives-cancellation",
                   test_worker_success_outlives_cancellation);
  return g_test_run ();
}
