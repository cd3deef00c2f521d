/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-obstacle.h"

G_BEGIN_DECLS

gboolean onward_obstacle_from_nick (const char *nick, OnwardObstacle *ret_obstacle);

G_END_DECLS
