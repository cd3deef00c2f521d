/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-status.h"

G_BEGIN_DECLS

/* What the window shows. Several states share a screen; a forced update has one of its own. */
typedef enum
{
  ONWARD_SCREEN_CHECKING,
  ONWARD_SCREEN_AVAILABLE,
  ONWARD_SCREEN_FORCED,
  ONWARD_SCREEN_LOW_BATTERY,
  ONWARD_SCREEN_DOWNLOADING,
  ONWARD_SCREEN_RECONNECTING,
  ONWARD_SCREEN_PAUSED,
  ONWARD_SCREEN_WAITING,
  ONWARD_SCREEN_INSTALLING,
  ONWARD_SCREEN_READY,
  ONWARD_SCREEN_INSTALLED,
  ONWARD_SCREEN_UP_TO_DATE,
  ONWARD_SCREEN_FAILED,
} OnwardScreen;

#define ONWARD_SCREEN_LAST ONWARD_SCREEN_FAILED

OnwardScreen onward_screen_for_status (OnwardStatus *status);
/* The name of the stack page that shows @self. */
const char  *onward_screen_get_page   (OnwardScreen self);

G_END_DECLS
