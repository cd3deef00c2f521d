/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "../fetch/test-monitor.h"
#include "flow-fixture.h"
#include "onward-flow-private.h"
#include "onward-transfer-private.h"

#define SIZE 4000000

/* Downloads some, and then there is no network any more. */
static TestMonitor *
lose_network (FlowFixture *fixture)
{
  TestMonitor *monitor = test_monitor_new ();
  g_autoptr (GError) error = NULL;

  onward_server_set_rate (fixture->site->server, 4000000);
  g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture->flow, &error));
  flow_fixture_wait_for_bytes (fixture, 1000000);
  onward_transfer_set_monitor (fixture->flow->transfer, G_NETWORK_MONITOR (monitor));
  test_monitor_set_available (monitor, FALSE);
  onward_test_site_stop (fixture->site);
  flow_fixture_run_until (fixture, ONWARD_STATE_OFFLINE);
  return monitor;
}

static void
assert_waits_without_an_end (FlowFixture *fixture)
{
  OnwardStatus *status = onward_flow_get_status (fixture->flow);

  g_assert_no_error (onward_status_get_error (status));
  g_assert_cmpint (onward_status_get_retry_at (status), ==, 0);
  g_assert_cmpint (onward_status_get_time_left (status), ==, -1);
  g_assert_cmpuint (onward_status_get_rate (status), ==, 0);
}

/* Without a network there is nothing to count down to; when it is back, so is the download. */
static void
test_network_comes_back (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (TestMonitor) monitor = NULL;

  flow_fixture_init_beyond (&fixture, SIZE);
  monitor = lose_network (&fixture);
  assert_waits_without_an_end (&fixture);
  onward_test_site_start (fixture.site);
  test_monitor_set_available (monitor, TRUE);
  flow_fixture_settle (&fixture);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

/* A download that waits for the network can be paused, given up and gone on with. */
static void
test_network_decisions_while_offline (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (TestMonitor) other = NULL;
  g_autoptr (GError) error = NULL;

  flow_fixture_init_beyond (&fixture, SIZE);
  monitor = lose_network (&fixture);
  g_assert_true (onward_flow_retry_now (fixture.flow, &error));
  g_assert_true (onward_flow_pause (fixture.flow, &error));
  flow_fixture_settle (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_PAUSED);
  assert_waits_without_an_end (&fixture);

  onward_test_site_start (fixture.site);
  g_assert_true (onward_flow_cancel (fixture.flow, &error));
  other = lose_network (&fixture);
  g_assert_true (onward_flow_cancel (fixture.flow, &error));
  flow_fixture_settle (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_AVAILABLE);

  onward_test_site_start (fixture.site);
  flow_fixture_finish (&fixture, "1.1.0");
}

/* What was lost is told while it is tried again, and no longer. */
static void
test_network_tells_of_a_loss (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;
  OnwardStatus *status;

  flow_fixture_init_beyond (&fixture, SIZE);
  onward_server_set_rate (fixture.site->server, 4000000);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture.flow, &error));
  flow_fixture_wait_for_bytes (&fixture, 1000000);
  onward_test_site_stop (fixture.site);
  flow_fixture_run_until (&fixture, ONWARD_STATE_RECONNECTING);
  do
    {
      g_main_context_iteration (NULL, TRUE);
      status = onward_flow_get_status (fixture.flow);
    }
  while (onward_status_get_retry_at (status) == 0);
  g_assert_nonnull (onward_status_get_error (status));
  g_assert_cmpuint (onward_status_get_bytes_done (status), >=, 1000000);

  onward_test_site_start (fixture.site);
  flow_fixture_run_until (&fixture, ONWARD_STATE_DOWNLOADING);
  g_assert_no_error (onward_status_get_error (onward_flow_get_status (fixture.flow)));
  flow_fixture_settle (&fixture);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

/* A server that asks to be left alone is no lost connection, and says until when. */
static void
test_network_tells_of_a_busy_server (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  gint64 until = g_get_monotonic_time () + 120 * G_USEC_PER_SEC;
  g_autoptr (GError) error = NULL;
  OnwardStatus *status;

  flow_fixture_init_beyond (&fixture, SIZE);
  onward_server_set_rate (fixture.site->server, 4000000);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture.flow, &error));
  flow_fixture_wait_for_bytes (&fixture, 1000000);
  onward_transfer_set_phase (fixture.flow->transfer, ONWARD_TRANSFER_BUSY, until);
  status = onward_flow_get_status (fixture.flow);
  g_assert_cmpint (onward_status_get_state (status), ==, ONWARD_STATE_RECONNECTING);
  g_assert_cmpint (onward_status_get_obstacle (status), ==, ONWARD_OBSTACLE_BUSY);
  g_assert_cmpint (onward_status_get_retry_at (status), ==, until);

  onward_transfer_set_phase (fixture.flow->transfer, ONWARD_TRANSFER_WAITING, until);
  status = onward_flow_get_status (fixture.flow);
  g_assert_cmpint (onward_status_get_obstacle (status), ==, ONWARD_OBSTACLE_CONNECTION);
  flow_fixture_settle (&fixture);
  g_assert_cmpint (onward_status_get_obstacle (onward_flow_get_status (fixture.flow)), ==,
                   ONWARD_OBSTACLE_NONE);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

/* A script's patience ends: with an error, from offline as well. */
static void
test_network_patience_ends (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (TestMonitor) monitor = NULL;

  flow_fixture_init_beyond (&fixture, SIZE);
  onward_flow_set_retries (fixture.flow, 2);
  monitor = lose_network (&fixture);
  flow_fixture_settle (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_FAILED);
  g_assert_nonnull (onward_status_get_error (onward_flow_get_status (fixture.flow)));

  onward_test_site_start (fixture.site);
  flow_fixture_finish (&fixture, "1.1.0");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "50", TRUE);
  g_test_add_func ("/network/comes-back", test_network_comes_back);
  g_test_add_func ("/network/decisions-while-offline", test_network_decisions_while_offline);
  g_test_add_func ("/network/tells-of-a-loss", test_network_tells_of_a_loss);
  g_test_add_func ("/network/tells-of-a-busy-server", test_network_tells_of_a_busy_server);
  g_test_add_func ("/network/patience-ends", test_network_patience_ends);
  return g_test_run ();
}
