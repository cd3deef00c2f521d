/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

#include "onward-visibility.h"

G_BEGIN_DECLS

/**
 * OnwardState:
 * @ONWARD_STATE_IDLE: nothing is going on
 * @ONWARD_STATE_CHECKING: asking the repository for newer versions
 * @ONWARD_STATE_AVAILABLE: a newer version exists and nothing was decided yet
 * @ONWARD_STATE_DOWNLOADING: bytes are arriving
 * @ONWARD_STATE_PAUSED: the user paused the download, or an obstacle did
 * @ONWARD_STATE_OFFLINE: there is no network; the download goes on when it is back
 * @ONWARD_STATE_RECONNECTING: the connection was lost and is tried again
 * @ONWARD_STATE_VERIFYING: the download is being checked
 * @ONWARD_STATE_STAGING: the new version is being built beside the old one
 * @ONWARD_STATE_READY: the new version stands ready and can be switched to
 * @ONWARD_STATE_APPLYING: the switch is being made
 * @ONWARD_STATE_APPLIED: the new version is the current one and on trial
 * @ONWARD_STATE_FAILED: something failed; the status says what
 *
 * Where the life of an update stands.
 */
typedef enum
{
  ONWARD_STATE_IDLE,
  ONWARD_STATE_CHECKING,
  ONWARD_STATE_AVAILABLE,
  ONWARD_STATE_DOWNLOADING,
  ONWARD_STATE_PAUSED,
  ONWARD_STATE_OFFLINE,
  ONWARD_STATE_RECONNECTING,
  ONWARD_STATE_VERIFYING,
  ONWARD_STATE_STAGING,
  ONWARD_STATE_READY,
  ONWARD_STATE_APPLYING,
  ONWARD_STATE_APPLIED,
  ONWARD_STATE_FAILED,
} OnwardState;

#define ONWARD_STATE_LAST ONWARD_STATE_FAILED

ONWARD_API const char *onward_state_get_nick (OnwardState state);

G_END_DECLS
