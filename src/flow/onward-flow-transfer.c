/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-flow-private.h"

/**
 * onward_flow_transfer_get_state:
 * @transfer: a transfer
 * @present: downloading, reconnecting or offline: where it has led so far
 *
 * Returns: the state that it leads to now
 */
OnwardState
onward_flow_transfer_get_state (OnwardTransfer *transfer, OnwardState present)
{
  switch (onward_transfer_get_phase (transfer))
    {
    case ONWARD_TRANSFER_STOPPED:
      return present;
    case ONWARD_TRANSFER_CONNECTING:
      return present == ONWARD_STATE_DOWNLOADING ? present : ONWARD_STATE_RECONNECTING;
    case ONWARD_TRANSFER_FLOWING:
      return ONWARD_STATE_DOWNLOADING;
    case ONWARD_TRANSFER_WAITING:
    case ONWARD_TRANSFER_BUSY:
      return ONWARD_STATE_RECONNECTING;
    case ONWARD_TRANSFER_OFFLINE:
      return ONWARD_STATE_OFFLINE;
    }

  g_return_val_if_reached (present);
}

/**
 * onward_flow_transfer_describe:
 * @self: a flow
 * @transfer: a transfer
 * @fields: (inout): of a status in the state that it has led to
 *
 * Says what stands in its way, what that is due to, and when it is tried again.
 */
void
onward_flow_transfer_describe (OnwardFlow *self, OnwardTransfer *transfer,
                               OnwardStatusFields *fields)
{
  fields->obstacle = onward_flow_obstacle_of_transfer (self, fields->state, transfer);
  fields->retry_at = onward_transfer_get_retry_at (transfer);
  fields->error =
      fields->state == ONWARD_STATE_RECONNECTING ? onward_transfer_get_problem (transfer) : NULL;
}

/**
 * onward_flow_transfer_measure:
 * @transfer: a transfer
 * @rate: (inout): how fast it has been so far
 * @total: how many bytes are to come by it, and after it
 * @fields: (inout): of a status
 *
 * Says how fast it is, and how long it will take. The rate is that of the bytes themselves, also
 * while what was told waits to be true again.
 */
void
onward_flow_transfer_measure (OnwardTransfer *transfer, OnwardRate *rate, guint64 total,
                              OnwardStatusFields *fields)
{
  gint64 now = g_get_monotonic_time ();
  guint64 done = onward_transfer_get_bytes_done (transfer);
  gboolean flows = onward_transfer_get_phase (transfer) == ONWARD_TRANSFER_FLOWING;

  if (!flows || rate->begun_at == 0)
    onward_rate_reset (rate, now, done);
  onward_rate_add (rate, now, done);
  fields->rate = onward_rate_get (rate);
  fields->time_left = onward_rate_get_time_left (rate, now, total - MIN (done, total));
}
