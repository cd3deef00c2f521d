/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-address.h"
#include "onward-entity-tag.h"
#include "onward-fetcher-private.h"
#include "onward-transfer-lanes.h"
#include "onward-transfer-private.h"

G_DEFINE_FINAL_TYPE (OnwardTransfer, onward_transfer, G_TYPE_OBJECT)

static guint changed_signal;

static void
add_all (OnwardRanges *self, const OnwardRanges *others)
{
  for (guint i = 0; i < onward_ranges_get_count (others); i++)
    {
      const OnwardRange *range = onward_ranges_get (others, i);

      onward_ranges_add (self, range->start, range->end);
    }
}

/**
 * onward_transfer_set_problem:
 * @problem: (transfer full): what a connection was lost to
 */
void
onward_transfer_set_problem (OnwardTransfer *self, GError *problem)
{
  g_clear_error (&self->problem);
  self->problem = problem;
}

/**
 * onward_transfer_count_received:
 *
 * Takes stock of what is there.
 */
void
onward_transfer_count_received (OnwardTransfer *self)
{
  g_autoptr (OnwardRanges) begun = onward_ranges_new ();
  OnwardRanges *received = onward_ranges_copy (onward_block_map_get_verified (self->map));

  onward_transfer_lanes_add_begun (self, begun);
  self->bytes_done = onward_ranges_get_length (onward_block_map_get_wanted (self->map)) -
                     onward_ranges_get_length (onward_block_map_get_missing (self->map)) +
                     onward_ranges_get_length (begun);
  add_all (received, begun);
  /* What was recorded of parts that are not wanted yet may be wanted later. */
  add_all (received, self->hints);
  g_clear_pointer (&self->received, onward_ranges_free);
  self->received = received;
}

/**
 * onward_transfer_tell:
 *
 * Takes stock and emits “changed”.
 */
void
onward_transfer_tell (OnwardTransfer *self)
{
  onward_transfer_count_received (self);
  g_signal_emit (self, changed_signal, 0);
}

/**
 * onward_transfer_set_phase:
 * @phase: what it does now
 * @retry_at: when it tries again, or 0
 */
void
onward_transfer_set_phase (OnwardTransfer *self, OnwardTransferPhase phase, gint64 retry_at)
{
  if (self->phase == phase && self->retry_at == retry_at)
    return;
  self->phase = phase;
  self->retry_at = retry_at;
  onward_transfer_tell (self);
}

static void
onward_transfer_finalize (GObject *object)
{
  OnwardTransfer *self = ONWARD_TRANSFER (object);

  g_clear_object (&self->fetcher);
  g_clear_object (&self->monitor);
  g_ptr_array_unref (self->lanes);
  g_ptr_array_unref (self->resting);
  g_clear_pointer (&self->map, onward_block_map_free);
  g_clear_pointer (&self->file, onward_block_file_unref);
  g_clear_pointer (&self->mirrors, onward_mirrors_free);
  g_clear_pointer (&self->hints, onward_ranges_free);
  g_clear_pointer (&self->received, onward_ranges_free);
  g_clear_pointer (&self->suspects, onward_ranges_free);
  g_clear_pointer (&self->validator, g_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_error (&self->refusal);
  g_clear_error (&self->problem);

  G_OBJECT_CLASS (onward_transfer_parent_class)->finalize (object);
}

static void
onward_transfer_class_init (OnwardTransferClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = onward_transfer_finalize;

  /**
   * OnwardTransfer::changed:
   * @self: the transfer
   *
   * The phase has changed, or the received ranges have; the latter is told at most twenty times a
   * second.
   */
  changed_signal = g_signal_new ("changed", ONWARD_TYPE_TRANSFER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
onward_transfer_init (OnwardTransfer *self)
{
  self->monitor = g_object_ref (g_network_monitor_get_default ());
  self->mirrors = onward_mirrors_new ();
  self->hints = onward_ranges_new ();
  self->received = onward_ranges_new ();
  self->suspects = onward_ranges_new ();
  self->lanes = onward_transfer_lanes_new ();
  self->resting = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_block_sink_free);
}

/**
 * onward_transfer_new:
 * @fetcher: the session
 * @spec: what to fetch, copied
 *
 * Nothing is wanted yet, and nothing is opened or asked before onward_transfer_run_async().
 *
 * Returns: (transfer full): a transfer
 */
OnwardTransfer *
onward_transfer_new (OnwardFetcher *fetcher, const OnwardTransferSpec *spec)
{
  OnwardBlockGrid grid = { 0 };
  OnwardTransfer *self = NULL;

  g_return_val_if_fail (ONWARD_IS_FETCHER (fetcher), NULL);
  g_return_val_if_fail (spec != NULL && spec->path != NULL && spec->blocks != NULL, NULL);
  g_return_val_if_fail (spec->uris != NULL && spec->uris[0] != NULL && spec->block_size > 0, NULL);

  grid = (OnwardBlockGrid){ spec->size, spec->block_size };
  self = g_object_new (ONWARD_TYPE_TRANSFER, NULL);
  self->fetcher = g_object_ref (fetcher);
  self->path = g_strdup (spec->path);
  self->max_retries = spec->max_retries;
  self->file = onward_block_file_new (spec->path, &grid, spec->blocks);
  self->map = onward_block_map_new (&grid);
  for (guint i = 0; spec->uris[i] != NULL; i++)
    {
      g_autoptr (GUri) address =
          onward_address_parse (spec->uris[i], onward_fetcher_allows_http (fetcher),
                                self->refusal == NULL ? &self->refusal : NULL);

      if (address != NULL)
        onward_mirrors_add (self->mirrors, address);
    }
  return self;
}

/**
 * onward_transfer_set_monitor:
 * @monitor: what knows about the network
 */
void
onward_transfer_set_monitor (OnwardTransfer *self, GNetworkMonitor *monitor)
{
  g_set_object (&self->monitor, monitor);
}

/**
 * onward_transfer_set_received:
 * @validator: (nullable): the validator an earlier run recorded
 * @received: the ranges it recorded
 *
 * Hands over what was recorded; only between runs. The blocks are hashed again before any of it is
 * relied on, so that a wrong record costs no more than fetching again.
 */
void
onward_transfer_set_received (OnwardTransfer *self, const char *validator,
                              const OnwardRanges *received)
{
  g_return_if_fail (ONWARD_IS_TRANSFER (self));
  g_return_if_fail (received != NULL);
  g_return_if_fail (self->task == NULL);

  g_free (self->validator);
  self->validator =
      onward_entity_tag_is_strong (validator) ? onward_entity_tag_parse (validator) : NULL;
  onward_ranges_free (self->hints);
  self->hints = onward_ranges_copy (received);
  onward_transfer_count_received (self);
}

/**
 * onward_transfer_want:
 * @start: the first byte
 * @end: the byte after the last
 *
 * Adds to what is wanted, rounded out to blocks; only between runs.
 */
void
onward_transfer_want (OnwardTransfer *self, guint64 start, guint64 end)
{
  g_return_if_fail (ONWARD_IS_TRANSFER (self));
  g_return_if_fail (start <= end);
  g_return_if_fail (self->task == NULL);

  onward_block_map_want (self->map, start, end);
  onward_transfer_count_received (self);
}

/**
 * onward_transfer_try_now:
 *
 * Ends the present wait, even one that a server asked for; does nothing when there is none.
 */
void
onward_transfer_try_now (OnwardTransfer *self)
{
  g_return_if_fail (ONWARD_IS_TRANSFER (self));

  if (self->wait == NULL)
    return;
  onward_mirrors_forget_busy (self->mirrors);
  onward_wait_end (self->wait);
}

/**
 * onward_transfer_get_phase:
 *
 * Returns: what it is doing
 */
OnwardTransferPhase
onward_transfer_get_phase (OnwardTransfer *self)
{
  g_return_val_if_fail (ONWARD_IS_TRANSFER (self), ONWARD_TRANSFER_STOPPED);

  return self->phase;
}

/**
 * onward_transfer_get_retry_at:
 *
 * Returns: the onward_clock_get_time() of the next try while it waits for one, else 0
 */
gint64
onward_transfer_get_retry_at (OnwardTransfer *self)
{
  g_return_val_if_fail (ONWARD_IS_TRANSFER (self), 0);

  return self->retry_at;
}

/**
 * onward_transfer_get_problem:
 *
 * Returns: (transfer none) (nullable): what the last connection of this run was lost to
 */
const GError *
onward_transfer_get_problem (OnwardTransfer *self)
{
  g_return_val_if_fail (ONWARD_IS_TRANSFER (self), NULL);

  return self->problem;
}

/**
 * onward_transfer_get_validator:
 *
 * Returns: (transfer none) (nullable): the strong entity tag of what is being received, to be
 *   recorded with the received ranges
 */
const char *
onward_transfer_get_validator (OnwardTransfer *self)
{
  g_return_val_if_fail (ONWARD_IS_TRANSFER (self), NULL);

  return self->validator;
}

/**
 * onward_transfer_get_received:
 *
 * Returns: (transfer none): what is in the file: proven blocks, the beginning of the one that is
 *   arriving, and what was recorded earlier and has not been checked yet; valid until the next
 *   turn of the main loop
 */
const OnwardRanges *
onward_transfer_get_received (OnwardTransfer *self)
{
  g_return_val_if_fail (ONWARD_IS_TRANSFER (self), NULL);

  return self->received;
}

/**
 * onward_transfer_get_proven:
 *
 * Returns: (transfer none): the blocks in the file whose digests were found right in this run or
 *   before it; valid until the next turn of the main loop
 */
const OnwardRanges *
onward_transfer_get_proven (OnwardTransfer *self)
{
  g_return_val_if_fail (ONWARD_IS_TRANSFER (self), NULL);

  return onward_block_map_get_verified (self->map);
}

/**
 * onward_transfer_get_bytes_done:
 *
 * Returns: how many of the wanted bytes are there
 */
guint64
onward_transfer_get_bytes_done (OnwardTransfer *self)
{
  g_return_val_if_fail (ONWARD_IS_TRANSFER (self), 0);

  return self->bytes_done;
}

/**
 * onward_transfer_get_bytes_total:
 *
 * Returns: how many bytes are wanted
 */
guint64
onward_transfer_get_bytes_total (OnwardTransfer *self)
{
  g_return_val_if_fail (ONWARD_IS_TRANSFER (self), 0);

  return onward_ranges_get_length (onward_block_map_get_wanted (self->map));
}

/**
 * onward_transfer_get_bytes_on_wire:
 *
 * Returns: how many bytes came over connections, wasted ones included
 */
guint64
onward_transfer_get_bytes_on_wire (OnwardTransfer *self)
{
  g_return_val_if_fail (ONWARD_IS_TRANSFER (self), 0);

  return self->bytes_on_wire;
}
