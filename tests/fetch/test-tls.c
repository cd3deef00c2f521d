/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-fetcher-private.h"
#include "onward-test-authority.h"
#include "onward-transfer-fixture.h"

#define BLOCK (16 * 1024)
#define SIZE  (3 * BLOCK + 100)

/* A server with a certificate, and a client that believes one authority. */
typedef struct
{
  OnwardTestAuthority *authority;
  GTlsDatabase *database;
  OnwardTransferFixture *fixture;
} Secure;

typedef struct
{
  const char *name;
  OnwardTestCertificateKind kind;
  const char *why; /* (nullable): what people are told */
  OnwardError code;
} Certificate;

/* clang-format off */
static const Certificate certificates[] = {
  { "good",              ONWARD_TEST_CERTIFICATE_GOOD,       NULL },
  { "unknown-authority", ONWARD_TEST_CERTIFICATE_UNKNOWN_CA, "comes from an unknown authority",
    ONWARD_ERROR_UNKNOWN_AUTHORITY },
  { "wrong-host",        ONWARD_TEST_CERTIFICATE_WRONG_HOST, "belongs to another server",
    ONWARD_ERROR_WRONG_HOST },
  { "expired",           ONWARD_TEST_CERTIFICATE_EXPIRED,    "has expired: the clock shows 2",
    ONWARD_ERROR_CERTIFICATE_EXPIRED },
  { "not-yet-valid",     ONWARD_TEST_CERTIFICATE_NOT_YET, "is not valid yet: the clock shows 2",
    ONWARD_ERROR_CERTIFICATE_NOT_YET_VALID },
};
/* clang-format on */

static void
secure_clear (Secure *self)
{
  onward_transfer_fixture_free (self->fixture);
  g_object_unref (self->database);
  onward_test_authority_free (self->authority);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Secure, secure_clear)

static void
secure_init (Secure *self, OnwardTestCertificateKind kind)
{
  g_autoptr (GTlsCertificate) certificate = NULL;

  self->authority = onward_test_authority_new ();
  self->database = onward_test_authority_dup_database (self->authority);
  self->fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  certificate = onward_test_authority_certify (self->authority, kind);
  onward_fault_server_set_certificate (self->fixture->server, certificate);
  self->fixture->uris[0] = onward_fault_server_get_uri (self->fixture->server);
  soup_session_set_tls_database (onward_fetcher_get_session (self->fixture->fetcher),
                                 self->database);
}

static OnwardDocument *
get (OnwardTransferFixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  onward_fetcher_get_async (fixture->fetcher, fixture->uris[0], SIZE, NULL, NULL,
                            onward_test_store_result, &result);
  onward_test_await (&result);
  return onward_fetcher_get_finish (fixture->fetcher, result, error);
}

static void
assert_says (const GError *error, OnwardError code, const char *why)
{
  g_assert_error (error, ONWARD_ERROR, (int) code);
  g_test_message ("%s", error->message);
  if (why != NULL)
    g_assert_nonnull (strstr (error->message, why));
}

/* A document comes from a server that is who it says it is; of any other not one byte is asked
 * for, and each reason is told apart. */
static void
test_tls_document (gconstpointer data)
{
  const Certificate *certificate = data;
  g_auto (Secure) secure = { NULL };
  g_autoptr (OnwardDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  secure_init (&secure, certificate->kind);
  document = get (secure.fixture, &error);
  if (certificate->why == NULL)
    {
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (document->body, secure.fixture->content));
      return;
    }
  assert_says (error, certificate->code, certificate->why);
  g_assert_null (document);
  g_assert_cmpuint (onward_fault_server_count_requests (secure.fixture->server), ==, 0);
}

/* So does a pack, and nobody waits for a certificate to become another one without being told. */
static void
test_tls_pack (gconstpointer data)
{
  const Certificate *certificate = data;
  g_auto (Secure) secure = { NULL };
  g_autoptr (OnwardTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;

  secure_init (&secure, certificate->kind);
  transfer = onward_transfer_fixture_make (secure.fixture, 2);
  error = onward_transfer_fixture_run (transfer, NULL);
  if (certificate->why == NULL)
    {
      g_assert_no_error (error);
      onward_transfer_fixture_check (secure.fixture);
      return;
    }
  assert_says (error, certificate->code, certificate->why);
  assert_says (onward_transfer_get_problem (transfer), certificate->code, certificate->why);
  g_assert_cmpuint (onward_transfer_get_bytes_on_wire (transfer), ==, 0);
  g_assert_cmpuint (onward_fault_server_count_requests (secure.fixture->server), ==, 0);
}

/* A server that offers HTTP/2 is spoken to in HTTP/1.1 where libsoup is too old for more, whatever
 * the environment says. */
static void
test_tls_protocol (void)
{
  g_auto (Secure) secure = { NULL };
  g_autoptr (OnwardDocument) document = NULL;
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;

  if (soup_check_version (3, 6, 6))
    {
      g_test_skip ("This libsoup has its fixes");
      return;
    }
  g_assert_null (g_getenv ("SOUP_FORCE_HTTP1"));
  secure_init (&secure, ONWARD_TEST_CERTIFICATE_GOOD);
  document = get (secure.fixture, &error);
  g_assert_no_error (error);
  line = onward_fault_server_dup_first_line (secure.fixture->server, 0);
  g_assert_cmpstr (line, ==, "GET /file HTTP/1.1");
}

/* What breaks a connection breaks a secure one in no other way. */
static void
test_tls_cut (void)
{
  g_auto (Secure) secure = { NULL };
  g_autoptr (OnwardTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;

  secure_init (&secure, ONWARD_TEST_CERTIFICATE_GOOD);
  transfer = onward_transfer_fixture_make (secure.fixture, 3);
  onward_fault_server_script (secure.fixture->server, "cut 20000", "reset 10000", "close", "ok",
                              NULL);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_no_error (error);
  onward_transfer_fixture_check (secure.fixture);
  g_assert_cmpuint (onward_transfer_get_bytes_on_wire (transfer), ==, SIZE);
}

/* A secure server leads nobody to an open one. */
static void
test_tls_redirect_to_http (void)
{
  g_auto (Secure) secure = { NULL };
  g_autoptr (OnwardFaultServer) open = NULL;
  g_autofree char *line = NULL;
  g_autoptr (OnwardDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  secure_init (&secure, ONWARD_TEST_CERTIFICATE_GOOD);
  open = onward_fault_server_new (secure.fixture->content);
  line = g_strdup_printf ("redirect %s", onward_fault_server_get_uri (open));
  onward_fault_server_script (secure.fixture->server, line, NULL);
  document = get (secure.fixture, &error);
  assert_says (error, ONWARD_ERROR_NOT_PERMITTED, "https: may not lead to http:");
  g_assert_cmpuint (onward_fault_server_count_requests (open), ==, 0);
}

/* A server that does not even finish to say who it is, or speaks something else. */
static void
test_tls_broken_handshake (void)
{
  static const char *const lines[] = { "close", "junk", "ok" };

  g_setenv ("ONWARD_TEST_DEADLINE_MS", "10", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
      g_autofree char *uri = g_strconcat ("https", strchr (fixture->uris[0], ':'), NULL);
      g_autoptr (OnwardDocument) document = NULL;
      g_autoptr (GError) error = NULL;

      fixture->uris[0] = uri;
      onward_fault_server_script (fixture->server, lines[i], NULL);
      document = get (fixture, &error);
      assert_says (error, ONWARD_ERROR_SERVER, NULL);
    }
  g_setenv ("ONWARD_TEST_DEADLINE_MS", "1000", TRUE);
}

static void
add_tests (const char *what, GTestDataFunc test)
{
  for (guint i = 0; i < G_N_ELEMENTS (certificates); i++)
    {
      g_autofree char *path = g_strdup_printf ("/tls/%s/%s", what, certificates[i].name);

      g_test_add_data_func (path, &certificates[i], test);
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1", TRUE);
  g_setenv ("ONWARD_TEST_DEADLINE_MS", "1000", TRUE);
  g_test_init (&argc, &argv, NULL);
  add_tests ("document", test_tls_document);
  add_tests ("pack", test_tls_pack);
  g_test_add_func ("/tls/protocol", test_tls_protocol);
  g_test_add_func ("/tls/cut", test_tls_cut);
  g_test_add_func ("/tls/redirect-to-http", test_tls_redirect_to_http);
  g_test_add_func ("/tls/broken-handshake", test_tls_broken_handshake);
  return g_test_run ();
}
