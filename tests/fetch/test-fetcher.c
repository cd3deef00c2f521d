/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-fault-server.h"
#include "onward-fetcher.h"
#include "onward-test.h"

#define SIZE 20000

typedef struct
{
  const char *name;
  const char *lines[2];
  gsize max_size;
  const char *validator;
  int failure; /* an OnwardError, or one of those below */
} Answer;

enum
{
  BODY = -1,
  MISSING = -2,
  NOT_MODIFIED = -3,
};

/* clang-format off */
static const Answer answers[] = {
  { "fine",                  { "ok" }, SIZE, NULL, BODY },
  { "chunked",               { "chunked" }, SIZE, NULL, BODY },
  { "no-length",             { "no-length" }, SIZE, NULL, BODY },
  { "redirected",            { "redirect /b", "ok" }, SIZE, NULL, BODY },
  { "changed",               { "ok" }, SIZE, "\"zero\"", BODY },
  { "not-modified",          { "status 304" }, SIZE, "\"one\"", NOT_MODIFIED },
  { "not-modified-unasked",  { "status 304" }, SIZE, NULL, ONWARD_ERROR_SERVER },
  { "missing",               { "status 404" }, SIZE, NULL, MISSING },
  { "gone",                  { "status 410" }, SIZE, NULL, MISSING },
  { "forbidden",             { "status 403" }, SIZE, NULL, MISSING },
  { "out-of-order",          { "status 500" }, SIZE, NULL, ONWARD_ERROR_SERVER },
  { "busy",                  { "status 503; retry-after 5" }, SIZE, NULL,
    ONWARD_ERROR_SERVER_BUSY },
  { "no-content",            { "status 204" }, SIZE, NULL, ONWARD_ERROR_SERVER },
  { "a-part-unasked",
    { "status 206; content-range bytes 0-19999/20000" }, SIZE, NULL, ONWARD_ERROR_SERVER },
  { "too-long",              { "ok" }, SIZE - 1, NULL, ONWARD_ERROR_TOO_LARGE },
  { "too-long-unannounced",  { "no-length" }, SIZE - 1, NULL, ONWARD_ERROR_TOO_LARGE },
  { "endless",               { "endless" }, SIZE, NULL, ONWARD_ERROR_TOO_LARGE },
  { "endless-headers",       { "endless-headers" }, SIZE, NULL, ONWARD_ERROR_SERVER },
  { "cut",                   { "cut 500" }, SIZE, NULL, ONWARD_ERROR_SERVER },
  { "reset",                 { "reset 500" }, SIZE, NULL, ONWARD_ERROR_SERVER },
  { "gzip",                  { "encoding gzip" }, SIZE, NULL, ONWARD_ERROR_SERVER },
  { "redirected-for-ever",   { "redirect /b" }, SIZE, NULL, ONWARD_ERROR_SERVER },
  { "redirected-to-file",
    { "redirect file:///etc/passwd" }, SIZE, NULL, ONWARD_ERROR_NOT_PERMITTED },
  { "redirected-to-http",
    { "redirect http://example.org/" }, SIZE, NULL, ONWARD_ERROR_NOT_PERMITTED },
  { "junk",                  { "junk" }, SIZE, NULL, ONWARD_ERROR_SERVER },
};
/* clang-format on */

static GBytes *
make_content (void)
{
  return g_bytes_new_take (g_strnfill (SIZE, 'x'), SIZE);
}

static OnwardDocument *
get (OnwardFetcher *fetcher, const char *uri, gsize max_size, const char *validator, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  onward_fetcher_get_async (fetcher, uri, max_size, validator, NULL, onward_test_store_result,
                            &result);
  onward_test_await (&result);
  return onward_fetcher_get_finish (fetcher, result, error);
}

/* Each answer of a server becomes the document or the error it stands for. */
static void
test_fetcher_answer (gconstpointer data)
{
  const Answer *answer = data;
  g_autoptr (GBytes) content = make_content ();
  g_autoptr (OnwardFaultServer) server = onward_fault_server_new (content);
  g_autoptr (OnwardFetcher) fetcher = onward_fetcher_new (FALSE);
  g_autoptr (OnwardDocument) document = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *asked = NULL;

  onward_fault_server_script (server, answer->lines[0], answer->lines[1], NULL);
  document = get (fetcher, onward_fault_server_get_uri (server), answer->max_size,
                  answer->validator, &error);
  asked = onward_fault_server_dup_header (server, 0, "If-None-Match");
  g_assert_cmpstr (asked, ==, answer->validator);

  if (answer->failure >= 0)
    {
      g_assert_error (error, ONWARD_ERROR, answer->failure);
      g_assert_nonnull (strstr (error->message, onward_fault_server_get_uri (server)));
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpint (document->missing, ==, answer->failure == MISSING);
  g_assert_cmpint (document->not_modified, ==, answer->failure == NOT_MODIFIED);
  g_assert_cmpint (document->body != NULL, ==, answer->failure == BODY);
  if (document->body != NULL)
    {
      g_assert_true (g_bytes_equal (document->body, content));
      g_assert_cmpstr (document->validator, ==, "\"one\"");
    }
}

/* A document in a folder is read without any server. */
static void
test_fetcher_file (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardFetcher) fetcher = onward_fetcher_new (FALSE);
  g_autofree char *uri = g_strdup_printf ("file://%s/a.json", dir);
  g_autoptr (OnwardDocument) missing = NULL;
  g_autoptr (OnwardDocument) found = NULL;
  g_autoptr (OnwardDocument) folder = NULL;
  g_autoptr (GError) error = NULL;

  missing = get (fetcher, uri, 10, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (missing->missing);

  onward_test_write (dir, "a.json", "{}");
  found = get (fetcher, uri, 10, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (found->body, NULL), g_bytes_get_size (found->body), "{}", 2);

  g_assert_null (get (fetcher, uri, 1, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_TOO_LARGE);
  g_clear_error (&error);

  *strrchr (uri, '/') = '\0';
  folder = get (fetcher, uri, 10, NULL, &error);
  g_assert_null (folder);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_SERVER);
}

/* Where no request is allowed, none is sent; where nobody listens, that is told. */
static void
test_fetcher_refuses (void)
{
  g_autoptr (OnwardFetcher) fetcher = onward_fetcher_new (FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_null (get (fetcher, "http://example.org/", 10, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
  g_clear_error (&error);
  g_assert_null (get (fetcher, "http://127.0.0.1:1/", 10, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_OFFLINE);
}

/* A cancelled request ends as cancelled, at whatever point. */
static void
test_fetcher_cancel (void)
{
  static const char *const lines[] = { "stall 0", "stall 100", "drip-headers" };
  g_autoptr (GBytes) content = make_content ();

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (OnwardFaultServer) server = onward_fault_server_new (content);
      g_autoptr (OnwardFetcher) fetcher = onward_fetcher_new (FALSE);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      onward_fault_server_script (server, lines[i], NULL);
      onward_fetcher_get_async (fetcher, onward_fault_server_get_uri (server), SIZE, NULL,
                                cancellable, onward_test_store_result, &result);
      for (guint turn = 0; onward_fault_server_count_requests (server) == 0 || turn < 20; turn++)
        {
          g_main_context_iteration (NULL, FALSE);
          g_usleep (500);
        }
      g_cancellable_cancel (cancellable);
      onward_test_await (&result);
      g_assert_null (onward_fetcher_get_finish (fetcher, result, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("ONWARD_TEST_DEADLINE_MS", "500", TRUE);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *path = g_strdup_printf ("/fetcher/answer/%s", answers[i].name);

      g_test_add_data_func (path, &answers[i], test_fetcher_answer);
    }
  g_test_add_func ("/fetcher/file", test_fetcher_file);
  g_test_add_func ("/fetcher/refuses", test_fetcher_refuses);
  g_test_add_func ("/fetcher/cancel", test_fetcher_cancel);
  return g_test_run ();
}
