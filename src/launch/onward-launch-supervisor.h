/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-launch-trial.h"

/* How a start that the launcher stayed beside has ended. */
typedef enum
{
  ONWARD_LAUNCH_ENDED,       /* as the status says */
  ONWARD_LAUNCH_FAILED,      /* by its own fault, before the version was good */
  ONWARD_LAUNCH_NOT_STARTED, /* the program could not be started: errno says why */
} OnwardLaunchOutcome;

OnwardLaunchOutcome onward_launch_supervisor_run (OnwardLaunchInstall *install,
                                                  const OnwardLaunchTrial *trial, char **argv,
                                                  int *ret_status);
void                onward_launch_supervisor_end (int status) __attribute__ ((noreturn));
