/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "flow-fixture.h"
#include "onward-error.h"

#define SMALL 100000
#define LARGE 6000000

static void
assert_text (FlowFixture *fixture, const char *name)
{
  g_autofree char *tree = g_build_filename (fixture->site->dir, "trees", "1.1.0", NULL);
  g_autofree char *folder = g_build_filename (fixture->install, "current", NULL);
  g_autofree char *expected = onward_test_read (tree, name);
  g_autofree char *actual = onward_test_read (folder, name);

  g_assert_cmpstr (actual, ==, expected);
}

/* The main job: told of a newer version, the user says now, and it is there. */
static void
test_flow_updates (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SMALL);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_no_error (error);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_AVAILABLE);

  g_assert_true (onward_flow_start (fixture.flow, &error));
  flow_fixture_run_until (&fixture, ONWARD_STATE_APPLIED);
  flow_fixture_assert_current (&fixture, "1.1.0");
  assert_text (&fixture, "bin/app");
  g_assert_cmpfloat (onward_status_get_progress (onward_flow_get_status (fixture.flow)), ==, 1.0);
}

/* With nothing new a check ends idle; the second one costs one request. */
static void
test_flow_finds_nothing_new (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autofree char *newest = NULL;
  g_autoptr (GError) error = NULL;
  guint before;

  flow_fixture_init (&fixture, SMALL);
  newest = onward_test_site_install (fixture.site, "1.1.0");
  g_free (fixture.install);
  fixture.install = g_steal_pointer (&newest);
  flow_fixture_open (&fixture);

  g_assert_false (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_IDLE);

  before = fixture.site->n_requests;
  g_assert_false (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fixture.site->n_requests - before, ==, 1);
}

/* A description tells notes and size before anything is downloaded. */
static void
test_flow_describes (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;
  OnwardStatus *status;

  flow_fixture_init (&fixture, LARGE);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (flow_fixture_describe (&fixture, &error));
  g_assert_no_error (error);

  status = onward_flow_get_status (fixture.flow);
  g_assert_true (onward_status_is_described (status));
  g_assert_cmpuint (onward_status_get_bytes_done (status), ==, 0);
  g_assert_cmpuint (onward_status_get_bytes_total (status), >=, LARGE);
  g_assert_cmpuint (onward_status_get_bytes_total (status), <, LARGE + 2 * 1048576);
  g_assert_cmpuint (fixture.site->n_bytes, <, LARGE);
}

/* A start while the description still runs begins when that has ended, and gets there. */
static void
test_flow_starts_while_describing (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SMALL);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  onward_flow_describe_async (fixture.flow, NULL, onward_test_store_result, &result);
  g_assert_true (onward_flow_start (fixture.flow, &error));
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_DOWNLOADING);
  flow_fixture_run_until (&fixture, ONWARD_STATE_APPLIED);
  onward_test_await (&result);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

/* A check that begins and ends while the description runs leaves it what it works with. */
static void
test_flow_checks_while_describing (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SMALL);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  onward_server_set_latency (fixture.site->server, 50);
  onward_flow_describe_async (fixture.flow, NULL, onward_test_store_result, &result);
  onward_server_set_latency (fixture.site->server, 0);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  onward_test_await (&result);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_AVAILABLE);
}

/* What a caller cancels with is its own: a start that ends the description does not cancel it. */
static void
test_flow_leaves_the_callers_cancellable (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SMALL);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  onward_flow_describe_async (fixture.flow, cancellable, onward_test_store_result, &result);
  g_assert_true (onward_flow_start (fixture.flow, &error));
  onward_test_await (&result);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  flow_fixture_run_until (&fixture, ONWARD_STATE_APPLIED);
}

/* Paused means paused: the lock is kept, the state survives the process, and resuming goes on. */
static void
test_flow_pause_survives_a_restart (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;
  guint64 sent;

  flow_fixture_init (&fixture, LARGE);
  onward_server_set_rate (fixture.site->server, 4000000);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture.flow, &error));
  flow_fixture_wait_for_bytes (&fixture, 3000000);
  g_assert_true (onward_flow_pause (fixture.flow, &error));
  g_assert_true (onward_status_is_stopping (onward_flow_get_status (fixture.flow)));
  flow_fixture_run_until (&fixture, ONWARD_STATE_PAUSED);
  g_assert_false (onward_status_is_stopping (onward_flow_get_status (fixture.flow)));

  flow_fixture_open (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_PAUSED);
  g_assert_false (onward_flow_was_interrupted (fixture.flow));
  g_assert_true (flow_fixture_describe (&fixture, &error));
  g_assert_cmpuint (onward_status_get_bytes_done (onward_flow_get_status (fixture.flow)), >=,
                    2000000);

  onward_server_set_rate (fixture.site->server, 0);
  flow_fixture_wait_for_quiet (&fixture);
  sent = fixture.site->n_bytes;
  g_assert_true (onward_flow_resume (fixture.flow, &error));
  flow_fixture_run_until (&fixture, ONWARD_STATE_APPLIED);
  g_assert_cmpuint (fixture.site->n_bytes - sent, <, LARGE - 1900000);
  flow_fixture_assert_current (&fixture, "1.1.0");
  assert_text (&fixture, "share/version");
}

/* A server that goes away is waited for; when it is back the download goes on by itself. */
static void
test_flow_reconnects (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, LARGE);
  onward_server_set_rate (fixture.site->server, 4000000);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture.flow, &error));
  flow_fixture_wait_for_bytes (&fixture, 1500000);
  onward_test_site_stop (fixture.site);
  flow_fixture_run_until (&fixture, ONWARD_STATE_RECONNECTING);

  onward_test_site_start (fixture.site);
  (void) onward_flow_retry_now (fixture.flow, NULL);
  flow_fixture_run_until (&fixture, ONWARD_STATE_APPLIED);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

/* Cancelling leads back to the choice, keeps what was received and gives the lock back. */
static void
test_flow_cancels (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (OnwardFlow) other = NULL;
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, LARGE);
  onward_server_set_rate (fixture.site->server, 4000000);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture.flow, &error));
  flow_fixture_wait_for_bytes (&fixture, 1500000);
  g_assert_true (onward_flow_cancel (fixture.flow, &error));
  flow_fixture_run_until (&fixture, ONWARD_STATE_AVAILABLE);
  flow_fixture_assert_current (&fixture, "1.0.0");

  flow_fixture_let_go (&fixture);
  other = onward_flow_new (fixture.install, &error);
  g_assert_no_error (error);
  g_assert_true (onward_flow_start (other, &error));
  g_assert_no_error (error);
  g_assert_false (onward_flow_start (fixture.flow, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
}

/* What does not fit the present state is refused, and changes nothing. */
static void
test_flow_refuses_what_does_not_fit (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean (*intents[]) (OnwardFlow *, GError **) = { onward_flow_start,     onward_flow_pause,
                                                      onward_flow_resume,    onward_flow_cancel,
                                                      onward_flow_retry_now, onward_flow_dismiss };

  flow_fixture_init (&fixture, SMALL);
  for (guint i = 0; i < G_N_ELEMENTS (intents); i++)
    {
      g_assert_false (intents[i](fixture.flow, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_STATE);
      g_clear_error (&error);
      g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_IDLE);
    }
}

/* A skipped version is not offered by itself again, but by hand. */
static void
test_flow_skips (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SMALL);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_true (onward_flow_skip (fixture.flow, &error));
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_IDLE);

  flow_fixture_open (&fixture);
  g_assert_false (flow_fixture_check (&fixture, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_no_error (error);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
}

/* A reminder put off is quiet until its time. */
static void
test_flow_reminds_later (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SMALL);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_true (onward_flow_remind_later (fixture.flow, 3600, &error));
  g_assert_false (flow_fixture_check (&fixture, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_remind_later (fixture.flow, 0, &error));
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_no_error (error);
}

/* A server that is not there is an error with a name, and the next check may follow at once. */
static void
test_flow_tells_failures (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SMALL);
  onward_test_site_stop (fixture.site);
  g_assert_false (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_cmpint (error->domain, ==, ONWARD_ERROR);
  g_assert_true (error->code == ONWARD_ERROR_OFFLINE || error->code == ONWARD_ERROR_SERVER);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_FAILED);
  g_assert_nonnull (onward_status_get_error (onward_flow_get_status (fixture.flow)));
  g_clear_error (&error);

  onward_test_site_start (fixture.site);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_no_error (error);
}

/* A version that the launcher took back is told of once and not offered again. */
static void
test_flow_remembers_what_did_not_start (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;
  const GError *told;

  flow_fixture_init (&fixture, SMALL);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  onward_test_write (fixture.install, "var/reverted", "1.1.0\n1.0.0\n");

  flow_fixture_open (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_FAILED);
  told = onward_status_get_error (onward_flow_get_status (fixture.flow));
  g_assert_error (told, ONWARD_ERROR, ONWARD_ERROR_DID_NOT_START);
  g_assert_true (onward_flow_dismiss (fixture.flow, &error));
  g_assert_no_error (error);

  flow_fixture_open (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_IDLE);
  g_assert_false (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "20", TRUE);
  g_test_add_func ("/flow/updates", test_flow_updates);
  g_test_add_func ("/flow/finds-nothing-new", test_flow_finds_nothing_new);
  g_test_add_func ("/flow/describes", test_flow_describes);
  g_test_add_func ("/flow/starts-while-describing", test_flow_starts_while_describing);
  g_test_add_func ("/flow/checks-while-describing", test_flow_checks_while_describing);
  g_test_add_func ("/flow/leaves-the-callers-cancellable",
                   test_flow_leaves_the_callers_cancellable);
  g_test_add_func ("/flow/pause-survives-a-restart", test_flow_pause_survives_a_restart);
  g_test_add_func ("/flow/reconnects", test_flow_reconnects);
  g_test_add_func ("/flow/cancels", test_flow_cancels);
  g_test_add_func ("/flow/refuses-what-does-not-fit", test_flow_refuses_what_does_not_fit);
  g_test_add_func ("/flow/skips", test_flow_skips);
  g_test_add_func ("/flow/reminds-later", test_flow_reminds_later);
  g_test_add_func ("/flow/tells-failures", test_flow_tells_failures);
  g_test_add_func ("/flow/remembers-what-did-not-start", test_flow_remembers_what_did_not_start);
  return g_test_run ();
}
