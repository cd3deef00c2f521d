/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "../fetch/test-monitor.h"
#include "flow-fixture.h"
#include "onward-error.h"
#include "onward-flow-private.h"

#define SIZE 4000000

/* The monitor outlives the flow that is opened anew. */
static TestMonitor *
follow_network (FlowFixture *fixture, gboolean is_metered)
{
  TestMonitor *monitor = test_monitor_new ();

  test_monitor_set_metered (monitor, is_metered);
  onward_flow_obstacle_watch (fixture->flow, G_NETWORK_MONITOR (monitor));
  return monitor;
}

static OnwardObstacle
get_obstacle (FlowFixture *fixture)
{
  return onward_status_get_obstacle (onward_flow_get_status (fixture->flow));
}

static void
run_until_held (FlowFixture *fixture)
{
  flow_fixture_run_until (fixture, ONWARD_STATE_PAUSED);
  g_assert_cmpint (get_obstacle (fixture), ==, ONWARD_OBSTACLE_METERED);
  g_assert_false (onward_status_is_stopping (onward_flow_get_status (fixture->flow)));
}

/* Begins to download and stops halfway, since the network has turned metered. */
static TestMonitor *
turn_metered (FlowFixture *fixture)
{
  TestMonitor *monitor = follow_network (fixture, FALSE);
  g_autoptr (GError) error = NULL;

  onward_server_set_rate (fixture->site->server, 4000000);
  g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture->flow, &error));
  flow_fixture_wait_for_bytes (fixture, 1000000);
  test_monitor_set_metered (monitor, TRUE);
  run_until_held (fixture);
  return monitor;
}

/* A network that turns metered stops the download; it goes on by itself when that is over. */
static void
test_metered_comes_and_goes (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (TestMonitor) monitor = NULL;

  flow_fixture_init_beyond (&fixture, SIZE);
  monitor = turn_metered (&fixture);
  g_assert_cmpuint (onward_status_get_bytes_done (onward_flow_get_status (fixture.flow)), >=,
                    1000000);
  test_monitor_set_metered (monitor, FALSE);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_DOWNLOADING);
  g_assert_cmpint (get_obstacle (&fixture), ==, ONWARD_OBSTACLE_NONE);
  flow_fixture_settle (&fixture);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

/* A network that is metered for a moment only costs no more than that moment. */
static void
test_metered_for_a_moment (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (GError) error = NULL;

  flow_fixture_init_beyond (&fixture, SIZE);
  monitor = follow_network (&fixture, FALSE);
  onward_server_set_rate (fixture.site->server, 4000000);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture.flow, &error));
  flow_fixture_wait_for_bytes (&fixture, 1000000);
  test_monitor_set_metered (monitor, TRUE);
  test_monitor_set_metered (monitor, FALSE);
  flow_fixture_settle (&fixture);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

/* Over a metered network only metadata and notes are fetched, and no byte of a pack. */
static void
test_metered_downloads_nothing (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (GError) error = NULL;
  OnwardStatus *status;

  flow_fixture_init_beyond (&fixture, SIZE);
  monitor = follow_network (&fixture, TRUE);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_cmpint (get_obstacle (&fixture), ==, ONWARD_OBSTACLE_METERED);
  g_assert_true (flow_fixture_describe (&fixture, &error));
  g_assert_no_error (error);
  status = onward_flow_get_status (fixture.flow);
  g_assert_true (onward_status_is_described (status));
  g_assert_cmpuint (onward_status_get_bytes_total (status), >=, SIZE);
  g_assert_cmpuint (onward_status_get_full_size (status), ==, 0);

  g_assert_true (onward_flow_start (fixture.flow, &error));
  run_until_held (&fixture);
  flow_fixture_wait_for_quiet (&fixture);
  g_assert_cmpuint (fixture.site->n_bytes, <, 100000);

  onward_flow_obstacle_set_use_metered (fixture.flow, TRUE);
  flow_fixture_settle (&fixture);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

static gboolean
is_looking_into_a_pack (FlowFixture *fixture)
{
  g_autofree char *parts = g_build_filename (fixture->install, "var", "parts", NULL);
  g_autoptr (GDir) dir = g_dir_open (parts, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".full"))
      return TRUE;
  return FALSE;
}

/* A network that turns metered while the size of the update is being found out ends that: what it
 * costs at most is told instead, and a decision is still waited for. */
static void
test_metered_while_describing (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  OnwardStatus *status;

  flow_fixture_init_beyond (&fixture, SIZE);
  monitor = follow_network (&fixture, FALSE);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  onward_server_set_rate (fixture.site->server, 100000);
  onward_flow_describe_async (fixture.flow, NULL, onward_test_store_result, &result);
  while (!is_looking_into_a_pack (&fixture))
    g_main_context_iteration (NULL, TRUE);
  test_monitor_set_metered (monitor, TRUE);
  onward_test_await (&result);
  g_assert_true (onward_flow_describe_finish (fixture.flow, result, &error));
  g_assert_no_error (error);

  status = onward_flow_get_status (fixture.flow);
  g_assert_cmpint (onward_status_get_state (status), ==, ONWARD_STATE_AVAILABLE);
  g_assert_cmpint (get_obstacle (&fixture), ==, ONWARD_OBSTACLE_METERED);
  g_assert_true (onward_status_is_described (status));
  g_assert_cmpuint (onward_status_get_bytes_total (status), >=, SIZE);
  g_assert_cmpuint (onward_status_get_full_size (status), ==, 0);
}

/* A network that turns metered while the document of an update is fetched holds the update. */
static void
test_metered_while_beginning (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (GError) error = NULL;

  flow_fixture_init_beyond (&fixture, 1000);
  monitor = follow_network (&fixture, FALSE);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  onward_server_set_rate (fixture.site->server, 100);
  g_assert_true (onward_flow_start (fixture.flow, &error));
  test_monitor_set_metered (monitor, TRUE);
  run_until_held (&fixture);
  onward_server_set_rate (fixture.site->server, 0);
  test_monitor_set_metered (monitor, FALSE);
  flow_fixture_settle (&fixture);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

/* What was allowed is not asked for again, and can be taken back. */
static void
test_metered_allowed (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (GError) error = NULL;

  flow_fixture_init_beyond (&fixture, SIZE);
  monitor = follow_network (&fixture, TRUE);
  onward_flow_obstacle_set_use_metered (fixture.flow, TRUE);
  onward_server_set_rate (fixture.site->server, 4000000);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_cmpint (get_obstacle (&fixture), ==, ONWARD_OBSTACLE_NONE);
  g_assert_true (onward_flow_start (fixture.flow, &error));
  flow_fixture_wait_for_bytes (&fixture, 1000000);
  onward_flow_obstacle_set_use_metered (fixture.flow, FALSE);
  run_until_held (&fixture);
  onward_flow_obstacle_set_use_metered (fixture.flow, TRUE);
  flow_fixture_settle (&fixture);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

/* What waits can be paused for good, or given up. */
static void
test_metered_decisions (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (GError) error = NULL;

  flow_fixture_init_beyond (&fixture, SIZE);
  monitor = turn_metered (&fixture);
  g_assert_true (onward_flow_pause (fixture.flow, &error));
  g_assert_cmpint (get_obstacle (&fixture), ==, ONWARD_OBSTACLE_NONE);
  test_monitor_set_metered (monitor, FALSE);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_PAUSED);
  g_assert_false (onward_flow_pause (fixture.flow, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_STATE);
  g_clear_error (&error);

  test_monitor_set_metered (monitor, TRUE);
  g_assert_true (onward_flow_resume (fixture.flow, &error));
  run_until_held (&fixture);
  g_assert_true (onward_flow_cancel (fixture.flow, &error));
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_AVAILABLE);
  g_assert_cmpint (get_obstacle (&fixture), ==, ONWARD_OBSTACLE_METERED);
  test_monitor_set_metered (monitor, FALSE);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_AVAILABLE);
  g_assert_cmpint (get_obstacle (&fixture), ==, ONWARD_OBSTACLE_NONE);
  flow_fixture_finish (&fixture, "1.1.0");
}

/* The end of a process is no pause: the next one goes on by itself. */
static void
test_metered_outlives_a_process (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (GError) error = NULL;

  flow_fixture_init_beyond (&fixture, SIZE);
  monitor = turn_metered (&fixture);
  flow_fixture_open (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_PAUSED);
  g_assert_true (onward_flow_was_interrupted (fixture.flow));
  g_assert_true (onward_flow_resume (fixture.flow, &error));
  flow_fixture_settle (&fixture);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

/* What lies on this computer costs nothing. */
static void
test_metered_is_not_local (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (TestMonitor) monitor = NULL;

  flow_fixture_init (&fixture, 100000);
  monitor = follow_network (&fixture, TRUE);
  flow_fixture_finish (&fixture, "1.1.0");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/metered/comes-and-goes", test_metered_comes_and_goes);
  g_test_add_func ("/metered/for-a-moment", test_metered_for_a_moment);
  g_test_add_func ("/metered/downloads-nothing", test_metered_downloads_nothing);
  g_test_add_func ("/metered/while-describing", test_metered_while_describing);
  g_test_add_func ("/metered/while-beginning", test_metered_while_beginning);
  g_test_add_func ("/metered/allowed", test_metered_allowed);
  g_test_add_func ("/metered/decisions", test_metered_decisions);
  g_test_add_func ("/metered/outlives-a-process", test_metered_outlives_a_process);
  g_test_add_func ("/metered/is-not-local", test_metered_is_not_local);
  return g_test_run ();
}
