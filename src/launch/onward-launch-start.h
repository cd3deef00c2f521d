/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-launch-install.h"

/* Becomes the current version's program; returns only when that fails, with errno set. */
void onward_launch_start_become   (const OnwardLaunchInstall *install, char **argv);
/* Whether a version that cannot be started with this error is to blame for it. */
bool onward_launch_start_is_fault (int reason);
