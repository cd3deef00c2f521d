/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-screen.h"

/**
 * onward_screen_for_status:
 * @status: a status
 *
 * Returns: the screen that shows @status. Pure.
 */
OnwardScreen
onward_screen_for_status (OnwardStatus *status)
{
  switch (onward_status_get_state (status))
    {
    case ONWARD_STATE_IDLE:
      return ONWARD_SCREEN_UP_TO_DATE;
    case ONWARD_STATE_CHECKING:
      return ONWARD_SCREEN_CHECKING;
    case ONWARD_STATE_AVAILABLE:
      return onward_status_is_forced (status) ? ONWARD_SCREEN_FORCED : ONWARD_SCREEN_AVAILABLE;
    case ONWARD_STATE_DOWNLOADING:
      return ONWARD_SCREEN_DOWNLOADING;
    case ONWARD_STATE_PAUSED:
      return onward_status_get_obstacle (status) == ONWARD_OBSTACLE_NONE ? ONWARD_SCREEN_PAUSED
                                                                         : ONWARD_SCREEN_WAITING;
    case ONWARD_STATE_OFFLINE:
    case ONWARD_STATE_RECONNECTING:
      return ONWARD_SCREEN_RECONNECTING;
    case ONWARD_STATE_VERIFYING:
    case ONWARD_STATE_STAGING:
    case ONWARD_STATE_APPLYING:
      return ONWARD_SCREEN_INSTALLING;
    case ONWARD_STATE_READY:
      return ONWARD_SCREEN_READY;
    case ONWARD_STATE_APPLIED:
      return ONWARD_SCREEN_INSTALLED;
    case ONWARD_STATE_FAILED:
      return ONWARD_SCREEN_FAILED;
    }
  g_return_val_if_reached (ONWARD_SCREEN_FAILED);
}

/**
 * onward_screen_get_page:
 * @self: a screen
 *
 * Returns: the name of the stack page that shows @self.
 */
const char *
onward_screen_get_page (OnwardScreen self)
{
  switch (self)
    {
    case ONWARD_SCREEN_CHECKING:
      return "checking";
    case ONWARD_SCREEN_AVAILABLE:
    case ONWARD_SCREEN_FORCED:
      return "available";
    case ONWARD_SCREEN_DOWNLOADING:
    case ONWARD_SCREEN_RECONNECTING:
    case ONWARD_SCREEN_PAUSED:
    case ONWARD_SCREEN_WAITING:
    case ONWARD_SCREEN_INSTALLING:
      return "progress";
    case ONWARD_SCREEN_LOW_BATTERY:
    case ONWARD_SCREEN_READY:
    case ONWARD_SCREEN_INSTALLED:
    case ONWARD_SCREEN_UP_TO_DATE:
      return "message";
    case ONWARD_SCREEN_FAILED:
      return "error";
    }
  g_return_val_if_reached ("error");
}
