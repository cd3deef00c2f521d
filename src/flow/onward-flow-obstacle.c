/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-address.h"
#include "onward-error.h"
#include "onward-flow-private.h"

/* What comes from this computer costs nothing, whatever the network. */
static gboolean
is_local (OnwardFlow *self)
{
  g_autoptr (GUri) address =
      onward_address_parse (onward_application_get_repository (self->application),
                            onward_application_allows_http (self->application), NULL);

  return address != NULL && onward_address_is_local (address);
}

/**
 * onward_flow_obstacle_is_metered:
 * @self: a flow
 *
 * Returns: whether a download would use a network that may charge for data, and nobody has allowed
 *   that
 */
gboolean
onward_flow_obstacle_is_metered (OnwardFlow *self)
{
  return self->monitor != NULL && !self->use_metered &&
         g_network_monitor_get_network_metered (self->monitor) && !is_local (self);
}

/**
 * onward_flow_obstacle_of_state:
 * @self: a flow
 * @state: the state it is about to enter
 *
 * Returns: what is known to stand in the way there; who follows a transfer may know more
 */
OnwardObstacle
onward_flow_obstacle_of_state (OnwardFlow *self, OnwardState state)
{
  if (state == ONWARD_STATE_OFFLINE)
    return ONWARD_OBSTACLE_OFFLINE;
  if (state == ONWARD_STATE_RECONNECTING)
    return ONWARD_OBSTACLE_CONNECTION;
  if (state == ONWARD_STATE_PAUSED)
    return self->held_by;
  if (state == ONWARD_STATE_AVAILABLE && onward_flow_obstacle_is_metered (self))
    return ONWARD_OBSTACLE_METERED;
  return ONWARD_OBSTACLE_NONE;
}

/**
 * onward_flow_obstacle_of_transfer:
 * @self: a flow
 * @state: the state that a transfer has led to
 * @transfer: the transfer
 *
 * Returns: what stands in its way
 */
OnwardObstacle
onward_flow_obstacle_of_transfer (OnwardFlow *self, OnwardState state, OnwardTransfer *transfer)
{
  OnwardObstacle obstacle = onward_flow_obstacle_of_state (self, state);

  if (onward_transfer_get_phase (transfer) == ONWARD_TRANSFER_BUSY)
    return ONWARD_OBSTACLE_BUSY;
  if (obstacle != ONWARD_OBSTACLE_NONE &&
      g_error_matches (onward_transfer_get_problem (transfer), ONWARD_ERROR, ONWARD_ERROR_SIGN_IN))
    return ONWARD_OBSTACLE_SIGN_IN;
  return obstacle;
}

/**
 * onward_flow_obstacle_hold:
 * @self: a flow in state downloading, with nothing under way
 *
 * Pauses before anything is downloaded over a network that may charge for it. Returns: whether it
 * did; the update then goes on by itself when there is no reason to wait any more
 */
gboolean
onward_flow_obstacle_hold (OnwardFlow *self)
{
  if (!onward_flow_obstacle_is_metered (self))
    return FALSE;

  g_clear_object (&self->cancellable);
  self->held_by = ONWARD_OBSTACLE_METERED;
  (void) onward_flow_post (self, ONWARD_EVENT_PAUSE, NULL);
  return TRUE;
}

/* A pause that nobody asked for ends without being asked to. */
static void
let_go_on (OnwardFlow *self)
{
  if (onward_status_get_state (self->status) == ONWARD_STATE_PAUSED &&
      self->held_by == ONWARD_OBSTACLE_METERED)
    (void) onward_flow_resume (self, NULL);
}

static void
stop_download (OnwardFlow *self)
{
  OnwardState to;

  if (self->intent != ONWARD_INTENT_GO_ON || is_local (self) ||
      !onward_state_is_working (onward_status_get_state (self->status)) ||
      !onward_state_next (onward_status_get_state (self->status), ONWARD_EVENT_PAUSE, &to))
    return;

  self->held_by = ONWARD_OBSTACLE_METERED;
  onward_flow_update_interrupt (self, ONWARD_INTENT_PAUSE);
}

/* Before a decision it is only told. */
static void
tell (OnwardFlow *self)
{
  OnwardStatusFields fields = *onward_status_get_fields (self->status);

  fields.obstacle = onward_flow_obstacle_of_state (self, fields.state);
  if (fields.state == ONWARD_STATE_AVAILABLE &&
      fields.obstacle != onward_status_get_obstacle (self->status))
    onward_flow_take_fields (self, &fields);
}

/**
 * onward_flow_obstacle_review:
 * @self: a flow
 *
 * Draws the consequences of what is allowed, and of what the network is like, now. What another
 * process does is its own affair.
 */
void
onward_flow_obstacle_review (OnwardFlow *self)
{
  if (onward_flow_elsewhere_is (self))
    return;
  if (onward_flow_obstacle_is_metered (self))
    {
      stop_download (self);
      onward_flow_describe_limit (self);
    }
  else
    let_go_on (self);
  tell (self);
}

static void
on_network_changed (OnwardFlow *self)
{
  g_autoptr (OnwardFlow) held = g_object_ref (self);

  onward_flow_obstacle_review (held);
}

/**
 * onward_flow_obstacle_watch:
 * @self: a flow
 * @monitor: (nullable): what knows about the network
 *
 * Follows what the network is like; %NULL follows nothing.
 */
void
onward_flow_obstacle_watch (OnwardFlow *self, GNetworkMonitor *monitor)
{
  if (self->monitor != NULL)
    g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_set_object (&self->monitor, monitor);
  if (monitor == NULL)
    return;

  g_signal_connect_swapped (monitor, "notify::network-metered", G_CALLBACK (on_network_changed),
                            self);
  g_signal_connect_swapped (monitor, "network-changed", G_CALLBACK (on_network_changed), self);
}

/**
 * onward_flow_obstacle_get_use_metered:
 * @self: a flow
 *
 * Returns: whether downloads may use networks that may charge for data
 */
gboolean
onward_flow_obstacle_get_use_metered (OnwardFlow *self)
{
  return self->use_metered;
}

/**
 * onward_flow_obstacle_set_use_metered:
 * @self: a flow
 * @use_metered: whether downloads may use networks that may charge for data
 *
 * Takes effect at once: a download that waits for this goes on, and one that runs may have to wait.
 */
void
onward_flow_obstacle_set_use_metered (OnwardFlow *self, gboolean use_metered)
{
  if (self->use_metered == use_metered)
    return;

  self->use_metered = use_metered;
  onward_flow_obstacle_review (self);
}
