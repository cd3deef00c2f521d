/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-obstacle.h"

/* clang-format off */
static const char *const nicks[] = {
  [ONWARD_OBSTACLE_NONE]       = "none",
  [ONWARD_OBSTACLE_CONNECTION] = "connection",
  [ONWARD_OBSTACLE_OFFLINE]    = "offline",
  [ONWARD_OBSTACLE_METERED]    = "metered",
  [ONWARD_OBSTACLE_BUSY]       = "busy",
  [ONWARD_OBSTACLE_SIGN_IN]    = "sign-in",
};
/* clang-format on */

G_STATIC_ASSERT (G_N_ELEMENTS (nicks) == ONWARD_OBSTACLE_LAST + 1);

/**
 * onward_obstacle_get_nick:
 * @obstacle: an obstacle
 *
 * The stable name of @obstacle, as `--json` writes it.
 *
 * Returns: (transfer none): for example "metered"
 */
const char *
onward_obstacle_get_nick (OnwardObstacle obstacle)
{
  g_return_val_if_fail ((guint) obstacle <= ONWARD_OBSTACLE_LAST, NULL);

  return nicks[obstacle];
}
