/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

#include "onward-visibility.h"

G_BEGIN_DECLS

/**
 * OnwardObstacle:
 * @ONWARD_OBSTACLE_NONE: nothing; what is paused without an obstacle was paused by the user
 * @ONWARD_OBSTACLE_CONNECTION: the connection was lost; it is tried again at the status's retry-at
 * @ONWARD_OBSTACLE_OFFLINE: there is no network
 * @ONWARD_OBSTACLE_METERED: the network may charge for data, and nobody has allowed that
 * @ONWARD_OBSTACLE_BUSY: the server asks to be left alone until the status's retry-at
 * @ONWARD_OBSTACLE_SIGN_IN: the network lets nobody through before they have signed in
 * @ONWARD_OBSTACLE_RUNNING: a copy of an application runs that must live at one path, and can only
 *   be exchanged when it is closed; the status's waiting-for says which
 *
 * What stands in the way of an update. All of these pass, and the update then goes on by itself.
 */
typedef enum
{
  ONWARD_OBSTACLE_NONE,
  ONWARD_OBSTACLE_CONNECTION,
  ONWARD_OBSTACLE_OFFLINE,
  ONWARD_OBSTACLE_METERED,
  ONWARD_OBSTACLE_BUSY,
  ONWARD_OBSTACLE_SIGN_IN,
  ONWARD_OBSTACLE_RUNNING,
} OnwardObstacle;

#define ONWARD_OBSTACLE_LAST ONWARD_OBSTACLE_RUNNING

ONWARD_API const char *onward_obstacle_get_nick (OnwardObstacle obstacle);

G_END_DECLS
