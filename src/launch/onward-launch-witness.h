/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-launch-trial.h"

/* Leaves a process behind that marks the version on trial good when this process, which becomes
 * the application, has lived long enough. */
void onward_launch_witness_leave (const OnwardLaunchInstall *install,
                                  const OnwardLaunchTrial *trial);
