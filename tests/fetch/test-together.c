/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-server.h"
#include "onward-transfer-fixture.h"

#define BLOCK (256 * 1024)
#define SIZE  (12 * BLOCK + 4321)

typedef struct
{
  const char *name;
  guint64 rate;
  guint64 drop_after;
  guint latency;
} Line;

static const Line lines[] = {
  { "fast", 0, 0, 0 },
  { "dropping", 0, 700001, 0 },
  { "slow", 20000000, 0, 20 },
  { "slow-and-dropping", 20000000, 700001, 5 },
};

typedef struct
{
  guint requests;
  guint64 bytes;
} Sent;

static void
on_request (OnwardServer *server, const char *method, const char *path, guint status, guint64 bytes,
            Sent *sent)
{
  sent->requests++;
  sent->bytes += bytes;
}

/* Over a real server on a bad line the file arrives with no byte sent twice. */
static void
test_together_line (gconstpointer data)
{
  const Line *line = data;
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autofree char *folder = g_build_filename (fixture->dir, "served", NULL);
  g_autofree char *uri = NULL;
  g_autoptr (OnwardServer) server = NULL;
  g_autoptr (OnwardTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;
  Sent sent = { 0 };

  onward_test_write (fixture->dir, "served/file", "");
  uri = g_build_filename (folder, "file", NULL);
  g_assert_true (g_file_set_contents (uri, g_bytes_get_data (fixture->content, NULL), SIZE, NULL));
  server = onward_server_new (folder, &error);
  g_assert_no_error (error);
  g_assert_true (onward_server_listen (server, NULL, 0, &error));
  onward_server_set_rate (server, line->rate);
  onward_server_set_drop_after (server, line->drop_after);
  onward_server_set_latency (server, line->latency);
  g_signal_connect (server, "request", G_CALLBACK (on_request), &sent);

  g_free (uri);
  uri = g_strdup_printf ("http://127.0.0.1:%u/file", onward_server_get_port (server));
  fixture->uris[0] = uri;
  transfer = onward_transfer_fixture_make (fixture, 3);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_no_error (error);
  onward_transfer_fixture_check (fixture);

  while (sent.bytes < SIZE)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (sent.bytes, ==, SIZE);
  g_assert_cmpuint (onward_transfer_get_bytes_on_wire (transfer), ==, SIZE);
  g_assert_cmpuint (sent.requests, ==, line->drop_after == 0 ? 1 : SIZE / line->drop_after + 1);
  onward_server_stop (server);
}

int
main (int argc, char **argv)
{
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1", TRUE);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *path = g_strdup_printf ("/together/%s", lines[i].name);

      g_test_add_data_func (path, &lines[i], test_together_line);
    }
  return g_test_run ();
}
