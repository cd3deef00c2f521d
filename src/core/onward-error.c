/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"

#include <gio/gio.h>

typedef struct
{
  OnwardError code;
  OnwardRemedy remedy;
  const char *nick;
} Row;

/* Grouped by what helps; the nick is written into journals and logs and never changes. */
/* clang-format off */
static const Row rows[] = {
  { ONWARD_ERROR_FAILED,                    ONWARD_REMEDY_ASK_USER,       "failed" },
  { ONWARD_ERROR_OFFLINE,                   ONWARD_REMEDY_WAIT_NETWORK,   "offline" },
  { ONWARD_ERROR_SERVER,                    ONWARD_REMEDY_RETRY_SOON,     "server" },
  { ONWARD_ERROR_METERED,                   ONWARD_REMEDY_WAIT_NETWORK,   "metered" },
  { ONWARD_ERROR_BUSY,                      ONWARD_REMEDY_RETRY_LATER,    "busy" },
  { ONWARD_ERROR_NO_SPACE,                  ONWARD_REMEDY_ASK_USER,       "no-space" },
  { ONWARD_ERROR_NOT_PERMITTED,             ONWARD_REMEDY_ASK_USER,       "not-permitted" },
  { ONWARD_ERROR_READ_ONLY_INSTALL,         ONWARD_REMEDY_ASK_USER,       "read-only-install" },
  { ONWARD_ERROR_NOT_FOUND,                 ONWARD_REMEDY_TELL_PUBLISHER, "not-found" },
  { ONWARD_ERROR_MALFORMED,                 ONWARD_REMEDY_TELL_PUBLISHER, "malformed" },
  { ONWARD_ERROR_UNSUPPORTED_FORMAT,        ONWARD_REMEDY_TELL_PUBLISHER, "unsupported-format" },
  { ONWARD_ERROR_UNTRUSTED,                 ONWARD_REMEDY_STOP,           "untrusted" },
  { ONWARD_ERROR_EXPIRED,                   ONWARD_REMEDY_STOP,           "expired" },
  { ONWARD_ERROR_ROLLED_BACK,               ONWARD_REMEDY_STOP,           "rolled-back" },
  { ONWARD_ERROR_CORRUPT,                   ONWARD_REMEDY_STOP,           "corrupt" },
  { ONWARD_ERROR_WRONG_STATE,               ONWARD_REMEDY_ASK_USER,       "wrong-state" },
  { ONWARD_ERROR_INTERRUPTED,               ONWARD_REMEDY_RETRY_SOON,     "interrupted" },
  { ONWARD_ERROR_DID_NOT_START,             ONWARD_REMEDY_TELL_PUBLISHER, "did-not-start" },
  { ONWARD_ERROR_ROOT_EXPIRED,              ONWARD_REMEDY_STOP,           "root-expired" },
  { ONWARD_ERROR_WRONG_CLOCK,               ONWARD_REMEDY_ASK_USER,       "wrong-clock" },
  { ONWARD_ERROR_WRONG_TYPE,                ONWARD_REMEDY_STOP,           "wrong-type" },
  { ONWARD_ERROR_WRONG_VERSION,             ONWARD_REMEDY_STOP,           "wrong-version" },
  { ONWARD_ERROR_WRONG_LENGTH,              ONWARD_REMEDY_STOP,           "wrong-length" },
  { ONWARD_ERROR_TOO_LARGE,                 ONWARD_REMEDY_STOP,           "too-large" },
  { ONWARD_ERROR_SIGN_IN,                   ONWARD_REMEDY_WAIT_NETWORK,   "sign-in" },
  { ONWARD_ERROR_SERVER_BUSY,               ONWARD_REMEDY_RETRY_LATER,    "server-busy" },
  { ONWARD_ERROR_OTHER_REPOSITORY,          ONWARD_REMEDY_STOP,           "other-repository" },
  { ONWARD_ERROR_WRONG_HASH,                ONWARD_REMEDY_STOP,           "wrong-hash" },
  { ONWARD_ERROR_UPLOAD_UNDER_WAY,          ONWARD_REMEDY_RETRY_SOON,     "upload-under-way" },
  { ONWARD_ERROR_UNKNOWN_AUTHORITY,         ONWARD_REMEDY_WAIT_NETWORK,   "unknown-authority" },
  { ONWARD_ERROR_WRONG_HOST,                ONWARD_REMEDY_WAIT_NETWORK,   "wrong-host" },
  { ONWARD_ERROR_CERTIFICATE_EXPIRED,       ONWARD_REMEDY_WAIT_NETWORK,   "certificate-expired" },
  { ONWARD_ERROR_CERTIFICATE_NOT_YET_VALID, ONWARD_REMEDY_ASK_USER,       "certificate-not-yet-valid" },
  { ONWARD_ERROR_BAD_CERTIFICATE,           ONWARD_REMEDY_WAIT_NETWORK,   "bad-certificate" },
};
/* clang-format on */

G_STATIC_ASSERT (G_N_ELEMENTS (rows) == ONWARD_ERROR_BAD_CERTIFICATE + 1);

/* clang-format off */
G_DEFINE_QUARK (onward-error-quark, onward_error)
/* clang-format on */

/**
 * onward_error_get_nick:
 * @code: an #OnwardError
 *
 * Gets the stable kebab-case name of an error code, for journals, logs and scripts.
 *
 * Returns: (transfer none): the name, e.g. "no-space"; "failed" for a number that is no code
 */
const char *
onward_error_get_nick (OnwardError code)
{
  if ((guint) code >= G_N_ELEMENTS (rows))
    return rows[ONWARD_ERROR_FAILED].nick;

  g_assert (rows[code].code == code);
  return rows[code].nick;
}

static OnwardRemedy
remedy_of_io_error (int code)
{
  static const int passing[] = { G_IO_ERROR_TIMED_OUT, G_IO_ERROR_CONNECTION_CLOSED,
                                 G_IO_ERROR_PARTIAL_INPUT, G_IO_ERROR_CONNECTION_REFUSED };
  static const int unconnected[] = { G_IO_ERROR_NETWORK_UNREACHABLE, G_IO_ERROR_HOST_UNREACHABLE,
                                     G_IO_ERROR_HOST_NOT_FOUND };

  for (gsize i = 0; i < G_N_ELEMENTS (passing); i++)
    if (code == passing[i])
      return ONWARD_REMEDY_RETRY_SOON;

  for (gsize i = 0; i < G_N_ELEMENTS (unconnected); i++)
    if (code == unconnected[i])
      return ONWARD_REMEDY_WAIT_NETWORK;

  return code == G_IO_ERROR_BUSY ? ONWARD_REMEDY_RETRY_LATER : ONWARD_REMEDY_ASK_USER;
}

/**
 * onward_error_get_remedy:
 * @error: an error of any domain
 *
 * Tells what can be done about an error. Errors of other domains that nobody converted are
 * judged cautiously: only those of a broken connection are tried again by themselves.
 *
 * Returns: the remedy
 */
OnwardRemedy
onward_error_get_remedy (const GError *error)
{
  g_return_val_if_fail (error != NULL, ONWARD_REMEDY_ASK_USER);

  if (error->domain == G_IO_ERROR)
    return remedy_of_io_error (error->code);
  if (error->domain != ONWARD_ERROR || (guint) error->code >= G_N_ELEMENTS (rows))
    return ONWARD_REMEDY_ASK_USER;

  return rows[error->code].remedy;
}
