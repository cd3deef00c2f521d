/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-client-private.h"

/**
 * onward_client_set_retries:
 * @self: a client
 * @retries: how many tries in a row may fail before the update fails, or -1 for no limit
 *
 * Bounds reconnecting, for scripts. It counts for updates started later.
 */
void
onward_client_set_retries (OnwardClient *self, int retries)
{
  g_return_if_fail (ONWARD_IS_CLIENT (self));

  onward_flow_set_retries (self->flow, retries);
}

/**
 * onward_client_set_use_deltas:
 * @self: a client
 * @use_deltas: whether delta packs may be used
 *
 * Chooses between deltas and full packs for updates started later.
 */
void
onward_client_set_use_deltas (OnwardClient *self, gboolean use_deltas)
{
  g_return_if_fail (ONWARD_IS_CLIENT (self));

  onward_flow_set_use_deltas (self->flow, use_deltas);
}

/**
 * onward_client_get_use_metered:
 * @self: a client
 *
 * Returns: whether downloads may use networks that may charge for data
 */
gboolean
onward_client_get_use_metered (OnwardClient *self)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);

  return onward_flow_obstacle_get_use_metered (self->flow);
}

/**
 * onward_client_set_use_metered:
 * @self: a client
 * @use_metered: whether downloads may use networks that may charge for data
 *
 * Allows what is not allowed unless someone says so. It takes effect at once: a download that waits
 * with %ONWARD_OBSTACLE_METERED goes on, and one that runs waits from then on.
 */
void
onward_client_set_use_metered (OnwardClient *self, gboolean use_metered)
{
  g_return_if_fail (ONWARD_IS_CLIENT (self));

  if (onward_flow_obstacle_get_use_metered (self->flow) == !!use_metered)
    return;
  onward_flow_obstacle_set_use_metered (self->flow, !!use_metered);
  g_object_notify (G_OBJECT (self), "use-metered");
}
