/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <unistd.h>

#include "onward-byte-range.h"
#include "onward-error.h"
#include "onward-server.h"
#include "onward-test.h"

/* The last request a server told about, and how many there were. */
typedef struct
{
  guint count;
  guint status;
  guint64 bytes;
} Told;

typedef struct
{
  char *dir;            /* (owned) */
  OnwardServer *server; /* (owned) */
  Told told;
} Fixture;

static void
on_request (OnwardServer *server, const char *method, const char *path, guint status, guint64 bytes,
            Told *told)
{
  told->count++;
  told->status = status;
  told->bytes = bytes;
}

static Fixture *
fixture_new (void)
{
  Fixture *self = g_new0 (Fixture, 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *big = g_strnfill (1000000, 'b');

  self->dir = onward_test_make_dir ();
  onward_test_write (self->dir, "public/metadata/timestamp.json", "{\"now\": 1}");
  onward_test_write (self->dir, "public/packs/ab.full", "0123456789");
  onward_test_write (self->dir, "public/a b", "blank");
  onward_test_write (self->dir, "public/big", big);
  onward_test_write (self->dir, "secret", "secret");
  folder = g_build_filename (self->dir, "public", NULL);
  self->server = onward_server_new (folder, &error);
  g_assert_no_error (error);
  g_assert_true (onward_server_listen (self->server, NULL, 0, &error));
  g_assert_no_error (error);
  g_signal_connect (self->server, "request", G_CALLBACK (on_request), &self->told);
  return self;
}

static void
fixture_free (Fixture *self)
{
  onward_server_stop (self->server);
  g_object_unref (self->server);
  onward_test_remove_dir (self->dir);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

typedef struct
{
  guint port;
  const char *request;
} Asked;

/* Sends the bytes as they are and reads until the connection ends. */
static void
ask_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Asked *asked = data;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  GString *answer = g_string_new (NULL);
  char piece[4096];
  gssize got = 0;

  connection =
      g_socket_client_connect_to_host (client, "127.0.0.1", (guint16) asked->port, NULL, NULL);
  g_assert_nonnull (connection);
  g_assert_true (
      g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                                 asked->request, strlen (asked->request), NULL, NULL, NULL));
  do
    {
      got = g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), piece,
                                 sizeof piece, NULL, NULL);
      if (got > 0)
        g_string_append_len (answer, piece, got);
    }
  while (got > 0);
  g_task_return_pointer (task, g_string_free (answer, FALSE), g_free);
}

static char *
ask (Fixture *fixture, const char *request)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GTask) task = g_task_new (NULL, NULL, onward_test_store_result, &result);
  Asked asked = { onward_server_get_port (fixture->server), request };
  guint before = fixture->told.count;

  g_task_set_task_data (task, &asked, NULL);
  g_task_run_in_thread (task, ask_in_thread);
  onward_test_await (&result);
  while (fixture->told.count == before)
    g_main_context_iteration (NULL, TRUE);
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

static char *
ask_for (Fixture *fixture, const char *method, const char *path, const char *headers)
{
  g_autofree char *request = g_strdup_printf (
      "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n", method, path, headers);

  return ask (fixture, request);
}

static const char *
get_body (const char *answer)
{
  const char *body = strstr (answer, "\r\n\r\n");

  g_assert_nonnull (body);
  return body + 4;
}

static char *
get_header (const char *answer, const char *name)
{
  const char *at = strstr (answer, name);

  g_assert_nonnull (at);
  at += strlen (name) + 2;
  return g_strndup (at, strcspn (at, "\r"));
}

/* What is asked for, and what comes back: status and body. */
typedef struct
{
  const char *method;
  const char *path;
  const char *headers;
  guint status;
  const char *body;
} Question;

/* clang-format off */
static const Question questions[] = {
  { "GET",  "/packs/ab.full",            "",                            200, "0123456789" },
  { "GET",  "//packs/ab.full",           "",                            200, "0123456789" },
  { "GET",  "/a%20b",                    "",                            200, "blank" },
  { "HEAD", "/packs/ab.full",            "",                            200, "" },
  { "GET",  "/packs/ab.full",            "Range: bytes=2-4\r\n",        206, "234" },
  { "GET",  "/packs/ab.full",            "Range: bytes=7-\r\n",         206, "789" },
  { "GET",  "/packs/ab.full",            "Range: bytes=-2\r\n",         206, "89" },
  { "GET",  "/packs/ab.full",            "Range: bytes=5-99\r\n",       206, "56789" },
  { "HEAD", "/packs/ab.full",            "Range: bytes=2-4\r\n",        206, "" },
  { "GET",  "/packs/ab.full",            "Range: bytes=10-\r\n",        416, NULL },
  { "GET",  "/packs/ab.full",            "Range: bytes=0-1,3-4\r\n",    200, "0123456789" },
  { "GET",  "/packs/ab.full",            "Range: bytes=5-2\r\n",        200, "0123456789" },
  { "GET",  "/packs/ab.full",            "Range: lines=1-2\r\n",        200, "0123456789" },
  { "GET",  "/packs/ab.full",
    "Range: bytes=2-4\r\nIf-Range: \"other\"\r\n", 200, "0123456789" },
  { "GET",  "/packs/ab.full",            "If-None-Match: \"other\"\r\n", 200, "0123456789" },
  { "GET",  "/",                         "",                            404, NULL },
  { "GET",  "/packs",                    "",                            404, NULL },
  { "GET",  "/packs/",                   "",                            404, NULL },
  { "GET",  "/missing",                  "",                            404, NULL },
  { "GET",  "/../secret",                "",                            404, NULL },
  { "GET",  "/packs/../../secret",       "",                            404, NULL },
  { "GET",  "/%2e%2e/secret",            "",                            404, NULL },
  { "GET",  "/packs/%2e%2e%2f..%2fsecret", "",                          400, NULL },
  { "GET",  "/link",                     "",                            404, NULL },
  { "POST", "/packs/ab.full",            "Content-Length: 0\r\n",       405, NULL },
  { "PUT",  "/packs/ab.full",            "Content-Length: 0\r\n",       405, NULL },
};
/* clang-format on */

/* It answers as a static server does, and nothing outside its folder can be had. */
static void
test_server_answers (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *link = g_build_filename (fixture->dir, "public", "link", NULL);

  g_assert_cmpint (symlink ("../secret", link), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (questions); i++)
    {
      const Question *question = &questions[i];
      g_autofree char *answer =
          ask_for (fixture, question->method, question->path, question->headers);

      g_test_message ("%s %s", question->method, question->path);
      g_assert_cmpuint (g_ascii_strtoull (answer + strlen ("HTTP/1.1 "), NULL, 10), ==,
                        question->status);
      g_assert_cmpuint (fixture->told.status, ==, question->status);
      g_assert_null (strstr (answer, "secret"));
      if (question->body == NULL)
        continue;
      g_assert_cmpstr (get_body (answer), ==, question->body);
      g_assert_cmpuint (fixture->told.bytes, ==, strlen (question->body));
    }
}

/* A tag stands for the very bytes: with it a range is given, and nothing is sent twice. */
static void
test_server_validators (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *first = ask_for (fixture, "GET", "/packs/ab.full", "");
  g_autofree char *tag = get_header (first, "ETag");
  g_autofree char *if_range = g_strdup_printf ("Range: bytes=4-5\r\nIf-Range: %s\r\n", tag);
  g_autofree char *if_none = g_strdup_printf ("If-None-Match: %s\r\n", tag);
  g_autofree char *part = ask_for (fixture, "GET", "/packs/ab.full", if_range);
  g_autofree char *range = get_header (part, "Content-Range");
  g_autofree char *none = ask_for (fixture, "GET", "/packs/ab.full", if_none);
  g_autofree char *changed = NULL;
  g_autofree char *other = NULL;

  g_assert_cmpint (tag[0], ==, '"');
  g_assert_cmpstr (get_body (part), ==, "45");
  g_assert_cmpstr (range, ==, "bytes 4-5/10");
  g_assert_true (g_str_has_prefix (none, "HTTP/1.1 304 "));

  onward_test_write (fixture->dir, "public/packs/ab.full", "abcdefghij");
  changed = ask_for (fixture, "GET", "/packs/ab.full", if_none);
  other = get_header (changed, "ETag");
  g_assert_cmpstr (other, !=, tag);
  g_assert_cmpstr (get_body (changed), ==, "abcdefghij");
}

/* Only the timestamp is asked for again; all else may be kept for ever. */
static void
test_server_caching (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *timestamp = ask_for (fixture, "GET", "/metadata/timestamp.json", "");
  g_autofree char *pack = ask_for (fixture, "GET", "/packs/ab.full", "");

  g_assert_nonnull (strstr (timestamp, "Cache-Control: no-cache"));
  g_assert_nonnull (strstr (pack, "immutable"));
  g_assert_nonnull (strstr (pack, "Accept-Ranges: bytes"));
}

/* A connection is cut after so many bytes of a longer answer, to the byte. */
static void
test_server_drops (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *cut = NULL;
  g_autofree char *whole = NULL;

  onward_server_set_drop_after (fixture->server, 300001);
  cut = ask_for (fixture, "GET", "/big", "");
  g_assert_cmpuint (strlen (get_body (cut)), ==, 300001);
  g_assert_cmpuint (fixture->told.bytes, ==, 300001);
  whole = ask_for (fixture, "GET", "/big", "Range: bytes=700000-\r\n");
  g_assert_cmpuint (strlen (get_body (whole)), ==, 300000);
}

/* It is as slow as it is told to be. */
static void
test_server_is_slow (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *late = NULL;
  g_autofree char *slow = NULL;
  gint64 begun_at = g_get_monotonic_time ();

  onward_server_set_latency (fixture->server, 100);
  late = ask_for (fixture, "GET", "/packs/ab.full", "");
  g_assert_cmpstr (get_body (late), ==, "0123456789");
  g_assert_cmpint (g_get_monotonic_time () - begun_at, >=, 100 * 1000);

  onward_server_set_latency (fixture->server, 0);
  onward_server_set_rate (fixture->server, 4000000);
  begun_at = g_get_monotonic_time ();
  slow = ask_for (fixture, "GET", "/big", "");
  g_assert_cmpuint (strlen (get_body (slow)), ==, 1000000);
  g_assert_cmpint (g_get_monotonic_time () - begun_at, >=, 180 * 1000);
}

/* Nonsense does not stop it from answering others. */
static void
test_server_hostile (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *range =
      ask_for (fixture, "GET", "/packs/ab.full", "Range: bytes=99999999999999999999999-\r\n");
  g_autofree char *zero = ask_for (fixture, "GET", "/packs%00/ab.full", "");
  g_autofree char *fine = ask_for (fixture, "GET", "/packs/ab.full", "");

  g_assert_cmpstr (get_body (range), ==, "0123456789");
  g_assert_null (strstr (zero, "0123456789"));
  g_assert_cmpstr (get_body (fine), ==, "0123456789");
}

/* What cannot be handed out or listened on is told. */
static void
test_server_errors (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *missing = g_build_filename (dir, "missing", NULL);
  g_autoptr (OnwardServer) server = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (onward_server_new (missing, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_clear_error (&error);
  server = onward_server_new (dir, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_server_get_port (server), ==, 0);
  g_assert_false (onward_server_listen (server, "example.org", 0, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
}

/* Ranges are understood in the three forms there are, at the edges of what numbers hold. */
static void
test_server_byte_range (void)
{
  /* clang-format off */
  static const struct { const char *header; guint64 size; OnwardByteRange kind;
                        guint64 start, end; } cases[] = {
    { "bytes=0-0",   10, ONWARD_BYTE_RANGE_ONE, 0, 1 },
    { "bytes=9-",    10, ONWARD_BYTE_RANGE_ONE, 9, 10 },
    { "bytes=-10",   10, ONWARD_BYTE_RANGE_ONE, 0, 10 },
    { "bytes=-99",   10, ONWARD_BYTE_RANGE_ONE, 0, 10 },
    { "bytes=-0",    10, ONWARD_BYTE_RANGE_OUTSIDE, 0, 0 },
    { "bytes=10-",   10, ONWARD_BYTE_RANGE_OUTSIDE, 0, 0 },
    { "bytes=0-",     0, ONWARD_BYTE_RANGE_OUTSIDE, 0, 0 },
    { "bytes=0-18446744073709551615", 10, ONWARD_BYTE_RANGE_ONE, 0, 10 },
    { "bytes=18446744073709551615-",  10, ONWARD_BYTE_RANGE_OUTSIDE, 0, 0 },
    { "bytes=0-18446744073709551616", 10, ONWARD_BYTE_RANGE_NONE, 0, 0 },
    { "bytes=",      10, ONWARD_BYTE_RANGE_NONE, 0, 0 },
    { "bytes=-",     10, ONWARD_BYTE_RANGE_NONE, 0, 0 },
    { "bytes=--1",   10, ONWARD_BYTE_RANGE_NONE, 0, 0 },
    { "bytes= 0-1",  10, ONWARD_BYTE_RANGE_NONE, 0, 0 },
    { "bytes=+0-1",  10, ONWARD_BYTE_RANGE_NONE, 0, 0 },
    { NULL,          10, ONWARD_BYTE_RANGE_NONE, 0, 0 },
  };
  /* clang-format on */

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 start = 0, end = 0;

      g_test_message ("%s", cases[i].header == NULL ? "none" : cases[i].header);
      g_assert_cmpint (onward_byte_range_parse (cases[i].header, cases[i].size, &start, &end), ==,
                       cases[i].kind);
      g_assert_cmpuint (start, ==, cases[i].start);
      g_assert_cmpuint (end, ==, cases[i].end);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/answers", test_server_answers);
  g_test_add_func ("/server/validators", test_server_validators);
  g_test_add_func ("/server/caching", test_server_caching);
  g_test_add_func ("/server/drops", test_server_drops);
  g_test_add_func ("/server/is-slow", test_server_is_slow);
  g_test_add_func ("/server/hostile", test_server_hostile);
  g_test_add_func ("/server/errors", test_server_errors);
  g_test_add_func ("/server/byte-range", test_server_byte_range);
  return g_test_run ();
}
