/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-transfer-fixture.h"
#include "onward-transfer-private.h"
#include "test-monitor.h"

#define BLOCK (16 * 1024)
#define SIZE  (10 * BLOCK + 1234)

/* Nothing in a request tells one user from another. */
static void
test_manners_nothing_personal (void)
{
  static const char *const forbidden[] = {
    "Cookie",          "Authorization",      "Referer", "From", "X-Request-Id",
    "Accept-Language", "Proxy-Authorization"
  };
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
  g_autoptr (GError) error = NULL;

  onward_fault_server_script (fixture->server, "header Set-Cookie: id=42; cut 50000",
                              "status 401; header WWW-Authenticate: Basic realm=x", "ok", NULL);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 3);
  for (guint request = 0; request < 3; request++)
    {
      g_autofree char *agent =
          onward_fault_server_dup_header (fixture->server, request, "User-Agent");

      g_assert_true (g_str_has_prefix (agent, "Onward/"));
      g_assert_cmpuint (strspn (agent + strlen ("Onward/"), "0123456789."), ==,
                        strlen (agent) - strlen ("Onward/"));
      for (guint i = 0; i < G_N_ELEMENTS (forbidden); i++)
        {
          g_autofree char *value =
              onward_fault_server_dup_header (fixture->server, request, forbidden[i]);

          g_assert_null (value);
        }
    }
}

/* A limit holds for the transfer as a whole. */
static void
test_manners_limit (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
  gint64 begun_at = g_get_monotonic_time ();

  onward_fault_server_script (fixture->server, "ok", NULL);
  onward_fetcher_set_rate_limit (fixture->fetcher, 500 * 1000);
  onward_transfer_fixture_complete (fixture, transfer);
  g_assert_cmpint (g_get_monotonic_time () - begun_at, >=, 250 * 1000);
}

static gboolean
on_limit_lifted (gpointer user_data)
{
  onward_fetcher_set_rate_limit (user_data, 0);
  return G_SOURCE_REMOVE;
}

/* A limit under which the file would take two days is lifted while it runs. */
static void
test_manners_limit_changes (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);

  onward_fault_server_script (fixture->server, "ok", NULL);
  onward_fetcher_set_rate_limit (fixture->fetcher, 1);
  (void) g_timeout_add (50, on_limit_lifted, fixture->fetcher);
  onward_transfer_fixture_complete (fixture, transfer);
  g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 1);
}

/* Paused while the limit makes it wait, it stops. */
static void
test_manners_limit_pauses (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
  g_autoptr (GError) error = NULL;

  onward_fault_server_script (fixture->server, "ok", NULL);
  onward_fetcher_set_rate_limit (fixture->fetcher, 20);
  error = onward_transfer_fixture_pause_at (transfer, 1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (onward_transfer_get_bytes_done (transfer), <, SIZE);
}

static void
fall_asleep (OnwardTransfer *transfer, gpointer user_data)
{
  if (onward_transfer_get_bytes_done (transfer) > 0)
    g_setenv ("ONWARD_TEST_ASLEEP_MS", "3600000", TRUE);
}

/* After a night's sleep, the connections of the day before are not waited for. */
static void
test_manners_sleep (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, 0);
  g_autoptr (GError) error = NULL;

  onward_fault_server_script (fixture->server, "stall 50000", "ok", NULL);
  g_signal_connect (transfer, "changed", G_CALLBACK (fall_asleep), NULL);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_unsetenv ("ONWARD_TEST_ASLEEP_MS");
  g_assert_no_error (error);
  onward_transfer_fixture_check (fixture);
  g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 2);
  g_assert_cmpuint (onward_transfer_get_bytes_on_wire (transfer), ==, SIZE);
  g_assert_nonnull (strstr (onward_transfer_get_problem (transfer)->message, "asleep"));
}

typedef struct
{
  TestMonitor *monitor;
  gboolean is_available;
  gboolean is_done;
} Change;

static void
change_network (OnwardTransfer *transfer, gpointer user_data)
{
  Change *change = user_data;

  if (change->is_done || onward_transfer_get_bytes_done (transfer) == 0)
    return;
  change->is_done = TRUE;
  /* It changes several times within a moment. */
  test_monitor_set_available (change->monitor, FALSE);
  test_monitor_set_available (change->monitor, TRUE);
  test_monitor_set_available (change->monitor, change->is_available);
}

/* A connection of the network before brings nothing any more, without ever ending. */
static void
test_manners_network_change (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
      g_autoptr (TestMonitor) monitor = test_monitor_new ();
      g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, 0);
      Change change = { monitor, i == 0, FALSE };

      onward_fault_server_script (fixture->server, "stall 50000", "ok", NULL);
      onward_transfer_set_monitor (transfer, G_NETWORK_MONITOR (monitor));
      g_signal_connect (transfer, "changed", G_CALLBACK (change_network), &change);
      onward_transfer_fixture_complete (fixture, transfer);
      g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 2);
      g_assert_cmpuint (onward_transfer_get_bytes_on_wire (transfer), ==, SIZE);
    }
}

/* A connection that lives through the change is left alone: a limit is no sign of death. It takes
 * longer than the time it is given, which is the real one: a busy machine must not look like a dead
 * connection. */
static void
test_manners_network_change_survived (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (TestMonitor) monitor = test_monitor_new ();
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, 0);
  g_autoptr (GError) error = NULL;
  Change change = { monitor, TRUE, FALSE };

  onward_fault_server_script (fixture->server, "ok", NULL);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1000", TRUE);
  onward_fetcher_set_rate_limit (fixture->fetcher, SIZE / 3);
  onward_transfer_set_monitor (transfer, G_NETWORK_MONITOR (monitor));
  g_signal_connect (transfer, "changed", G_CALLBACK (change_network), &change);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "100", TRUE);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 1);
}

/* A proxy that wants a password is told from a network that is not there. */
static void
test_manners_proxy (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, 0);
  g_autoptr (GError) error = NULL;

  onward_fault_server_script (fixture->server, "status 407", NULL);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_OFFLINE);
  g_assert_nonnull (strstr (error->message, "proxy"));
}

int
main (int argc, char **argv)
{
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "100", TRUE);
  g_setenv ("ONWARD_TEST_DEADLINE_MS", "500", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/manners/nothing-personal", test_manners_nothing_personal);
  g_test_add_func ("/manners/limit", test_manners_limit);
  g_test_add_func ("/manners/limit-changes", test_manners_limit_changes);
  g_test_add_func ("/manners/limit-pauses", test_manners_limit_pauses);
  g_test_add_func ("/manners/sleep", test_manners_sleep);
  g_test_add_func ("/manners/network-change", test_manners_network_change);
  g_test_add_func ("/manners/network-change-survived", test_manners_network_change_survived);
  g_test_add_func ("/manners/proxy", test_manners_proxy);
  return g_test_run ();
}
