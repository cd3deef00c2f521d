/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-transfer-fixture.h"

#define BLOCK (16 * 1024)
#define SIZE  (10 * BLOCK + 1234)

/* One behaviour of a server: the lines it answers by, and what becomes of the transfer. */
typedef struct
{
  const char *name;
  const char *lines[4];
  int failure;     /* an OnwardError with three retries, or NOTHING */
  guint64 on_wire; /* at most, or 0 when it does not matter */
  guint requests;  /* exactly, or 0 */
} Behaviour;

#define NOTHING -1

/* clang-format off */
static const Behaviour behaviours[] = {
  { "fine", { "ok" }, NOTHING, SIZE, 1 },
  { "closes-before-the-end", { "cut 50000", "ok" }, NOTHING, SIZE, 2 },
  { "closes-at-once", { "cut 0", "ok" }, NOTHING, SIZE, 2 },
  { "closes-after-every-20000", { "cut 20000" }, NOTHING, SIZE, 0 },
  { "resets", { "reset 70001", "ok" }, NOTHING, 0, 2 },
  { "closes-before-the-status", { "close", "ok" }, NOTHING, SIZE, 2 },
  { "chunked", { "chunked" }, NOTHING, SIZE, 1 },
  { "chunked-cut-after-a-chunk",
    { "chunked-cut", "chunked-cut; cut 20000", "ok" }, NOTHING, SIZE, 3 },
  { "chunked-cut-in-a-chunk", { "chunked; cut 30001", "ok" }, NOTHING, SIZE, 2 },
  { "bad-chunk-size", { "chunk-size zz", "ok" }, NOTHING, 0, 2 },
  { "no-length", { "no-length" }, NOTHING, SIZE, 1 },
  { "no-length-closed-early", { "no-length; cut 40000", "ok" }, NOTHING, SIZE, 2 },
  { "two-lengths", { "length 10; header Content-Length: 165074", "ok" }, NOTHING, 0, 2 },
  { "length-and-chunked", { "chunked; header Content-Length: 10", "ok" }, NOTHING, 2 * SIZE, 0 },
  { "length-too-short", { "length 1000", "ok" }, NOTHING, SIZE, 2 },
  { "length-negative", { "header Content-Length: -1; no-length", "ok" }, NOTHING, 2 * SIZE, 0 },
  { "length-overflows",
    { "header Content-Length: 99999999999999999999; no-length", "ok" }, NOTHING, 2 * SIZE, 0 },
  { "endless", { "endless" }, NOTHING, SIZE, 1 },
  { "endless-range", { "cut 50000", "endless" }, NOTHING, SIZE, 2 },
  { "endless-headers", { "endless-headers", "ok" }, NOTHING, SIZE, 2 },
  { "no-ranges", { "cut 100000", "no-range" }, NOTHING, SIZE + 100000, 2 },
  { "range-starts-elsewhere",
    { "cut 50000", "content-range bytes 0-115073/165074", "ok" }, NOTHING, SIZE, 3 },
  { "range-without-content-range",
    { "cut 50000", "content-range none", "ok" }, NOTHING, SIZE, 3 },
  { "range-of-unknown-total",
    { "cut 50000", "content-range bytes 50000-165073/*", "ok" }, NOTHING, SIZE, 3 },
  { "range-of-other-total",
    { "cut 50000", "content-range bytes 50000-165073/165075", "ok" }, NOTHING, SIZE, 3 },
  { "range-overflows",
    { "cut 50000", "content-range bytes 50000-18446744073709551616/165074", "ok" },
      NOTHING, SIZE, 3 },
  { "range-of-many-parts",
    { "cut 50000", "content-range none; header Content-Type: multipart/byteranges", "ok" },
      NOTHING, SIZE, 3 },
  { "range-refused", { "cut 50000", "status 416", "ok" }, NOTHING, SIZE + BLOCK, 3 },
  { "range-shifted-by-one", { "cut 50000", "shift 1", "ok" }, NOTHING, 0, 0 },
  { "always-another-file", { "shift 1" }, ONWARD_ERROR_CORRUPT, 4 * SIZE, 0 },
  { "no-etag", { "etag none; cut 50000", "etag none" }, NOTHING, SIZE, 2 },
  { "weak-etag", { "etag W/\"a\"; cut 50000", "etag W/\"a\"" }, NOTHING, SIZE, 2 },
  { "etag-changes", { "cut 50000", "etag \"two\"" }, NOTHING, SIZE + BLOCK, 3 },
  { "etag-changes-without-ranges",
    { "cut 50000", "etag \"two\"; no-range" }, NOTHING, SIZE + 50000, 3 },
  { "etag-changes-every-time", { "etag random; cut 50000" }, NOTHING, 2 * SIZE, 0 },
  { "etag-changes-behind-ranges",
    { "etag random; no-if-range; cut 14000" }, NOTHING, 2 * SIZE, 0 },
  { "damaged-where-connections-break", { "flip 9000; cut 50000", "cut 9000" },
    NOTHING, SIZE + BLOCK, 0 },
  { "etag-hostile", { "etag \"\xff\x01\"; cut 50000", "etag none" }, NOTHING, SIZE, 2 },
  { "one-byte-damaged", { "flip 70000", "ok" }, NOTHING, SIZE + BLOCK, 2 },
  { "the-last-byte-damaged", { "flip 165073", "ok" }, NOTHING, SIZE + BLOCK, 2 },
  { "damaged-twice", { "flip 70000", "flip 70000" }, ONWARD_ERROR_CORRUPT, SIZE + BLOCK, 2 },
  { "damaged-before-a-cut",
    { "etag none; flip 49200; cut 50000", "etag none", "etag none; flip 49200", "etag none" },
    NOTHING, SIZE + 2 * BLOCK, 4 },
  { "replaced-behind-a-range",
    { "flip 49200; cut 50000", "etag \"two\"; no-if-range", "etag \"two\"; flip 49200",
      "etag \"two\"" }, NOTHING, SIZE + 2 * BLOCK, 4 },
  { "gzip", { "encoding gzip", "ok" }, NOTHING, SIZE, 2 },
  { "gzip-on-a-range", { "cut 50000", "encoding gzip", "ok" }, NOTHING, SIZE, 3 },
  { "always-gzip", { "encoding gzip" }, ONWARD_ERROR_SERVER, 0, 4 },
  { "encoding-identity", { "encoding identity" }, NOTHING, SIZE, 1 },
  { "redirect-loop",
    { "redirect /again", "redirect /again", "redirect /again", "redirect /again" },
      ONWARD_ERROR_SERVER, 0, 24 },
  { "redirect", { "redirect /elsewhere", "ok" }, NOTHING, SIZE, 2 },
  { "redirect-to-a-file", { "redirect file:///etc/passwd", "ok" }, NOTHING, SIZE, 2 },
  { "redirect-to-plain-http", { "redirect http://example.org/", "ok" }, NOTHING, SIZE, 2 },
  { "redirect-to-data", { "redirect data:,a", "ok" }, NOTHING, SIZE, 2 },
  { "redirect-nowhere", { "status 302", "ok" }, NOTHING, SIZE, 2 },
  { "wants-a-password",
    { "status 401; header WWW-Authenticate: Basic realm=x", "ok" }, NOTHING, SIZE, 2 },
  { "proxy-wants-a-password",
    { "status 407; header Proxy-Authenticate: Basic realm=x", "ok" }, NOTHING, SIZE, 2 },
  { "not-found-once", { "status 404", "ok" }, NOTHING, SIZE, 2 },
  { "not-found", { "status 404" }, ONWARD_ERROR_NOT_FOUND, 0, 3 },
  { "gone", { "status 410" }, ONWARD_ERROR_NOT_FOUND, 0, 3 },
  { "busy", { "status 503; retry-after 1", "ok" }, NOTHING, SIZE, 2 },
  { "out-of-order", { "status 500", "status 502", "ok" }, NOTHING, SIZE, 3 },
  { "always-out-of-order", { "status 500" }, ONWARD_ERROR_SERVER, 0, 4 },
  { "no-content", { "status 204", "ok" }, NOTHING, SIZE, 2 },
  { "not-modified", { "status 304", "ok" }, NOTHING, SIZE, 2 },
  { "junk", { "junk", "ok" }, NOTHING, SIZE, 2 },
  { "eight-bit-headers", { "header X-Odd: \xe9\xff" }, NOTHING, SIZE, 1 },
};
/* clang-format on */

static void
play (OnwardFaultServer *server, const char *const *lines)
{
  guint count = 0;

  while (count < 4 && lines[count] != NULL)
    count++;
  onward_fault_server_script (server, lines[0], count > 1 ? lines[1] : NULL,
                              count > 2 ? lines[2] : NULL, count > 3 ? lines[3] : NULL, NULL);
}

/* Whatever the server does, the right bytes arrive or the right error does. */
static void
test_faults_behaviour (gconstpointer data)
{
  const Behaviour *behaviour = data;
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, 3);
  g_autoptr (GError) error = NULL;

  play (fixture->server, behaviour->lines);
  error = onward_transfer_fixture_run (transfer, NULL);

  if (behaviour->failure != NOTHING)
    g_assert_error (error, ONWARD_ERROR, behaviour->failure);
  else
    {
      g_assert_no_error (error);
      onward_transfer_fixture_check (fixture);
      g_assert_cmpuint (onward_transfer_get_bytes_done (transfer), ==, SIZE);
    }
  if (behaviour->on_wire != 0)
    g_assert_cmpuint (onward_transfer_get_bytes_on_wire (transfer), <=, behaviour->on_wire);
  if (behaviour->requests != 0)
    g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==,
                      behaviour->requests);
}

int
main (int argc, char **argv)
{
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1", TRUE);
  g_setenv ("ONWARD_TEST_DEADLINE_MS", "500", TRUE);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (behaviours); i++)
    {
      g_autofree char *path = g_strdup_printf ("/faults/%s", behaviours[i].name);

      g_test_add_data_func (path, &behaviours[i], test_faults_behaviour);
    }
  return g_test_run ();
}
