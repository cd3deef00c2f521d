/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-address.h"
#include "onward-entity-tag.h"
#include "onward-fetcher-private.h"
#include "onward-transfer-private.h"

G_DEFINE_FINAL_TYPE (OnwardTransfer, onward_transfer, G_TYPE_OBJECT)

static guint changed_signal;

/**
 * onward_transfer_tell:
 *
 * Emits “changed”.
 */
void
onward_transfer_tell (OnwardTransfer *self)
{
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

/**
 * onward_transfer_count_received:
 *
 * Takes over from the file what is there; only while nothing else touches it.
 */
void
onward_transfer_count_received (OnwardTransfer *self)
{
  OnwardBlockMap *map = onward_block_file_get_map (self->file);
  OnwardRanges *received = onward_block_file_get_received (self->file);
  OnwardRange begun = { 0, 0 };

  (void) onward_block_file_get_beginning (self->file, &begun);
  self->bytes_done = onward_ranges_get_length (onward_block_map_get_wanted (map)) -
                     onward_ranges_get_length (onward_block_map_get_missing (map)) + begun.end -
                     begun.start;
  /* What was recorded of parts that are not wanted yet may be wanted later. */
  for (guint i = 0; i < onward_ranges_get_count (self->hints); i++)
    {
      const OnwardRange *hint = onward_ranges_get (self->hints, i);

      onward_ranges_add (received, hint->start, hint->end);
    }
  g_clear_pointer (&self->received, onward_ranges_free);
  self->received = received;
}

static void
onward_transfer_finalize (GObject *object)
{
  OnwardTransfer *self = ONWARD_TRANSFER (object);

  g_clear_object (&self->fetcher);
  g_clear_object (&self->monitor);
  g_clear_pointer (&self->file, onward_block_file_free);
  g_clear_pointer (&self->mirrors, onward_mirrors_free);
  g_clear_pointer (&self->hints, onward_ranges_free);
  g_clear_pointer (&self->received, onward_ranges_free);
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
  OnwardTransfer *self = NULL;

  g_return_val_if_fail (ONWARD_IS_FETCHER (fetcher), NULL);
  g_return_val_if_fail (spec != NULL && spec->path != NULL && spec->blocks != NULL, NULL);
  g_return_val_if_fail (spec->uris != NULL && spec->uris[0] != NULL && spec->block_size > 0, NULL);

  self = g_object_new (ONWARD_TYPE_TRANSFER, NULL);
  self->fetcher = g_object_ref (fetcher);
  self->path = g_strdup (spec->path);
  self->max_retries = spec->max_retries;
  self->file = onward_block_file_new (spec->path, spec->size, spec->block_size, spec->blocks);
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
  self->validator_mirror = 0;
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

  onward_block_map_want (onward_block_file_get_map (self->file), start, end);
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
 * Returns: the monotonic time of the next try while it waits for one, else 0
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

  return onward_ranges_get_length (
      onward_block_map_get_wanted (onward_block_file_get_map (self->file)));
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
