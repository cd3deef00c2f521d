/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gio/gio.h>

#include "onward-error.h"

#define N_CODES (ONWARD_ERROR_BAD_CERTIFICATE + 1)

/* Every code has a kebab-case name of its own. */
static void
test_error_nicks (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int code = 0; code < N_CODES; code++)
    {
      const char *nick = onward_error_get_nick (code);

      g_assert_true (g_regex_match_simple ("^[a-z]+(-[a-z]+)*$", nick, 0, 0));
      g_assert_true (g_hash_table_add (seen, (gpointer) nick));
    }

  g_assert_cmpstr (g_quark_to_string (ONWARD_ERROR), ==, "onward-error-quark");
  g_assert_cmpstr (onward_error_get_nick (ONWARD_ERROR_NO_SPACE), ==, "no-space");
  g_assert_cmpstr (onward_error_get_nick (ONWARD_ERROR_DID_NOT_START), ==, "did-not-start");
  g_assert_cmpstr (onward_error_get_nick (N_CODES), ==, "failed");
  g_assert_cmpstr (onward_error_get_nick (-1), ==, "failed");
}

static void
assert_remedy (GQuark domain, int code, OnwardRemedy expected)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, "x");

  g_assert_cmpint (onward_error_get_remedy (error), ==, expected);
}

/* What says that somebody tampers, or that information is stale, is never tried again by itself. */
static void
test_error_stop (void)
{
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_UNTRUSTED, ONWARD_REMEDY_STOP);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_EXPIRED, ONWARD_REMEDY_STOP);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_ROLLED_BACK, ONWARD_REMEDY_STOP);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_CORRUPT, ONWARD_REMEDY_STOP);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_ROOT_EXPIRED, ONWARD_REMEDY_STOP);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_WRONG_TYPE, ONWARD_REMEDY_STOP);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_WRONG_VERSION, ONWARD_REMEDY_STOP);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_WRONG_LENGTH, ONWARD_REMEDY_STOP);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_TOO_LARGE, ONWARD_REMEDY_STOP);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_OTHER_REPOSITORY, ONWARD_REMEDY_STOP);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_WRONG_HASH, ONWARD_REMEDY_STOP);
}

/* What passes by itself is tried again; what needs someone is not. */
static void
test_error_remedies (void)
{
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_SERVER, ONWARD_REMEDY_RETRY_SOON);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_OFFLINE, ONWARD_REMEDY_WAIT_NETWORK);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_BUSY, ONWARD_REMEDY_RETRY_LATER);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_SIGN_IN, ONWARD_REMEDY_WAIT_NETWORK);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_SERVER_BUSY, ONWARD_REMEDY_RETRY_LATER);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_UPLOAD_UNDER_WAY, ONWARD_REMEDY_RETRY_SOON);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_UNKNOWN_AUTHORITY, ONWARD_REMEDY_WAIT_NETWORK);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_CERTIFICATE_NOT_YET_VALID, ONWARD_REMEDY_ASK_USER);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_NO_SPACE, ONWARD_REMEDY_ASK_USER);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_MALFORMED, ONWARD_REMEDY_TELL_PUBLISHER);
  assert_remedy (ONWARD_ERROR, ONWARD_ERROR_WRONG_CLOCK, ONWARD_REMEDY_ASK_USER);
  assert_remedy (ONWARD_ERROR, N_CODES, ONWARD_REMEDY_ASK_USER);
}

/* Errors of other domains are judged cautiously. */
static void
test_error_foreign (void)
{
  assert_remedy (G_IO_ERROR, G_IO_ERROR_CANCELLED, ONWARD_REMEDY_ASK_USER);
  assert_remedy (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, ONWARD_REMEDY_RETRY_SOON);
  assert_remedy (G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND, ONWARD_REMEDY_WAIT_NETWORK);
  assert_remedy (G_IO_ERROR, G_IO_ERROR_BUSY, ONWARD_REMEDY_RETRY_LATER);
  assert_remedy (G_FILE_ERROR, G_FILE_ERROR_IO, ONWARD_REMEDY_ASK_USER);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/error/nicks", test_error_nicks);
  g_test_add_func ("/error/stop", test_error_stop);
  g_test_add_func ("/error/remedies", test_error_remedies);
  g_test_add_func ("/error/foreign", test_error_foreign);

  return g_test_run ();
}
