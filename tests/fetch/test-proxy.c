/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-fetcher-private.h"
#include "onward-transfer-fixture.h"

#define BLOCK (16 * 1024)
#define SIZE  (2 * BLOCK)

/* Names that only the proxy could find. */
#define OPEN_URI   "http://updates.example.org/file"
#define SECURE_URI "https://updates.example.org/file"

static void
use_proxy (OnwardTransferFixture *fixture)
{
  g_autofree char *proxy = g_path_get_dirname (onward_fault_server_get_uri (fixture->server));
  g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (proxy, NULL);

  g_object_unref (fixture->fetcher);
  fixture->fetcher = onward_fetcher_new (TRUE);
  soup_session_set_proxy_resolver (onward_fetcher_get_session (fixture->fetcher), resolver);
}

static OnwardDocument *
get (OnwardTransferFixture *fixture, const char *uri, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  onward_fetcher_get_async (fixture->fetcher, uri, SIZE, NULL, NULL, onward_test_store_result,
                            &result);
  onward_test_await (&result);
  return onward_fetcher_get_finish (fixture->fetcher, result, error);
}

/* What the desktop says of proxies is done: the proxy is asked, and nobody else. */
static void
test_proxy_is_used (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  g_autofree char *password = NULL;

  use_proxy (fixture);
  fixture->uris[0] = OPEN_URI;
  transfer = onward_transfer_fixture_make (fixture, 2);
  onward_fault_server_script (fixture->server, "cut 20000", "ok", NULL);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_no_error (error);
  onward_transfer_fixture_check (fixture);
  g_assert_cmpuint (onward_transfer_get_bytes_on_wire (transfer), ==, SIZE);
  line = onward_fault_server_dup_first_line (fixture->server, 0);
  g_assert_cmpstr (line, ==, "GET " OPEN_URI " HTTP/1.1");
  password = onward_fault_server_dup_header (fixture->server, 0, "Proxy-Authorization");
  g_assert_null (password);
}

typedef struct
{
  const char *name;
  const char *line;
  const char *uri;
} Refusal;

/* clang-format off */
static const Refusal refusals[] = {
  { "wants-a-password",            "status 407; header Proxy-Authenticate: Basic realm=\"x\"",
                                   OPEN_URI },
  { "tunnel-wants-a-password",     "status 407; header Proxy-Authenticate: Basic realm=\"x\"",
                                   SECURE_URI },
  { "tunnel-is-forbidden",         "status 403", SECURE_URI },
  { "tunnel-leads-nowhere",        "status 404", SECURE_URI },
  { "tunnel-is-gone",              "status 410", SECURE_URI },
  { "tunnel-is-out-of-order",      "status 503", SECURE_URI },
  { "tunnel-says-not-modified",    "status 304", SECURE_URI },
  { "tunnel-redirects",            "redirect https://example.net/", SECURE_URI },
  { "tunnel-is-junk",              "junk", SECURE_URI },
  { "tunnel-closes",               "close", SECURE_URI },
};
/* clang-format on */

static void
assert_is_networks_fault (const GError *error)
{
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_true (g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_OFFLINE) ||
                 g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_SERVER));
}

/* A proxy that refuses says nothing of the server: no document is missing because of it, no pack
 * gone, and nobody is asked for a password. */
static void
test_proxy_refuses (gconstpointer data)
{
  const Refusal *refusal = data;
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = NULL;
  g_autoptr (OnwardDocument) document = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) problem = NULL;

  use_proxy (fixture);
  onward_fault_server_script (fixture->server, refusal->line, NULL);
  document = get (fixture, refusal->uri, &error);
  assert_is_networks_fault (error);
  g_assert_null (document);

  fixture->uris[0] = refusal->uri;
  transfer = onward_transfer_fixture_make (fixture, 4);
  problem = onward_transfer_fixture_run (transfer, NULL);
  assert_is_networks_fault (problem);
  g_assert_cmpuint (onward_transfer_get_bytes_on_wire (transfer), ==, 0);
}

/* Nor does one that is not there: that is no network. */
static void
test_proxy_is_away (void)
{
  static const char *const uris[] = { OPEN_URI, SECURE_URI };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
      g_autoptr (OnwardDocument) document = NULL;
      g_autoptr (GError) error = NULL;

      use_proxy (fixture);
      onward_fault_server_stop (fixture->server);
      document = get (fixture, uris[i], &error);
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_OFFLINE);
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1", TRUE);
  g_setenv ("ONWARD_TEST_DEADLINE_MS", "100", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy/is-used", test_proxy_is_used);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strdup_printf ("/proxy/refuses/%s", refusals[i].name);

      g_test_add_data_func (path, &refusals[i], test_proxy_refuses);
    }
  g_test_add_func ("/proxy/is-away", test_proxy_is_away);
  return g_test_run ();
}
