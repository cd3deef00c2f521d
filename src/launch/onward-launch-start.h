/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-launch-trial.h"

void onward_launch_start_become        (const OnwardLaunchInstall *install, char **argv);
bool onward_launch_start_is_fault      (int reason);
void onward_launch_start_leave_witness (const OnwardLaunchInstall *install,
                                        const OnwardLaunchTrial *trial);
