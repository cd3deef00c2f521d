/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-fd.h"
#include "onward-transfer-fixture.h"

#define BLOCK (16 * 1024)
#define SIZE  (10 * BLOCK + 1234)
#define CUTS  64

/* How a server tells one state of its file from another. */
typedef struct
{
  const char *name;
  const char *first;
  const char *second;
  guint64 overhead; /* bytes fetched twice, at most; beyond the cut when it is G_MAXUINT64 */
} Validator;

static const Validator validators[] = {
  { "strong", "etag \"a\"", "etag \"a\"", 0 },
  { "weak", "etag W/\"a\"", "etag W/\"a\"", 0 },
  { "none", "etag none", "etag none", 0 },
  { "changed", "etag \"a\"", "etag \"b\"", BLOCK },
  { "no-ranges", "etag \"a\"", "etag \"a\"; no-range", G_MAXUINT64 },
  { "other-size", "etag \"a\"", "etag \"a\"; content-range bytes 1-2/3", BLOCK },
  /* What came before the cut was of another file: no byte of that can be relied on. */
  { "replaced", "etag \"a\"; shift 1", "etag \"b\"", G_MAXUINT64 },
  { "replaced-without-a-tag", "etag none; shift 1", "etag none", SIZE },
  { "replaced-under-the-same-tag", "etag \"a\"; shift 1", "etag \"a\"", SIZE },
};

/* Wherever the connection is cut, no byte that can still be relied on is fetched again. */
static void
test_resume_cut (gconstpointer data)
{
  const Validator *validator = data;
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);

  for (guint i = 0; i < CUTS; i++)
    {
      guint64 cut = (guint64) i * (SIZE - 1) / (CUTS - 1);
      guint64 most = SIZE + (validator->overhead == G_MAXUINT64 ? cut : validator->overhead);
      g_autofree char *first = g_strdup_printf ("%s; cut %u", validator->first, (guint) cut);
      g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, 10);

      (void) unlink (fixture->path);
      onward_fault_server_script (fixture->server, first, validator->second, "ok", NULL);
      onward_transfer_fixture_complete (fixture, transfer);
      g_assert_cmpuint (onward_transfer_get_bytes_on_wire (transfer), <=, most);
    }
}

/* Asks for the bytes after those received, and only of the very same file. */
static void
test_resume_asks_for_the_rest (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
  g_autoptr (GError) error = NULL;
  g_autofree char *range = NULL;
  g_autofree char *if_range = NULL;
  g_autofree char *agent = NULL;
  g_autofree char *encoding = NULL;

  onward_fault_server_script (fixture->server, "cut 50000", "ok", NULL);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_no_error (error);
  range = onward_fault_server_dup_header (fixture->server, 1, "Range");
  if_range = onward_fault_server_dup_header (fixture->server, 1, "If-Range");
  agent = onward_fault_server_dup_header (fixture->server, 1, "User-Agent");
  encoding = onward_fault_server_dup_header (fixture->server, 1, "Accept-Encoding");
  g_assert_cmpstr (range, ==, "bytes=50000-165073");
  g_assert_cmpstr (if_range, ==, "\"one\"");
  g_assert_true (g_str_has_prefix (agent, "Onward/"));
  g_assert_cmpstr (encoding, ==, "identity");
}

/* A weak tag promises nothing about bytes, so nothing is made to depend on it. */
static void
test_resume_never_with_weak_tag (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
  g_autoptr (GError) error = NULL;
  g_autofree char *if_range = NULL;

  onward_fault_server_script (fixture->server, "etag W/\"a\"; cut 50000", "etag W/\"a\"", NULL);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_no_error (error);
  if_range = onward_fault_server_dup_header (fixture->server, 1, "If-Range");
  g_assert_null (if_range);
  g_assert_null (onward_transfer_get_validator (transfer));
}

/* Paused and resumed at many places, the file arrives with no byte fetched twice. */
static void
test_resume_pause (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
  guint64 on_wire = 0, before = 0;
  guint pauses = 0;

  onward_fault_server_script (fixture->server, "stall 20000", NULL);
  while (TRUE)
    {
      g_autoptr (GError) error = onward_transfer_fixture_pause_at (transfer, before + 1);

      on_wire += onward_transfer_get_bytes_on_wire (transfer);
      if (error == NULL)
        break;
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (onward_transfer_get_bytes_done (transfer), >, before);
      g_assert_cmpuint (onward_ranges_get_length (onward_transfer_get_received (transfer)), ==,
                        onward_transfer_get_bytes_done (transfer));
      before = onward_transfer_get_bytes_done (transfer);
      pauses++;
    }
  g_assert_cmpuint (pauses, >=, 5);
  g_assert_cmpuint (on_wire, ==, SIZE);
  onward_transfer_fixture_check (fixture);
}

/* As after kill -9: a new transfer knows only what was recorded. */
static void
resume_from_record (OnwardTransferFixture *fixture, const char *record, const char *validator,
                    guint64 most)
{
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, 3);
  g_autoptr (OnwardRanges) received = onward_ranges_parse (record, SIZE);

  g_test_message ("%s", record);
  g_assert_nonnull (received);
  onward_transfer_set_received (transfer, validator, received);
  onward_fault_server_script (fixture->server, "ok", NULL);
  onward_transfer_fixture_complete (fixture, transfer);
  g_assert_cmpuint (onward_transfer_get_bytes_on_wire (transfer), <=, most);
}

/* After kill -9, what was recorded and is there is not fetched again, to the byte. */
static void
test_resume_from_record (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, 0);
  g_autoptr (GError) error = NULL;
  g_autofree char *record = NULL;

  onward_fault_server_script (fixture->server, "cut 70000", NULL);
  error = onward_transfer_fixture_run (transfer, NULL);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_SERVER);
  record = onward_ranges_to_string (onward_transfer_get_received (transfer));
  resume_from_record (fixture, record, onward_transfer_get_validator (transfer), SIZE - 70000);
  /* All is there now, and the record says so. */
  resume_from_record (fixture, "0-165074", NULL, 0);
}

/* A record that is wrong costs fetching again, never a wrong file. */
static void
test_resume_from_wrong_record (void)
{
  static const char *const records[] = {
    "0-165074", "0-20000", "5-165074", "16384-32768", "0-16384,20000-40000", "165073-165074"
  };

  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);

      /* Nothing of it is there. */
      resume_from_record (fixture, records[i], "\"one\"", SIZE + BLOCK);
    }
}

/* A damaged block is fetched again alone; from another address when there is one, and then the
 * first has no second chance with it. */
static void
test_resume_damaged_block_alone (void)
{
  static const guint64 places[] = { 0, BLOCK - 1, 3 * BLOCK + 7, 9 * BLOCK, SIZE - 1 };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (places); i++)
    {
      g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
      g_autoptr (OnwardFaultServer) other = onward_fault_server_new (fixture->content);
      g_autoptr (OnwardTransfer) transfer = NULL;
      guint64 place = places[i / 2];
      guint64 block = MIN (BLOCK, SIZE - place / BLOCK * BLOCK);
      g_autofree char *line = g_strdup_printf ("flip %u", (guint) place);

      if (i % 2 == 1)
        fixture->uris[1] = onward_fault_server_get_uri (other);
      onward_fault_server_script (fixture->server, line, i % 2 == 1 ? line : "ok", NULL);
      transfer = onward_transfer_fixture_make (fixture, 3);
      onward_transfer_fixture_complete (fixture, transfer);
      g_assert_cmpuint (onward_transfer_get_bytes_on_wire (transfer), ==, SIZE + block);
      g_assert_cmpuint (onward_fault_server_count_requests (fixture->server), ==, 2 - i % 2);
      g_assert_cmpuint (onward_fault_server_count_requests (other), ==, i % 2);
    }
}

/* A byte that changed on the disk costs its block. */
static void
test_resume_with_damaged_file (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
  g_autoptr (GError) error = onward_transfer_fixture_run (transfer, NULL);
  g_auto (OnwardFd) fd = open (fixture->path, O_RDWR | O_CLOEXEC);

  g_assert_no_error (error);
  g_assert_cmpint (pwrite (fd, "damaged", 7, 3 * BLOCK + 5), ==, 7);
  resume_from_record (fixture, "0-165074", "\"one\"", BLOCK);
  g_assert_cmpint (ftruncate (fd, 5 * BLOCK), ==, 0);
  resume_from_record (fixture, "0-165074", "\"one\"", SIZE - 5 * BLOCK);
}

int
main (int argc, char **argv)
{
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1", TRUE);
  g_setenv ("ONWARD_TEST_DEADLINE_MS", "500", TRUE);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (validators); i++)
    {
      g_autofree char *path = g_strdup_printf ("/resume/cut/%s", validators[i].name);

      g_test_add_data_func (path, &validators[i], test_resume_cut);
    }
  g_test_add_func ("/resume/asks-for-the-rest", test_resume_asks_for_the_rest);
  g_test_add_func ("/resume/never-with-weak-tag", test_resume_never_with_weak_tag);
  g_test_add_func ("/resume/pause", test_resume_pause);
  g_test_add_func ("/resume/from-record", test_resume_from_record);
  g_test_add_func ("/resume/from-wrong-record", test_resume_from_wrong_record);
  g_test_add_func ("/resume/damaged-block-alone", test_resume_damaged_block_alone);
  g_test_add_func ("/resume/with-damaged-file", test_resume_with_damaged_file);
  return g_test_run ();
}
