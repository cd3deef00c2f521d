/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "flow-fixture.h"
#include "onward-error.h"
#include "onward-switch.h"

#define SMALL 100000
#define LARGE 4000000

/* The application, which stays open while the updater works on the same install. */
typedef struct
{
  FlowFixture updater;
  FlowFixture app; /* borrows the site and the install */
} Pair;

static void
pair_clear (Pair *pair)
{
  flow_fixture_close (&pair->app.flow);
  flow_fixture_clear (&pair->updater);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

static void
pair_init (Pair *pair, guint size)
{
  flow_fixture_init (&pair->updater, size);
  pair->app = pair->updater;
  pair->app.flow = NULL;
  flow_fixture_open (&pair->app);
}

static gboolean
is_restart_due (FlowFixture *fixture)
{
  return onward_status_is_restart_due (onward_flow_get_status (fixture->flow));
}

static OnwardTrial
get_trial (FlowFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardInstall) install = NULL;

  install = onward_install_open (onward_flow_get_paths (fixture->flow), &error);
  g_assert_no_error (error);
  return onward_switch_get_trial (install, NULL);
}

/* While one downloads, or is paused, the other is told so, and changes nothing. */
static void
test_together_busy (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GError) error = NULL;

  pair_init (&pair, LARGE);
  onward_server_set_rate (pair.updater.site->server, 4000000);
  g_assert_true (flow_fixture_check (&pair.updater, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (flow_fixture_check (&pair.app, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_true (onward_flow_start (pair.updater.flow, &error));
  flow_fixture_wait_for_bytes (&pair.updater, 1000000);
  onward_server_set_rate (pair.updater.site->server, 100000);

  g_assert_false (flow_fixture_check (&pair.app, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_false (onward_flow_start (pair.app.flow, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_false (onward_flow_skip (pair.app.flow, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  g_clear_error (&error);

  g_assert_true (onward_flow_pause (pair.updater.flow, &error));
  flow_fixture_settle (&pair.updater);
  g_assert_false (flow_fixture_check (&pair.app, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  g_clear_error (&error);

  g_assert_true (onward_flow_cancel (pair.updater.flow, &error));
  g_assert_true (flow_fixture_check (&pair.app, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_no_error (error);
}

/* Until what the one sees of the other fits @state and @bytes. */
static OnwardStatus *
watch (Pair *pair, OnwardState state, guint64 bytes)
{
  OnwardStatus *status = onward_flow_get_status (pair->app.flow);

  while (onward_status_get_state (status) != state || onward_status_get_bytes_done (status) < bytes)
    {
      g_main_context_iteration (NULL, TRUE);
      status = onward_flow_get_status (pair->app.flow);
    }
  return status;
}

static void
assert_refused (gboolean done, GError **error)
{
  g_assert_false (done);
  g_assert_error (*error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  g_clear_error (error);
}

static gboolean
is_elsewhere (FlowFixture *fixture)
{
  return onward_status_is_elsewhere (onward_flow_get_status (fixture->flow));
}

static void
wait_until_alone (FlowFixture *fixture)
{
  while (is_elsewhere (fixture))
    g_main_context_iteration (NULL, TRUE);
}

static void
begin_slowly (FlowFixture *updater, guint64 bytes)
{
  g_autoptr (GError) error = NULL;

  onward_server_set_rate (updater->site->server, 1000000);
  g_assert_true (flow_fixture_check (updater, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (updater->flow, &error));
  flow_fixture_wait_for_bytes (updater, bytes);
}

/* Who opens an install beside another process at work sees what that does, and how far it is, until
 * it has ended; and decides nothing for it. */
static void
test_together_watches (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GError) error = NULL;
  OnwardStatus *status;
  guint64 total;

  pair_init (&pair, LARGE);
  begin_slowly (&pair.updater, 1000000);
  total = onward_status_get_bytes_total (onward_flow_get_status (pair.updater.flow));

  flow_fixture_open (&pair.app);
  status = watch (&pair, ONWARD_STATE_DOWNLOADING, 1000000);
  g_assert_true (is_elsewhere (&pair.app));
  g_assert_cmpuint (onward_status_get_bytes_total (status), ==, total);
  g_assert_cmpfloat (onward_status_get_progress (status), >, 0.0);
  g_assert_cmpstr (onward_release_get_version (onward_status_get_release (status)), ==, "1.1.0");
  g_assert_false (onward_flow_was_interrupted (pair.app.flow));

  assert_refused (onward_flow_pause (pair.app.flow, &error), &error);
  assert_refused (onward_flow_cancel (pair.app.flow, &error), &error);
  assert_refused (onward_flow_resume (pair.app.flow, &error), &error);
  assert_refused (onward_flow_retry_now (pair.app.flow, &error), &error);

  g_assert_true (onward_flow_pause (pair.updater.flow, &error));
  (void) watch (&pair, ONWARD_STATE_PAUSED, 1000000);
  g_assert_false (onward_flow_was_interrupted (pair.app.flow));
  onward_server_set_rate (pair.updater.site->server, 0);
  flow_fixture_finish (&pair.updater, "1.1.0");
  wait_until_alone (&pair.app);
  g_assert_cmpint (flow_fixture_state (&pair.app), ==, ONWARD_STATE_IDLE);
  g_assert_cmpstr (onward_flow_get_version (pair.app.flow), ==, "1.1.0");
  g_assert_true (is_restart_due (&pair.app));
}

/* Who learns of the other one only when it is refused watches from then on, and leaves it alone
 * when it goes away. */
static void
test_together_watches_who_is_busy (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GError) error = NULL;

  pair_init (&pair, LARGE);
  begin_slowly (&pair.updater, 100000);
  assert_refused (flow_fixture_check (&pair.app, ONWARD_CHECK_MANUAL, &error), &error);
  (void) watch (&pair, ONWARD_STATE_DOWNLOADING, 100000);

  flow_fixture_close (&pair.app.flow);
  onward_server_set_rate (pair.updater.site->server, 0);
  flow_fixture_settle (&pair.updater);
  flow_fixture_assert_current (&pair.updater, "1.1.0");
}

/* Who has finished an update sees the next one, of another process, from its beginning. */
static void
test_together_watches_the_next_update (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GError) error = NULL;
  OnwardStatus *status;

  pair_init (&pair, SMALL);
  flow_fixture_finish (&pair.app, "1.1.0");
  status = onward_flow_get_status (pair.app.flow);
  g_assert_cmpfloat (onward_status_get_progress (status), ==, 1.0);

  onward_test_site_make_tree (pair.app.site, "1.2.0", LARGE);
  onward_test_site_add (pair.app.site, "1.2.0");
  flow_fixture_open (&pair.updater);
  begin_slowly (&pair.updater, 100000);
  assert_refused (flow_fixture_check (&pair.app, ONWARD_CHECK_MANUAL, &error), &error);
  status = watch (&pair, ONWARD_STATE_DOWNLOADING, 100000);
  g_assert_cmpfloat (onward_status_get_progress (status), <, 0.85);
}

/* What one that was killed had written down is not said by who holds the lock now. */
static void
test_together_believes_the_living_only (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardInstall) chore = NULL;

  flow_fixture_init (&fixture, SMALL);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  flow_fixture_close (&fixture.flow);
  flow_fixture_record (&fixture, ONWARD_STATE_DOWNLOADING, "1.1.0");
  flow_fixture_open (&fixture);
  chore = onward_install_open (onward_flow_get_paths (fixture.flow), &error);
  g_assert_true (onward_install_lock (chore, &error));

  flow_fixture_open (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_PAUSED);
  g_assert_true (is_elsewhere (&fixture));
  g_assert_false (onward_flow_was_interrupted (fixture.flow));
  onward_install_unlock (chore);
  wait_until_alone (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_PAUSED);
  g_assert_true (onward_flow_was_interrupted (fixture.flow));
}

/* Who only watches leaves a journal alone that it does not understand: its writer may be newer. */
static void
test_together_leaves_the_journal_alone (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardInstall) chore = NULL;
  g_autofree char *text = NULL;
  g_autofree char *path = NULL;

  flow_fixture_init (&fixture, SMALL);
  flow_fixture_open (&fixture);
  path = g_strdup (onward_paths_get_journal (onward_flow_get_paths (fixture.flow)));
  chore = onward_install_open (onward_flow_get_paths (fixture.flow), &error);
  g_assert_true (onward_install_lock (chore, &error));
  g_file_set_contents (path, "[Onward]\nFormat=2\n", -1, &error);
  g_assert_no_error (error);

  flow_fixture_open (&fixture);
  g_assert_true (is_elsewhere (&fixture));
  assert_refused (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error), &error);
  onward_install_unlock (chore);
  wait_until_alone (&fixture);
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "[Onward]\nFormat=2\n");
}

/* What one has paused and left, the other goes on with. */
static void
test_together_hands_over (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GError) error = NULL;
  guint64 sent;

  pair_init (&pair, LARGE);
  onward_server_set_rate (pair.updater.site->server, 4000000);
  g_assert_true (flow_fixture_check (&pair.updater, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (pair.updater.flow, &error));
  flow_fixture_wait_for_bytes (&pair.updater, 3000000);
  flow_fixture_close (&pair.updater.flow);

  onward_server_set_rate (pair.updater.site->server, 0);
  sent = pair.updater.site->n_bytes;
  g_assert_true (flow_fixture_check (&pair.app, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_no_error (error);
  g_assert_cmpint (flow_fixture_state (&pair.app), ==, ONWARD_STATE_PAUSED);
  g_assert_true (onward_flow_was_interrupted (pair.app.flow));
  flow_fixture_finish (&pair.app, "1.1.0");
  g_assert_cmpuint (pair.updater.site->n_bytes - sent, <, 3500000);
}

/* An application that still runs the old version is not offered what is installed already: it is
 * told that a restart is due. */
static void
test_together_restart_is_due (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GError) error = NULL;

  pair_init (&pair, SMALL);
  g_assert_true (flow_fixture_check (&pair.app, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_false (is_restart_due (&pair.app));
  flow_fixture_finish (&pair.updater, "1.1.0");
  g_assert_true (is_restart_due (&pair.updater));

  g_assert_false (flow_fixture_check (&pair.app, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_no_error (error);
  g_assert_cmpint (flow_fixture_state (&pair.app), ==, ONWARD_STATE_IDLE);
  g_assert_cmpstr (onward_flow_get_version (pair.app.flow), ==, "1.1.0");
  g_assert_true (is_restart_due (&pair.app));
  g_assert_false (onward_flow_start (pair.app.flow, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_STATE);

  flow_fixture_open (&pair.app);
  g_assert_false (is_restart_due (&pair.app));
}

/* An application that already knew of the version presses on although it was installed meanwhile:
 * nothing is done twice. */
static void
test_together_late_start (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GError) error = NULL;

  pair_init (&pair, SMALL);
  g_assert_true (flow_fixture_check (&pair.app, ONWARD_CHECK_AUTOMATIC, &error));
  flow_fixture_finish (&pair.updater, "1.1.0");
  g_assert_false (onward_flow_start (pair.app.flow, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_STATE);
  g_assert_cmpint (flow_fixture_state (&pair.app), ==, ONWARD_STATE_IDLE);
  g_clear_error (&error);

  /* The same for all else that rests on what was seen. */
  flow_fixture_open (&pair.app);
  onward_test_site_make_tree (pair.app.site, "1.2.0", SMALL);
  onward_test_site_add (pair.app.site, "1.2.0");
  g_assert_true (flow_fixture_check (&pair.app, ONWARD_CHECK_AUTOMATIC, &error));
  flow_fixture_finish (&pair.updater, "1.2.0");
  g_assert_false (onward_flow_skip (pair.app.flow, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_STATE);
}

/* Only a version that runs can be marked as good: not the one that was put beside it. */
static void
test_together_marks_its_own_version (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GError) error = NULL;

  pair_init (&pair, SMALL);
  flow_fixture_finish (&pair.updater, "1.1.0");
  g_assert_cmpint (get_trial (&pair.app), ==, ONWARD_TRIAL_PENDING);
  g_assert_true (onward_flow_mark_good (pair.app.flow, &error));
  g_assert_true (onward_flow_mark_good (pair.updater.flow, &error));
  g_assert_no_error (error);
  g_assert_cmpint (get_trial (&pair.app), ==, ONWARD_TRIAL_PENDING);

  flow_fixture_open (&pair.app);
  g_assert_true (onward_flow_mark_good (pair.app.flow, &error));
  g_assert_no_error (error);
  g_assert_cmpint (get_trial (&pair.app), ==, ONWARD_TRIAL_NONE);
}

static gboolean
roll_back (OnwardInstall *install, gpointer data, GCancellable *cancellable, GError **error)
{
  return onward_switch_back (install, NULL, error);
}

static gboolean
run_rollback (FlowFixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  onward_flow_chore_async (fixture->flow, roll_back, NULL, NULL, NULL, onward_test_store_result,
                           &result);
  onward_test_await (&result);
  return onward_flow_chore_finish (fixture->flow, result, NULL, error);
}

/* A version that another process went back to is noticed, and the newer one offered again. */
static void
test_together_notices_a_rollback (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GError) error = NULL;

  pair_init (&pair, SMALL);
  flow_fixture_finish (&pair.updater, "1.1.0");
  g_assert_false (flow_fixture_check (&pair.updater, ONWARD_CHECK_MANUAL, &error));
  g_assert_cmpint (flow_fixture_state (&pair.updater), ==, ONWARD_STATE_IDLE);

  flow_fixture_open (&pair.app);
  g_assert_true (run_rollback (&pair.app, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (onward_flow_get_version (pair.app.flow), ==, "1.0.0");

  g_assert_true (flow_fixture_check (&pair.updater, ONWARD_CHECK_MANUAL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (onward_flow_get_version (pair.updater.flow), ==, "1.0.0");
  g_assert_false (is_restart_due (&pair.updater));
}

/* Maintenance and an update of the same process do not work on the install at once either. */
static void
test_together_one_worker_at_a_time (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SMALL);
  flow_fixture_finish (&fixture, "1.1.0");
  g_assert_true (run_rollback (&fixture, &error));
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture.flow, &error));
  g_assert_false (run_rollback (&fixture, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  g_clear_error (&error);
  flow_fixture_settle (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_APPLIED);

  flow_fixture_open (&fixture);
  g_assert_true (run_rollback (&fixture, &error));
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  onward_flow_chore_async (fixture.flow, roll_back, NULL, NULL, NULL, onward_test_store_result,
                           &result);
  g_assert_false (onward_flow_start (fixture.flow, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  g_clear_error (&error);
  onward_test_await (&result);
  flow_fixture_finish (&fixture, "1.1.0");
}

/* Checks, cancellations and starts leave a caller's cancellable alone: it may be in use for much
 * else. */
static void
test_together_leaves_cancellables_alone (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GCancellable) mine = g_cancellable_new ();
  g_autoptr (GAsyncResult) checked = NULL;
  g_autoptr (GAsyncResult) described = NULL;
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SMALL);
  onward_flow_check_async (fixture.flow, ONWARD_CHECK_MANUAL, mine, onward_test_store_result,
                           &checked);
  g_assert_true (onward_flow_cancel (fixture.flow, &error));
  onward_test_await (&checked);
  g_assert_false (onward_flow_check_finish (fixture.flow, checked, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_IDLE);
  g_assert_false (g_cancellable_is_cancelled (mine));

  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  onward_flow_describe_async (fixture.flow, mine, onward_test_store_result, &described);
  g_assert_true (onward_flow_start (fixture.flow, &error));
  onward_test_await (&described);
  g_assert_false (onward_flow_describe_finish (fixture.flow, described, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_cancellable_is_cancelled (mine));
  flow_fixture_settle (&fixture);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

/* The caller's cancellable ends a check, and the state agrees with the answer. */
static void
test_together_follows_cancellables (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GCancellable) mine = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SMALL);
  onward_flow_check_async (fixture.flow, ONWARD_CHECK_MANUAL, mine, onward_test_store_result,
                           &result);
  g_cancellable_cancel (mine);
  onward_test_await (&result);
  g_assert_false (onward_flow_check_finish (fixture.flow, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_IDLE);
}

/* A check in the middle of a description replaces it; the next description waits for its end. */
static void
test_together_check_replaces_a_description (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) checked = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SMALL);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  onward_flow_describe_async (fixture.flow, NULL, onward_test_store_result, &first);
  onward_flow_check_async (fixture.flow, ONWARD_CHECK_MANUAL, NULL, onward_test_store_result,
                           &checked);
  onward_test_await (&checked);
  g_assert_true (onward_flow_check_finish (fixture.flow, checked, &error));
  onward_flow_describe_async (fixture.flow, NULL, onward_test_store_result, &second);

  onward_test_await (&first);
  g_assert_false (onward_flow_describe_finish (fixture.flow, first, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  onward_test_await (&second);
  g_assert_true (onward_flow_describe_finish (fixture.flow, second, &error));
  g_assert_no_error (error);
  g_assert_true (onward_status_is_described (onward_flow_get_status (fixture.flow)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/together/busy", test_together_busy);
  g_test_add_func ("/together/watches", test_together_watches);
  g_test_add_func ("/together/watches-who-is-busy", test_together_watches_who_is_busy);
  g_test_add_func ("/together/watches-the-next-update", test_together_watches_the_next_update);
  g_test_add_func ("/together/believes-the-living-only", test_together_believes_the_living_only);
  g_test_add_func ("/together/leaves-the-journal-alone", test_together_leaves_the_journal_alone);
  g_test_add_func ("/together/hands-over", test_together_hands_over);
  g_test_add_func ("/together/restart-is-due", test_together_restart_is_due);
  g_test_add_func ("/together/late-start", test_together_late_start);
  g_test_add_func ("/together/marks-its-own-version", test_together_marks_its_own_version);
  g_test_add_func ("/together/notices-a-rollback", test_together_notices_a_rollback);
  g_test_add_func ("/together/one-worker-at-a-time", test_together_one_worker_at_a_time);
  g_test_add_func ("/together/leaves-cancellables-alone", test_together_leaves_cancellables_alone);
  g_test_add_func ("/together/follows-cancellables", test_together_follows_cancellables);
  g_test_add_func ("/together/check-replaces-a-description",
                   test_together_check_replaces_a_description);
  return g_test_run ();
}
