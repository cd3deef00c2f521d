/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "onward-visibility.h"

G_BEGIN_DECLS

/**
 * OnwardExit:
 * @ONWARD_EXIT_DONE: done
 * @ONWARD_EXIT_FAILED: it failed
 * @ONWARD_EXIT_USAGE: the command line is wrong
 * @ONWARD_EXIT_NOTHING: there is nothing to do
 * @ONWARD_EXIT_NETWORK: the network or the server failed
 * @ONWARD_EXIT_UNTRUSTED: what was received cannot be trusted
 * @ONWARD_EXIT_NO_SPACE: a disk is full
 * @ONWARD_EXIT_BUSY: another process is at work
 * @ONWARD_EXIT_NOT_PERMITTED: the user may not do this
 * @ONWARD_EXIT_CANCELLED: the user interrupted it
 *
 * What every tool of Onward exits with.
 */
typedef enum
{
  ONWARD_EXIT_DONE = 0,
  ONWARD_EXIT_FAILED = 1,
  ONWARD_EXIT_USAGE = 2,
  ONWARD_EXIT_NOTHING = 3,
  ONWARD_EXIT_NETWORK = 4,
  ONWARD_EXIT_UNTRUSTED = 5,
  ONWARD_EXIT_NO_SPACE = 6,
  ONWARD_EXIT_BUSY = 7,
  ONWARD_EXIT_NOT_PERMITTED = 8,
  ONWARD_EXIT_CANCELLED = 130,
} OnwardExit;

ONWARD_API OnwardExit onward_exit_for_error (const GError *error);

G_END_DECLS
