/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-launch-install.h"

/* What var/trial says: the version on trial, the one before it, the starts left, and whether the
 * one before it must not be started without being asked for. */
typedef struct
{
  char version[ONWARD_LAUNCH_VERSION_SIZE];
  char previous[ONWARD_LAUNCH_VERSION_SIZE];
  int tries_left;
  bool is_last; /* whether there is no safe version to go back to */
} OnwardLaunchTrial;

bool onward_launch_trial_read      (OnwardLaunchTrial *self, const OnwardLaunchInstall *install);
void onward_launch_trial_count     (const OnwardLaunchTrial *self,
                                    const OnwardLaunchInstall *install);
void onward_launch_trial_mark_good (const OnwardLaunchTrial *self, OnwardLaunchInstall *install);
void onward_launch_trial_fall_back (const OnwardLaunchTrial *self, OnwardLaunchInstall *install);
