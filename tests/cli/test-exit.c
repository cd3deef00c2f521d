/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gio/gio.h>

#include "onward-error.h"
#include "onward-exit.h"

/* The numbers are a contract with scripts: they never change. */
static void
test_exit_numbers (void)
{
  static const int numbers[] = {
    ONWARD_EXIT_DONE,     ONWARD_EXIT_FAILED,  ONWARD_EXIT_USAGE,
    ONWARD_EXIT_NOTHING,  ONWARD_EXIT_NETWORK, ONWARD_EXIT_UNTRUSTED,
    ONWARD_EXIT_NO_SPACE, ONWARD_EXIT_BUSY,    ONWARD_EXIT_NOT_PERMITTED,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_assert_cmpint (numbers[i], ==, (int) i);
  g_assert_cmpint (ONWARD_EXIT_CANCELLED, ==, 130);
}

/* Every error of ours tells scripts what can be done about it. */
static void
test_exit_of_every_code (void)
{
  /* clang-format off */
  static const OnwardExit expected[] = {
    [ONWARD_ERROR_FAILED]                    = ONWARD_EXIT_FAILED,
    [ONWARD_ERROR_OFFLINE]                   = ONWARD_EXIT_NETWORK,
    [ONWARD_ERROR_SERVER]                    = ONWARD_EXIT_NETWORK,
    [ONWARD_ERROR_METERED]                   = ONWARD_EXIT_NETWORK,
    [ONWARD_ERROR_BUSY]                      = ONWARD_EXIT_BUSY,
    [ONWARD_ERROR_NO_SPACE]                  = ONWARD_EXIT_NO_SPACE,
    [ONWARD_ERROR_NOT_PERMITTED]             = ONWARD_EXIT_NOT_PERMITTED,
    [ONWARD_ERROR_READ_ONLY_INSTALL]         = ONWARD_EXIT_NOT_PERMITTED,
    [ONWARD_ERROR_NOT_FOUND]                 = ONWARD_EXIT_FAILED,
    [ONWARD_ERROR_MALFORMED]                 = ONWARD_EXIT_FAILED,
    [ONWARD_ERROR_UNSUPPORTED_FORMAT]        = ONWARD_EXIT_FAILED,
    [ONWARD_ERROR_UNTRUSTED]                 = ONWARD_EXIT_UNTRUSTED,
    [ONWARD_ERROR_EXPIRED]                   = ONWARD_EXIT_UNTRUSTED,
    [ONWARD_ERROR_ROLLED_BACK]               = ONWARD_EXIT_UNTRUSTED,
    [ONWARD_ERROR_CORRUPT]                   = ONWARD_EXIT_UNTRUSTED,
    [ONWARD_ERROR_WRONG_STATE]               = ONWARD_EXIT_FAILED,
    [ONWARD_ERROR_INTERRUPTED]               = ONWARD_EXIT_FAILED,
    [ONWARD_ERROR_DID_NOT_START]             = ONWARD_EXIT_FAILED,
    [ONWARD_ERROR_ROOT_EXPIRED]              = ONWARD_EXIT_UNTRUSTED,
    [ONWARD_ERROR_WRONG_CLOCK]               = ONWARD_EXIT_UNTRUSTED,
    [ONWARD_ERROR_WRONG_TYPE]                = ONWARD_EXIT_UNTRUSTED,
    [ONWARD_ERROR_WRONG_VERSION]             = ONWARD_EXIT_UNTRUSTED,
    [ONWARD_ERROR_WRONG_LENGTH]              = ONWARD_EXIT_UNTRUSTED,
    [ONWARD_ERROR_TOO_LARGE]                 = ONWARD_EXIT_UNTRUSTED,
    [ONWARD_ERROR_SIGN_IN]                   = ONWARD_EXIT_NETWORK,
    [ONWARD_ERROR_SERVER_BUSY]               = ONWARD_EXIT_NETWORK,
    [ONWARD_ERROR_OTHER_REPOSITORY]          = ONWARD_EXIT_UNTRUSTED,
    [ONWARD_ERROR_WRONG_HASH]                = ONWARD_EXIT_UNTRUSTED,
    [ONWARD_ERROR_UPLOAD_UNDER_WAY]          = ONWARD_EXIT_NETWORK,
    [ONWARD_ERROR_UNKNOWN_AUTHORITY]         = ONWARD_EXIT_NETWORK,
    [ONWARD_ERROR_WRONG_HOST]                = ONWARD_EXIT_NETWORK,
    [ONWARD_ERROR_CERTIFICATE_EXPIRED]       = ONWARD_EXIT_NETWORK,
    [ONWARD_ERROR_CERTIFICATE_NOT_YET_VALID] = ONWARD_EXIT_NETWORK,
    [ONWARD_ERROR_BAD_CERTIFICATE]           = ONWARD_EXIT_NETWORK,
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (ONWARD_ERROR, (int) i, "why");

      g_assert_cmpint (onward_exit_for_error (error), ==, expected[i]);
    }
}

/* What other libraries say is read where it has a number of its own, and is a failure elsewhere. */
static void
test_exit_of_foreign_errors (void)
{
  const struct
  {
    GQuark domain;
    int code;
    OnwardExit expected;
  } cases[] = {
    { G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION, ONWARD_EXIT_USAGE },
    { G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, ONWARD_EXIT_USAGE },
    { G_IO_ERROR, G_IO_ERROR_CANCELLED, ONWARD_EXIT_CANCELLED },
    { G_IO_ERROR, G_IO_ERROR_NO_SPACE, ONWARD_EXIT_NO_SPACE },
    { G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, ONWARD_EXIT_NOT_PERMITTED },
    { G_IO_ERROR, G_IO_ERROR_READ_ONLY, ONWARD_EXIT_NOT_PERMITTED },
    { G_IO_ERROR, G_IO_ERROR_FAILED, ONWARD_EXIT_FAILED },
    { G_FILE_ERROR, G_FILE_ERROR_NOSPC, ONWARD_EXIT_NO_SPACE },
    { G_FILE_ERROR, G_FILE_ERROR_ACCES, ONWARD_EXIT_NOT_PERMITTED },
    { G_FILE_ERROR, G_FILE_ERROR_PERM, ONWARD_EXIT_NOT_PERMITTED },
    { G_FILE_ERROR, G_FILE_ERROR_ROFS, ONWARD_EXIT_NOT_PERMITTED },
    { G_FILE_ERROR, G_FILE_ERROR_NOENT, ONWARD_EXIT_FAILED },
    { G_CONVERT_ERROR, G_CONVERT_ERROR_FAILED, ONWARD_EXIT_FAILED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (cases[i].domain, cases[i].code, "why");

      g_assert_cmpint (onward_exit_for_error (error), ==, cases[i].expected);
    }
  g_assert_cmpint (onward_exit_for_error (NULL), ==, ONWARD_EXIT_DONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exit/numbers", test_exit_numbers);
  g_test_add_func ("/exit/every-code", test_exit_of_every_code);
  g_test_add_func ("/exit/foreign-errors", test_exit_of_foreign_errors);
  return g_test_run ();
}
