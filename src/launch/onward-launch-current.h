/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-launch-install.h"

bool onward_launch_current_read     (OnwardLaunchInstall *self);
bool onward_launch_current_point_at (OnwardLaunchInstall *self, const char *version);
