/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-transfer-fixture.h"

#define BLOCK (16 * 1024)
#define SIZE  (3 * BLOCK)

typedef struct
{
  const char *name;
  const char *line;
} Slowness;

/* A second takes 10 ms here: an answer has to begin within 300 ms and to bring 30 KiB in 300 ms. */
static const Slowness slownesses[] = {
  { "stalls-before-the-body", "stall 0" },
  { "stalls-in-the-middle", "stall 20000" },
  { "drips-its-body", "drip" },
  { "drips-its-headers", "drip-headers" },
  { "continues-for-ever", "continue" },
};

/* A server that is alive but brings nothing counts as a lost connection. */
static void
test_deadlines_transfer (gconstpointer data)
{
  const Slowness *slowness = data;
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, 3);
  gint64 begun_at = g_get_monotonic_time ();

  onward_fault_server_script (fixture->server, slowness->line, "ok", NULL);
  onward_transfer_fixture_complete (fixture, transfer);
  g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 2);
  g_assert_error (onward_transfer_get_problem (transfer), ONWARD_ERROR, ONWARD_ERROR_SERVER);
  g_assert_cmpint (g_get_monotonic_time () - begun_at, >=, 250 * 1000);
}

/* A limit of our own hides no dead connection. */
static void
test_deadlines_with_limit (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, 3);

  onward_fetcher_set_rate_limit (fixture->fetcher, 1 << 20);
  onward_fault_server_script (fixture->server, "stall 20000", "ok", NULL);
  onward_transfer_fixture_complete (fixture, transfer);
  g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 2);
}

/* A small document has one minute in all, however its bytes are spread. */
static void
test_deadlines_document (gconstpointer data)
{
  const Slowness *slowness = data;
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (OnwardDocument) document = NULL;
  g_autoptr (GError) error = NULL;
  gint64 begun_at = g_get_monotonic_time ();

  onward_fault_server_script (fixture->server, slowness->line, NULL);
  onward_fetcher_get_async (fixture->fetcher, fixture->uris[0], SIZE, NULL, NULL,
                            onward_test_store_result, &result);
  onward_test_await (&result);
  document = onward_fetcher_get_finish (fixture->fetcher, result, &error);
  g_assert_null (document);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_SERVER);
  g_assert_cmpint (g_get_monotonic_time () - begun_at, >=, 550 * 1000);
}

int
main (int argc, char **argv)
{
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1", TRUE);
  g_setenv ("ONWARD_TEST_DEADLINE_MS", "10", TRUE);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (slownesses); i++)
    {
      g_autofree char *transfer = g_strdup_printf ("/deadlines/transfer/%s", slownesses[i].name);
      g_autofree char *document = g_strdup_printf ("/deadlines/document/%s", slownesses[i].name);

      g_test_add_data_func (transfer, &slownesses[i], test_deadlines_transfer);
      g_test_add_data_func (document, &slownesses[i], test_deadlines_document);
    }
  g_test_add_func ("/deadlines/with-limit", test_deadlines_with_limit);
  return g_test_run ();
}
