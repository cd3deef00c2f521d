/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-obstacle-private.h"

/* clang-format off */
static const char *const nicks[] = {
  [ONWARD_OBSTACLE_NONE]       = "none",
  [ONWARD_OBSTACLE_CONNECTION] = "connection",
  [ONWARD_OBSTACLE_OFFLINE]    = "offline",
  [ONWARD_OBSTACLE_METERED]    = "metered",
  [ONWARD_OBSTACLE_BUSY]       = "busy",
  [ONWARD_OBSTACLE_SIGN_IN]    = "sign-in",
  [ONWARD_OBSTACLE_RUNNING]    = "running",
};
/* clang-format on */

G_STATIC_ASSERT (G_N_ELEMENTS (nicks) == ONWARD_OBSTACLE_LAST + 1);

/**
 * onward_obstacle_get_nick:
 * @obstacle: an obstacle
 *
 * The stable name of @obstacle, as the journal and `--json` write it.
 *
 * Returns: (transfer none): for example "metered"
 */
const char *
onward_obstacle_get_nick (OnwardObstacle obstacle)
{
  g_return_val_if_fail ((guint) obstacle <= ONWARD_OBSTACLE_LAST, NULL);

  return nicks[obstacle];
}

/**
 * onward_obstacle_from_nick:
 * @nick: what may be a name of an obstacle
 * @ret_obstacle: (out): the obstacle
 *
 * Returns: FALSE when @nick names no obstacle; @ret_obstacle is then left untouched
 */
gboolean
onward_obstacle_from_nick (const char *nick, OnwardObstacle *ret_obstacle)
{
  g_return_val_if_fail (nick != NULL, FALSE);
  g_return_val_if_fail (ret_obstacle != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (nicks); i++)
    {
      if (g_str_equal (nicks[i], nick))
        {
          *ret_obstacle = (OnwardObstacle) i;
          return TRUE;
        }
    }
  return FALSE;
}
