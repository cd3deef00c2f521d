/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gio/gio.h>

#include "onward-error.h"
#include "onward-exit.h"

static OnwardExit
exit_for_code (OnwardError code)
{
  switch (code)
    {
    case ONWARD_ERROR_OFFLINE:
    case ONWARD_ERROR_SERVER:
    case ONWARD_ERROR_METERED:
    case ONWARD_ERROR_SIGN_IN:
    case ONWARD_ERROR_SERVER_BUSY:
    case ONWARD_ERROR_UPLOAD_UNDER_WAY:
    case ONWARD_ERROR_UNKNOWN_AUTHORITY:
    case ONWARD_ERROR_WRONG_HOST:
    case ONWARD_ERROR_CERTIFICATE_EXPIRED:
    case ONWARD_ERROR_CERTIFICATE_NOT_YET_VALID:
    case ONWARD_ERROR_BAD_CERTIFICATE:
      return ONWARD_EXIT_NETWORK;
    case ONWARD_ERROR_BUSY:
      return ONWARD_EXIT_BUSY;
    case ONWARD_ERROR_NO_SPACE:
      return ONWARD_EXIT_NO_SPACE;
    case ONWARD_ERROR_NOT_PERMITTED:
    case ONWARD_ERROR_READ_ONLY_INSTALL:
      return ONWARD_EXIT_NOT_PERMITTED;
    case ONWARD_ERROR_UNTRUSTED:
    case ONWARD_ERROR_EXPIRED:
    case ONWARD_ERROR_ROLLED_BACK:
    case ONWARD_ERROR_CORRUPT:
    case ONWARD_ERROR_ROOT_EXPIRED:
    case ONWARD_ERROR_WRONG_CLOCK:
    case ONWARD_ERROR_WRONG_TYPE:
    case ONWARD_ERROR_WRONG_VERSION:
    case ONWARD_ERROR_WRONG_LENGTH:
    case ONWARD_ERROR_TOO_LARGE:
    case ONWARD_ERROR_OTHER_REPOSITORY:
    case ONWARD_ERROR_WRONG_HASH:
      return ONWARD_EXIT_UNTRUSTED;
    case ONWARD_ERROR_FAILED:
    case ONWARD_ERROR_NOT_FOUND:
    case ONWARD_ERROR_MALFORMED:
    case ONWARD_ERROR_UNSUPPORTED_FORMAT:
    case ONWARD_ERROR_WRONG_STATE:
    case ONWARD_ERROR_INTERRUPTED:
    case ONWARD_ERROR_DID_NOT_START:
      return ONWARD_EXIT_FAILED;
    }

  return ONWARD_EXIT_FAILED;
}

/* What GIO and GLib say of the disk. */
static OnwardExit
exit_for_foreign (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE) ||
      g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC))
    return ONWARD_EXIT_NO_SPACE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY) ||
      g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_ACCES) ||
      g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_PERM) ||
      g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_ROFS))
    return ONWARD_EXIT_NOT_PERMITTED;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return ONWARD_EXIT_CANCELLED;
  return ONWARD_EXIT_FAILED;
}

/**
 * onward_exit_for_error:
 * @error: (nullable): why a command failed
 *
 * Returns: the exit status that tells scripts about it
 */
OnwardExit
onward_exit_for_error (const GError *error)
{
  if (error == NULL)
    return ONWARD_EXIT_DONE;
  if (error->domain == G_OPTION_ERROR)
    return ONWARD_EXIT_USAGE;
  if (error->domain == ONWARD_ERROR)
    return exit_for_code ((OnwardError) error->code);
  return exit_for_foreign (error);
}
