/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-explanation.h"

/* clang-format off */
static const OnwardError tampering[] = {
  ONWARD_ERROR_UNTRUSTED, ONWARD_ERROR_OTHER_REPOSITORY, ONWARD_ERROR_ROLLED_BACK, ONWARD_ERROR_WRONG_HASH,
};
static const OnwardError refusals[] = {
  ONWARD_ERROR_UNTRUSTED, ONWARD_ERROR_OTHER_REPOSITORY, ONWARD_ERROR_ROLLED_BACK, ONWARD_ERROR_WRONG_HASH,
  ONWARD_ERROR_EXPIRED, ONWARD_ERROR_ROOT_EXPIRED, ONWARD_ERROR_WRONG_CLOCK, ONWARD_ERROR_WRONG_TYPE,
  ONWARD_ERROR_WRONG_VERSION, ONWARD_ERROR_WRONG_LENGTH, ONWARD_ERROR_TOO_LARGE, ONWARD_ERROR_MALFORMED,
  ONWARD_ERROR_CORRUPT, ONWARD_ERROR_UPLOAD_UNDER_WAY, ONWARD_ERROR_SIGN_IN, ONWARD_ERROR_UNKNOWN_AUTHORITY,
  ONWARD_ERROR_WRONG_HOST, ONWARD_ERROR_CERTIFICATE_EXPIRED, ONWARD_ERROR_CERTIFICATE_NOT_YET_VALID,
  ONWARD_ERROR_BAD_CERTIFICATE, ONWARD_ERROR_SERVER_BUSY, ONWARD_ERROR_UNSUPPORTED_FORMAT,
};
/* clang-format on */

static gboolean
is_tampering (int code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tampering); i++)
    if ((int) tampering[i] == code)
      return TRUE;
  return FALSE;
}

/* Only what nothing harmless can bring about is called tampering. */
static void
test_explanation_tampering (void)
{
  for (int code = 0; code <= ONWARD_ERROR_BAD_CERTIFICATE; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (ONWARD_ERROR, code, "x");
      const char *meaning = onward_explanation_get_meaning (error);

      g_assert_true (is_tampering (code) ==
                     (meaning != NULL && strstr (meaning, "tampering") != NULL));
    }
}

/* Each refusal says what was checked, a meaning that no other has, and what to do. */
static void
test_explanation_of_refusals (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (ONWARD_ERROR, (int) refusals[i], "x");

      g_assert_nonnull (onward_explanation_get_check (error));
      g_assert_nonnull (onward_explanation_get_advice (error));
      g_assert_true (g_hash_table_add (seen, (gpointer) onward_explanation_get_meaning (error)));
      g_assert_null (strstr (onward_explanation_get_advice (error), "anyway"));
    }
}

/* Whatever is final, or for the publisher to mend, is explained; not what has no one meaning: a
 * file may be missing anywhere, and a program that does not start was not refused. */
static void
test_explanation_of_all_that_is_final (void)
{
  for (int code = 0; code <= ONWARD_ERROR_BAD_CERTIFICATE; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (ONWARD_ERROR, code, "x");
      OnwardRemedy remedy = onward_error_get_remedy (error);

      if ((remedy != ONWARD_REMEDY_STOP && remedy != ONWARD_REMEDY_TELL_PUBLISHER) ||
          code == ONWARD_ERROR_NOT_FOUND || code == ONWARD_ERROR_DID_NOT_START)
        continue;
      g_test_message ("%s", onward_error_get_nick ((OnwardError) code));
      g_assert_nonnull (onward_explanation_get_meaning (error));
    }
}

/* What is no refusal has no explanation; of other domains none is guessed. */
static void
test_explanation_of_nothing (void)
{
  g_autoptr (GError) plain = g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_NO_SPACE, "x");
  g_autoptr (GError) foreign = g_error_new_literal (G_IO_ERROR, ONWARD_ERROR_UNTRUSTED, "x");
  g_autoptr (GError) beyond = g_error_new_literal (ONWARD_ERROR, 4711, "x");

  g_assert_null (onward_explanation_get_check (plain));
  g_assert_null (onward_explanation_get_meaning (foreign));
  g_assert_null (onward_explanation_get_advice (beyond));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/explanation/tampering", test_explanation_tampering);
  g_test_add_func ("/explanation/refusals", test_explanation_of_refusals);
  g_test_add_func ("/explanation/all-that-is-final", test_explanation_of_all_that_is_final);
  g_test_add_func ("/explanation/nothing", test_explanation_of_nothing);
  return g_test_run ();
}
