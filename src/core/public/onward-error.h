/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-visibility.h"

G_BEGIN_DECLS

/**
 * ONWARD_ERROR:
 *
 * The one error domain of Onward. `G_IO_ERROR_CANCELLED` is never converted to it.
 */
#define ONWARD_ERROR (onward_error_quark ())

/**
 * OnwardError:
 * @ONWARD_ERROR_FAILED: something failed that has no name of its own
 * @ONWARD_ERROR_OFFLINE: there is no network, or no connection could be made
 * @ONWARD_ERROR_SERVER: the server answered with an error, too slowly or wrongly
 * @ONWARD_ERROR_METERED: the network may charge for data
 * @ONWARD_ERROR_BUSY: another updater works on this install
 * @ONWARD_ERROR_NO_SPACE: a disk is full
 * @ONWARD_ERROR_NOT_PERMITTED: the user may not do this
 * @ONWARD_ERROR_READ_ONLY_INSTALL: the install is not this user's to change
 * @ONWARD_ERROR_NOT_FOUND: the repository, the install or a file is not there
 * @ONWARD_ERROR_MALFORMED: data breaks the rules of its format
 * @ONWARD_ERROR_UNSUPPORTED_FORMAT: data needs a newer Onward or another computer
 * @ONWARD_ERROR_UNTRUSTED: a signature is missing or wrong
 * @ONWARD_ERROR_EXPIRED: signed information is too old to rely on
 * @ONWARD_ERROR_ROLLED_BACK: the server offers older information than was already seen
 * @ONWARD_ERROR_CORRUPT: bytes differ from their signed digest
 * @ONWARD_ERROR_WRONG_STATE: the request does not fit the present state
 * @ONWARD_ERROR_INTERRUPTED: earlier work was cut off
 * @ONWARD_ERROR_DID_NOT_START: a new version could not start and was taken back
 * @ONWARD_ERROR_ROOT_EXPIRED: the list of the publisher's keys is too old to rely on
 * @ONWARD_ERROR_WRONG_CLOCK: this computer's clock is far from what was signed
 * @ONWARD_ERROR_WRONG_TYPE: a signed document stands where one of another kind belongs
 * @ONWARD_ERROR_WRONG_VERSION: a signed document is not the version that was announced
 * @ONWARD_ERROR_WRONG_LENGTH: a document has not the length that was signed
 * @ONWARD_ERROR_TOO_LARGE: a document is larger than any may be
 * @ONWARD_ERROR_SIGN_IN: the network lets nobody through before they have signed in
 * @ONWARD_ERROR_SERVER_BUSY: the server asks to be left alone for a while
 * @ONWARD_ERROR_OTHER_REPOSITORY: the documents are whole, but signed by somebody else's keys
 * @ONWARD_ERROR_WRONG_HASH: a document has not the hash that was signed, also when asked for again
 * @ONWARD_ERROR_UPLOAD_UNDER_WAY: the publisher's files do not fit together yet
 * @ONWARD_ERROR_UNKNOWN_AUTHORITY: nobody this computer knows vouches for the server
 * @ONWARD_ERROR_WRONG_HOST: the server has the certificate of another one
 * @ONWARD_ERROR_CERTIFICATE_EXPIRED: the server's certificate has expired
 * @ONWARD_ERROR_CERTIFICATE_NOT_YET_VALID: the server's certificate is not valid yet
 * @ONWARD_ERROR_BAD_CERTIFICATE: the server's certificate was revoked or is too weak
 *
 * What went wrong, grouped by what can be done about it: see onward_error_get_remedy().
 */
typedef enum
{
  ONWARD_ERROR_FAILED,
  ONWARD_ERROR_OFFLINE,
  ONWARD_ERROR_SERVER,
  ONWARD_ERROR_METERED,
  ONWARD_ERROR_BUSY,
  ONWARD_ERROR_NO_SPACE,
  ONWARD_ERROR_NOT_PERMITTED,
  ONWARD_ERROR_READ_ONLY_INSTALL,
  ONWARD_ERROR_NOT_FOUND,
  ONWARD_ERROR_MALFORMED,
  ONWARD_ERROR_UNSUPPORTED_FORMAT,
  ONWARD_ERROR_UNTRUSTED,
  ONWARD_ERROR_EXPIRED,
  ONWARD_ERROR_ROLLED_BACK,
  ONWARD_ERROR_CORRUPT,
  ONWARD_ERROR_WRONG_STATE,
  ONWARD_ERROR_INTERRUPTED,
  ONWARD_ERROR_DID_NOT_START,
  ONWARD_ERROR_ROOT_EXPIRED,
  ONWARD_ERROR_WRONG_CLOCK,
  ONWARD_ERROR_WRONG_TYPE,
  ONWARD_ERROR_WRONG_VERSION,
  ONWARD_ERROR_WRONG_LENGTH,
  ONWARD_ERROR_TOO_LARGE,
  ONWARD_ERROR_SIGN_IN,
  ONWARD_ERROR_SERVER_BUSY,
  ONWARD_ERROR_OTHER_REPOSITORY,
  ONWARD_ERROR_WRONG_HASH,
  ONWARD_ERROR_UPLOAD_UNDER_WAY,
  ONWARD_ERROR_UNKNOWN_AUTHORITY,
  ONWARD_ERROR_WRONG_HOST,
  ONWARD_ERROR_CERTIFICATE_EXPIRED,
  ONWARD_ERROR_CERTIFICATE_NOT_YET_VALID,
  ONWARD_ERROR_BAD_CERTIFICATE,
} OnwardError;

/**
 * OnwardRemedy:
 * @ONWARD_REMEDY_RETRY_SOON: try again by itself, with back-off
 * @ONWARD_REMEDY_WAIT_NETWORK: try again when the network changes
 * @ONWARD_REMEDY_RETRY_LATER: try again at the next scheduled check
 * @ONWARD_REMEDY_ASK_USER: only the user can help
 * @ONWARD_REMEDY_TELL_PUBLISHER: only the publisher can help
 * @ONWARD_REMEDY_STOP: never try again by itself and never offer to go on anyway
 *
 * What can be done about an error.
 */
typedef enum
{
  ONWARD_REMEDY_RETRY_SOON,
  ONWARD_REMEDY_WAIT_NETWORK,
  ONWARD_REMEDY_RETRY_LATER,
  ONWARD_REMEDY_ASK_USER,
  ONWARD_REMEDY_TELL_PUBLISHER,
  ONWARD_REMEDY_STOP,
} OnwardRemedy;

ONWARD_API GQuark       onward_error_quark      (void);
ONWARD_API const char  *onward_error_get_nick   (OnwardError code);
ONWARD_API OnwardRemedy onward_error_get_remedy (const GError *error);

G_END_DECLS
