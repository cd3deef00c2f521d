/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-client-private.h"

/**
 * onward_client_set_retries:
 * @self: a client
 * @retries: how many tries in a row may fail before an update, a repair or the fetching of a
 *   component does, or -1 for no limit
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

/**
 * onward_client_get_rate_limit:
 * @self: a client
 *
 * Returns: how many bytes a second downloads may take, 0 when there is no limit
 */
guint64
onward_client_get_rate_limit (OnwardClient *self)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), 0);

  return onward_flow_get_rate_limit (self->flow);
}

/**
 * onward_client_set_rate_limit:
 * @self: a client
 * @bytes_per_second: how many bytes a second all downloads together may take, 0 for no limit
 *
 * Leaves some of a line to others. It takes effect at once, on a download that runs as well.
 */
void
onward_client_set_rate_limit (OnwardClient *self, guint64 bytes_per_second)
{
  g_return_if_fail (ONWARD_IS_CLIENT (self));

  if (onward_flow_get_rate_limit (self->flow) == bytes_per_second)
    return;
  onward_flow_set_rate_limit (self->flow, bytes_per_second);
  g_object_notify (G_OBJECT (self), "rate-limit");
}
