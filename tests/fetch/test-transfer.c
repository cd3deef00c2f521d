/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-clock.h"
#include "onward-error.h"
#include "onward-transfer-fixture.h"
#include "onward-transfer-private.h"
#include "test-monitor.h"

#define BLOCK (16 * 1024)
#define SIZE  (10 * BLOCK + 1234)

static gboolean
on_time_over (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_REMOVE;
}

/* Runs until @transfer is in @phase, then pauses it; gives up after 5 s. */
typedef struct
{
  OnwardTransferPhase phase;
  GCancellable *cancellable;
  gint64 retry_at;
  gboolean is_reached;
} Target;

static void
on_changed (OnwardTransfer *transfer, gpointer user_data)
{
  Target *target = user_data;

  if (onward_transfer_get_phase (transfer) != target->phase)
    return;
  target->is_reached = TRUE;
  target->retry_at = onward_transfer_get_retry_at (transfer);
  g_cancellable_cancel (target->cancellable);
}

static gint64
run_until (OnwardTransfer *transfer, OnwardTransferPhase phase)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Target target = { phase, cancellable, 0, FALSE };
  gulong handler = g_signal_connect (transfer, "changed", G_CALLBACK (on_changed), &target);
  guint timer = g_timeout_add_seconds (5, on_time_over, cancellable);
  g_autoptr (GError) error = onward_transfer_fixture_run (transfer, cancellable);

  g_assert_true (target.is_reached);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_source_remove (timer);
  g_signal_handler_disconnect (transfer, handler);
  return target.retry_at;
}

static void
count_waits (OnwardTransfer *transfer, gpointer user_data)
{
  guint *waits = user_data;

  *waits += onward_transfer_get_phase (transfer) == ONWARD_TRANSFER_WAITING;
}

/* A connection that is lost within a block costs no wait when it brought something worth while, and
 * one when it brought next to nothing, so that nobody is asked without end. */
static void
test_transfer_lost_within_a_block (void)
{
  static const struct
  {
    const char *line;
    gboolean waits;
  } cases[] = {
    { "cut 70000", FALSE },
    { "reset 200000", FALSE },
    { "cut 100", TRUE },
    { "cut 0", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTransferFixture) fixture =
          onward_transfer_fixture_new (1024 * 1024, 1024 * 1024);
      g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
      guint waits = 0;

      onward_fault_server_script (fixture->server, cases[i].line, cases[i].line, cases[i].line,
                                  "ok", NULL);
      g_signal_connect (transfer, "changed", G_CALLBACK (count_waits), &waits);
      onward_transfer_fixture_complete (fixture, transfer);
      g_assert_cmpint (waits > 0, ==, cases[i].waits);
      g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 4);
    }
}

/* While it waits, the time of the next try and what went wrong are known; the time by a clock that
 * goes on while the computer sleeps. */
static void
test_transfer_tells_when_it_tries_again (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
  gint64 now, retry_at;

  g_setenv ("ONWARD_TEST_ASLEEP_MS", "3600000", TRUE);
  now = onward_clock_get_time ();
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1000", TRUE);
  onward_fault_server_script (fixture->server, "status 500", NULL);
  retry_at = run_until (transfer, ONWARD_TRANSFER_WAITING);
  g_assert_cmpint (retry_at, >=, now + 490 * 1000);
  g_assert_cmpint (retry_at, <=, onward_clock_get_time () + 1010 * 1000);
  g_unsetenv ("ONWARD_TEST_ASLEEP_MS");
  g_assert_error (onward_transfer_get_problem (transfer), ONWARD_ERROR, ONWARD_ERROR_SERVER);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1", TRUE);
}

/* A server that asks for an hour is left alone for an hour. */
static void
test_transfer_leaves_a_busy_server_alone (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
  gint64 now = onward_clock_get_time ();
  gint64 retry_at = 0;

  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1000", TRUE);
  onward_fault_server_script (fixture->server, "status 429; retry-after 3600", NULL);
  retry_at = run_until (transfer, ONWARD_TRANSFER_BUSY);
  g_assert_cmpint (retry_at, >=, now + G_GINT64_CONSTANT (3590) * G_USEC_PER_SEC);
  g_assert_cmpint (retry_at, <=, now + G_GINT64_CONSTANT (3610) * G_USEC_PER_SEC);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1", TRUE);
}

static void
insist (OnwardTransfer *transfer, gpointer user_data)
{
  OnwardTransferPhase phase = onward_transfer_get_phase (transfer);

  if (phase == ONWARD_TRANSFER_WAITING || phase == ONWARD_TRANSFER_BUSY)
    onward_transfer_try_now (transfer);
}

/* “Try Now” ends any wait, even one that a server asked for. */
static void
test_transfer_try_now (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);

  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1000", TRUE);
  onward_fault_server_script (fixture->server, "status 503; retry-after 3600", "status 500", "ok",
                              NULL);
  onward_transfer_try_now (transfer);
  g_signal_connect (transfer, "changed", G_CALLBACK (insist), NULL);
  onward_transfer_fixture_complete (fixture, transfer);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1", TRUE);
}

/* One who insists is told of the failure once, when the last try he was promised has failed. */
static void
test_transfer_try_now_to_the_end (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, 2);
  g_autoptr (GError) error = NULL;

  onward_fault_server_script (fixture->server, "status 500", NULL);
  g_signal_connect (transfer, "changed", G_CALLBACK (insist), NULL);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_SERVER);
  g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 3);
  for (guint i = 0; i < 50; i++)
    {
      (void) g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

/* A server that is away for a while is waited for. */
static void
test_transfer_survives_a_restarted_server (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
  g_autoptr (GError) error = NULL;

  onward_fault_server_script (fixture->server, "stall 50000", "ok", NULL);
  error = onward_transfer_fixture_pause_at (transfer, 50000);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  onward_fault_server_stop (fixture->server);
  (void) run_until (transfer, ONWARD_TRANSFER_WAITING);
  g_assert_error (onward_transfer_get_problem (transfer), ONWARD_ERROR, ONWARD_ERROR_OFFLINE);

  onward_fault_server_restart (fixture->server);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_transfer_get_bytes_on_wire (transfer), ==, SIZE - 50000);
  onward_transfer_fixture_check (fixture);
}

/* Scripts can ask for an end to it. */
static void
test_transfer_max_retries (void)
{
  static const int limits[] = { 0, 1, 5 };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
      g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, limits[i]);
      g_autoptr (GError) error = NULL;

      onward_fault_server_script (fixture->server, "status 500", NULL);
      error = onward_transfer_fixture_run (transfer, NULL);
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_SERVER);
      g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, limits[i] + 1);
    }
}

/* A script that asks a busy server is told so at once, instead of waiting for an hour. */
static void
test_transfer_busy_for_too_long (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, 5);
  g_autoptr (GError) error = NULL;

  onward_fault_server_script (fixture->server, "status 503; retry-after 3600", NULL);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_SERVER);
  g_assert_nonnull (strstr (error->message, "busy"));
  g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 1);
}

/* Where there is no network, it says so and goes on as soon as there is one. */
static void
test_transfer_offline (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (TestMonitor) monitor = test_monitor_new ();
  g_autoptr (OnwardTransfer) transfer = NULL;
  gint64 retry_at = 0;

  /* Not the loopback by its name, and nobody listens there. */
  fixture->uris[0] = "https://0.0.0.0:1/file";
  transfer = onward_transfer_fixture_make (fixture, -1);
  onward_transfer_set_monitor (transfer, G_NETWORK_MONITOR (monitor));
  test_monitor_set_available (monitor, FALSE);
  retry_at = run_until (transfer, ONWARD_TRANSFER_OFFLINE);
  g_assert_cmpint (retry_at, ==, 0);
  test_monitor_set_available (monitor, TRUE);
  (void) run_until (transfer, ONWARD_TRANSFER_WAITING);
}

static void
come_back (OnwardTransfer *transfer, gpointer user_data)
{
  if (onward_transfer_get_phase (transfer) == ONWARD_TRANSFER_WAITING)
    test_monitor_set_available (user_data, TRUE);
}

/* A network that comes back ends the wait at once. */
static void
test_transfer_network_change (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (TestMonitor) monitor = test_monitor_new ();
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
  g_autoptr (GError) error = NULL;
  gint64 begun_at = g_get_monotonic_time ();

  g_setenv ("ONWARD_TEST_BACKOFF_MS", "100", TRUE);
  onward_fault_server_script (fixture->server, "status 500", "status 500", "status 500", "ok",
                              NULL);
  onward_transfer_set_monitor (transfer, G_NETWORK_MONITOR (monitor));
  /* The loopback is there whatever the monitor says, so the phase is not offline. */
  test_monitor_set_available (monitor, FALSE);
  g_signal_connect (transfer, "changed", G_CALLBACK (come_back), monitor);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_no_error (error);
  /* Three waits of up to 100, 200 and 400 ms, but for the network. */
  g_assert_cmpint (g_get_monotonic_time () - begun_at, <, 500 * 1000);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1", TRUE);
}

/* Only what is wanted is fetched, in whole blocks. */
static void
test_transfer_wants_parts (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  OnwardTransferSpec spec = { fixture->uris, fixture->path, SIZE, BLOCK, fixture->digests, -1 };
  g_autoptr (OnwardTransfer) transfer = onward_transfer_new (fixture->fetcher, &spec);
  g_autoptr (GError) error = NULL;
  g_autofree char *received = NULL;

  onward_transfer_want (transfer, 5, 6);
  onward_transfer_want (transfer, 3 * BLOCK - 1, 3 * BLOCK + 1);
  onward_transfer_want (transfer, SIZE - 1, SIZE + 100);
  onward_transfer_want (transfer, 9, 9);
  g_assert_cmpuint (onward_transfer_get_bytes_total (transfer), ==, 3 * BLOCK + 1234);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_transfer_get_bytes_done (transfer), ==, 3 * BLOCK + 1234);
  g_assert_cmpuint (onward_transfer_get_bytes_on_wire (transfer), ==, 3 * BLOCK + 1234);
  received = onward_ranges_to_string (onward_transfer_get_received (transfer));
  g_assert_cmpstr (received, ==, "0-16384,32768-65536,163840-165074");

  onward_transfer_want (transfer, 0, SIZE);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_transfer_get_bytes_on_wire (transfer), ==, 7 * BLOCK);
  onward_transfer_fixture_check (fixture);
}

/* What was recorded of parts that are wanted later only is not lost meanwhile. */
static void
test_transfer_keeps_records_for_later (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  OnwardTransferSpec spec = { fixture->uris, fixture->path, SIZE, BLOCK, fixture->digests, -1 };
  g_autoptr (OnwardTransfer) first = onward_transfer_fixture_make (fixture, -1);
  g_autoptr (OnwardTransfer) second = onward_transfer_new (fixture->fetcher, &spec);
  g_autoptr (OnwardRanges) received = onward_ranges_parse ("0-165074", SIZE);
  g_autoptr (GError) error = onward_transfer_fixture_run (first, NULL);

  g_assert_no_error (error);
  onward_transfer_set_received (second, NULL, received);
  onward_transfer_want (second, 0, BLOCK);
  error = onward_transfer_fixture_run (second, NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_transfer_get_bytes_done (second), ==, BLOCK);
  g_assert_cmpuint (onward_ranges_get_length (onward_transfer_get_received (second)), ==, SIZE);
  onward_transfer_want (second, 0, SIZE);
  error = onward_transfer_fixture_run (second, NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_transfer_get_bytes_on_wire (second), ==, 0);
}

/* A cache that damaged a block is not asked for it again: the next request goes past all caches. */
static void
test_transfer_past_caches (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, 0);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  onward_fault_server_script (fixture->server, "flip 40000", "ok", NULL);
  onward_transfer_fixture_complete (fixture, transfer);
  g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 2);
  first = onward_fault_server_dup_header (fixture->server, 0, "Cache-Control");
  second = onward_fault_server_dup_header (fixture->server, 1, "Cache-Control");
  g_assert_null (first);
  g_assert_cmpstr (second, ==, "no-cache");
}

/* A damaged block comes from another address; a dead address is passed over. */
static void
test_transfer_mirrors (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardFaultServer) other = onward_fault_server_new (fixture->content);
  g_autoptr (OnwardTransfer) transfer = NULL;
  g_autofree char *range = NULL;

  fixture->uris[1] = onward_fault_server_get_uri (other);
  transfer = onward_transfer_fixture_make (fixture, 3);
  onward_fault_server_script (fixture->server, "flip 40000", NULL);
  onward_transfer_fixture_complete (fixture, transfer);
  g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 1);
  g_assert_cmpuint (onward_fault_server_count_requests (other), ==, 1);
  range = onward_fault_server_dup_header (other, 0, "Range");
  g_assert_cmpstr (range, ==, "bytes=32768-49151");
}

/* An address that has no such file, or is not there at all, stops nothing. */
static void
test_transfer_dead_mirror (void)
{
  static const char *const lines[] = { "status 404", "status 500", "close", "shift 7",
                                       "encoding br" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
      g_autoptr (OnwardFaultServer) dead = onward_fault_server_new (fixture->content);
      g_autoptr (OnwardTransfer) transfer = NULL;

      onward_fault_server_script (dead, lines[i], NULL);
      fixture->uris[1] = fixture->uris[0];
      fixture->uris[0] = onward_fault_server_get_uri (dead);
      transfer = onward_transfer_fixture_make (fixture, 3);
      onward_transfer_fixture_complete (fixture, transfer);
    }
}

/* A file: address works as a server does, resuming included. */
static void
test_transfer_file_address (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autofree char *source = g_build_filename (fixture->dir, "source file", NULL);
  g_autofree char *uri = g_filename_to_uri (source, NULL, NULL);
  g_autoptr (OnwardTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  const char *content = g_bytes_get_data (fixture->content, &size);

  fixture->uris[0] = uri;
  transfer = onward_transfer_fixture_make (fixture, 3);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_clear_error (&error);

  /* Of another size, it is another file, until it is replaced. */
  g_assert_true (g_file_set_contents (source, content, 70000, NULL));
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (source, content, (gssize) size, NULL));
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_no_error (error);
  onward_transfer_fixture_check (fixture);
}

/* What is wrong on this side ends the transfer at once, and is told as what it is. */
static void
test_transfer_local_errors (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autofree char *path = fixture->path;
  g_autoptr (OnwardTransfer) transfer = NULL;
  g_autoptr (OnwardTransfer) forbidden = NULL;
  g_autoptr (GError) error = NULL;

  fixture->path = g_build_filename (fixture->dir, "missing", "part", NULL);
  transfer = onward_transfer_fixture_make (fixture, -1);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_clear_error (&error);

  fixture->uris[0] = "http://example.org/file";
  forbidden = onward_transfer_fixture_make (fixture, -1);
  error = onward_transfer_fixture_run (forbidden, NULL);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
  g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 0);
}

/* A full disk is told as such, and what was fetched before is kept. */
static void
test_transfer_full_disk (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autofree char *path = g_steal_pointer (&fixture->path);
  g_autoptr (OnwardTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;

  /* It takes no byte, ever; it also cannot be made longer, which is where it shows first. */
  fixture->path = g_strdup ("/dev/full");
  transfer = onward_transfer_fixture_make (fixture, -1);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_nonnull (error);
  g_assert_cmpint ((int) error->domain, ==, (int) ONWARD_ERROR);
  g_assert_cmpuint (onward_transfer_get_bytes_done (transfer), ==, 0);
}

/* An empty file is there without asking anybody. */
static void
test_transfer_empty (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (0, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
  g_autoptr (GError) error = onward_transfer_fixture_run (transfer, NULL);

  g_assert_no_error (error);
  onward_transfer_fixture_check (fixture);
  g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 0);
}

int
main (int argc, char **argv)
{
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1", TRUE);
  g_setenv ("ONWARD_TEST_DEADLINE_MS", "500", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transfer/tells-when-it-tries-again", test_transfer_tells_when_it_tries_again);
  g_test_add_func ("/transfer/leaves-a-busy-server-alone",
                   test_transfer_leaves_a_busy_server_alone);
  g_test_add_func ("/transfer/try-now", test_transfer_try_now);
  g_test_add_func ("/transfer/try-now-to-the-end", test_transfer_try_now_to_the_end);
  g_test_add_func ("/transfer/survives-a-restarted-server",
                   test_transfer_survives_a_restarted_server);
  g_test_add_func ("/transfer/lost-within-a-block", test_transfer_lost_within_a_block);
  g_test_add_func ("/transfer/max-retries", test_transfer_max_retries);
  g_test_add_func ("/transfer/busy-for-too-long", test_transfer_busy_for_too_long);
  g_test_add_func ("/transfer/offline", test_transfer_offline);
  g_test_add_func ("/transfer/network-change", test_transfer_network_change);
  g_test_add_func ("/transfer/wants-parts", test_transfer_wants_parts);
  g_test_add_func ("/transfer/keeps-records-for-later", test_transfer_keeps_records_for_later);
  g_test_add_func ("/transfer/past-caches", test_transfer_past_caches);
  g_test_add_func ("/transfer/mirrors", test_transfer_mirrors);
  g_test_add_func ("/transfer/dead-mirror", test_transfer_dead_mirror);
  g_test_add_func ("/transfer/file-address", test_transfer_file_address);
  g_test_add_func ("/transfer/local-errors", test_transfer_local_errors);
  g_test_add_func ("/transfer/full-disk", test_transfer_full_disk);
  g_test_add_func ("/transfer/empty", test_transfer_empty);
  return g_test_run ();
}
