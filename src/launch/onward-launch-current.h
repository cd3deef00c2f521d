/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-launch-install.h"

/* Finds out which version is current; false when there is none. */
bool onward_launch_current_read     (OnwardLaunchInstall *self);
/* Starts @version from now on. Returns: whether others do as well, which @may_write allows. */
bool onward_launch_current_point_at (OnwardLaunchInstall *self, const char *version,
                                     bool may_write);
