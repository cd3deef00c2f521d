/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-backoff.h"
#include "onward-block-check.h"
#include "onward-clock.h"
#include "onward-error.h"
#include "onward-fetcher-private.h"
#include "onward-pace.h"
#include "onward-transfer-lanes.h"
#include "onward-transfer-private.h"
#include "onward-worker.h"

/* Milliseconds: a script waits no longer than that for a server that is busy. */
#define LONGEST_STEP 60000
/* Milliseconds: a network that changes does so several times within a moment. */
#define SETTLING_TIME 500
/* Milliseconds: a connection that lives through it has brought something by then. */
#define GRACE_TIME     1500
#define LAST_LOOK_TIME 20
/* For all addresses together. */
#define MOST_LANES       8
#define LANES_AN_ADDRESS 4

static gboolean
sync_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  OnwardTransfer *self = ONWARD_TRANSFER (data);

  /* What is complete is used at once, and hashed again before it is relied on after a crash: only
   * what is to be gone on with later is worth the wait for the disk. */
  return self->ending == NULL || onward_block_file_sync (self->file, error);
}

static void
on_synced (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OnwardTransfer) self = ONWARD_TRANSFER (user_data);
  g_autoptr (GTask) task = g_steal_pointer (&self->task);
  g_autoptr (GError) error = NULL;

  if (!onward_worker_run_finish (result, &error) && self->ending == NULL)
    self->ending = g_steal_pointer (&error);
  onward_transfer_set_phase (self, ONWARD_TRANSFER_STOPPED, 0);
  if (self->ending != NULL)
    g_task_return_error (task, g_steal_pointer (&self->ending));
  else
    g_task_return_boolean (task, TRUE);
}

/* The only way out of a run, so that what it received is on the disk in every case. The worker only
 * reads how it ends. Whoever is told of a wait may end it at once, and with it the run, before the
 * step that has begun the wait is over. */
static void
stop (OnwardTransfer *self)
{
  if (self->work == NULL)
    return;
  g_clear_handle_id (&self->news, g_source_remove);
  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_handle_id (&self->settling, g_source_remove);
  g_clear_signal_handler (&self->network_changed, self->monitor);
  g_clear_pointer (&self->work, onward_deadline_free);
  onward_worker_run_async (NULL, sync_in_thread, self, NULL, NULL, on_synced, g_object_ref (self));
}

/* Nothing more is begun, and what is under way ends. */
static void
end (OnwardTransfer *self, GError *ending)
{
  self->is_over = TRUE;
  self->ending = ending;
  if (ending != NULL && !g_error_matches (ending, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_prefix_error (&self->ending, "Downloading to “%s”: ", self->path);
  g_cancellable_cancel (onward_deadline_get_cancellable (self->work));
}

static gboolean
needs_network (OnwardTransfer *self)
{
  return !onward_mirrors_are_local (self->mirrors) &&
         !g_network_monitor_get_network_available (self->monitor);
}

static GError *
make_busy_error (guint milliseconds)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) then = g_date_time_add_seconds (now, milliseconds / 1000.0);
  g_autofree char *text = g_date_time_format (then, "%F %H:%M");

  return g_error_new (ONWARD_ERROR, ONWARD_ERROR_SERVER,
                      "The server is busy and has asked to be left alone until %s", text);
}

/* Somebody has asked not to try for ever. */
static gboolean
is_enough (OnwardTransfer *self, guint busy)
{
  if (self->max_retries < 0)
    return FALSE;
  if (busy > onward_pace_get_wait (LONGEST_STEP) + 1)
    end (self, make_busy_error (busy));
  else if (self->tries >= (guint) self->max_retries)
    end (self, self->problem != NULL ? g_error_copy (self->problem) : make_busy_error (busy));
  return self->is_over;
}

/* A round has ended without success: @go_on follows the wait. */
static void
begin_wait (OnwardTransfer *self, OnwardWaitOver go_on)
{
  gint64 now = onward_clock_get_time ();
  gint64 busy_until = onward_mirrors_get_busy_until (self->mirrors, now);
  guint busy = busy_until == 0 ? 0 : (guint) ((busy_until - now + 999) / 1000);
  guint delay = busy;
  gboolean is_offline = busy == 0 && needs_network (self);
  gint64 retry_at = 0;

  if (is_enough (self, busy))
    return;

  self->tries++;
  if (busy == 0)
    delay = onward_pace_get_wait (onward_backoff_get_delay (self->tries, g_random_double ()));
  retry_at = now + (gint64) delay * 1000;
  /* A server that asks to be left alone means it, whatever becomes of the network. */
  self->wait = onward_wait_new (delay, busy != 0 ? NULL : self->monitor,
                                g_task_get_cancellable (self->task), go_on, self);
  if (is_offline)
    onward_transfer_set_phase (self, ONWARD_TRANSFER_OFFLINE, 0);
  else
    onward_transfer_set_phase (self, busy != 0 ? ONWARD_TRANSFER_BUSY : ONWARD_TRANSFER_WAITING,
                               retry_at);
}

static GError *
make_missing_error (OnwardTransfer *self)
{
  if (g_error_matches (self->problem, ONWARD_ERROR, ONWARD_ERROR_CORRUPT))
    return g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
                                "every address has another file of that name");
  return g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND, "no address has the file");
}

/* A block that no address may be asked for again. */
static gboolean
find_hopeless (OnwardTransfer *self, guint64 *ret_block)
{
  const OnwardBlockGrid *grid = onward_block_file_get_grid (self->file);

  for (guint i = 0; i < onward_ranges_get_count (self->suspects); i++)
    {
      const OnwardRange *range = onward_ranges_get (self->suspects, i);
      guint64 block = onward_block_grid_find (grid, range->start);

      for (; block <= onward_block_grid_find (grid, range->end - 1); block++)
        if (onward_mirrors_are_all_wrong (self->mirrors, block))
          {
            *ret_block = block;
            return TRUE;
          }
    }
  return FALSE;
}

static void
look_for_the_end (OnwardTransfer *self)
{
  GError *error = NULL;
  guint64 block = 0;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (self->task), &error))
    end (self, error);
  else if (onward_ranges_get_count (onward_block_map_get_missing (self->map)) == 0)
    end (self, NULL);
  else if (find_hopeless (self, &block))
    end (self, g_error_new (ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
                            "every address has block %" G_GUINT64_FORMAT " wrong", block));
  else if (self->lanes->len == 0 && onward_mirrors_are_all_missing (self->mirrors))
    end (self, make_missing_error (self));
}

static void
on_lane_ended (OnwardTransfer *self, GError *error)
{
  if (error != NULL && !self->is_over)
    end (self, g_steal_pointer (&error));
  g_clear_error (&error);
  self->go_on (self);
}

static void
on_wait_over (gpointer user_data)
{
  OnwardTransfer *self = user_data;

  g_clear_pointer (&self->wait, onward_wait_free);
  onward_mirrors_begin_round (self->mirrors);
  self->go_on (self);
}

static void
judge_crowd (OnwardTransfer *self)
{
  const OnwardRanges *missing = onward_block_map_get_missing (self->map);
  guint most = MIN (MOST_LANES, LANES_AN_ADDRESS * onward_mirrors_get_count (self->mirrors));
  guint before = self->crowd.lanes;

  /* With a limit of our own, more connections would only share it. */
  if (onward_fetcher_get_bucket (self->fetcher)->rate != 0)
    most = 1;
  onward_crowd_limit (&self->crowd, most);
  onward_crowd_judge (&self->crowd, onward_transfer_lanes_count_flowing (self),
                      onward_transfer_lanes_count_bytes (self), onward_ranges_get_length (missing),
                      onward_pace_get_time (g_get_monotonic_time ()));
  if (self->crowd.lanes != before)
    self->go_on (self);
}

static gboolean
on_tick (gpointer user_data)
{
  OnwardTransfer *self = user_data;

  if (onward_vigil_look (&self->vigil, onward_clock_get_time (), g_get_monotonic_time ()))
    onward_transfer_lanes_drop (self, "The computer was asleep", FALSE);
  if (!self->is_over && self->wait == NULL)
    judge_crowd (self);
  return G_SOURCE_CONTINUE;
}

/* Nobody has to look while nothing is under way: a wait may take a day. */
static void
watch (OnwardTransfer *self)
{
  gboolean is_needed = self->lanes->len > 0;

  if (is_needed && self->tick == 0)
    {
      self->vigil = (OnwardVigil){ 0 };
      (void) onward_vigil_look (&self->vigil, onward_clock_get_time (), g_get_monotonic_time ());
      self->tick = g_timeout_add (onward_pace_get_tick (), on_tick, self);
    }
  else if (!is_needed)
    g_clear_handle_id (&self->tick, g_source_remove);
}

/* Every step begins here: when a lane has ended, when a wait is over, and now and then. */
static void
step (OnwardTransfer *self)
{
  if (self->wait != NULL)
    return;
  if (!self->is_over)
    look_for_the_end (self);
  if (!self->is_over)
    onward_transfer_lanes_fill (self, on_lane_ended);
  if (self->lanes->len == 0 && !self->is_over)
    begin_wait (self, on_wait_over);
  watch (self);
  if (self->lanes->len == 0 && self->is_over)
    stop (self);
}

static gboolean
on_last_look (gpointer user_data)
{
  OnwardTransfer *self = user_data;

  self->settling = 0;
  onward_transfer_lanes_drop (self, "The network has changed", TRUE);
  return G_SOURCE_REMOVE;
}

/* Where this process had no time itself, what has come meanwhile is yet to be read. */
static gboolean
on_grace_over (gpointer user_data)
{
  OnwardTransfer *self = user_data;

  self->settling = g_timeout_add (LAST_LOOK_TIME, on_last_look, self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_settled (gpointer user_data)
{
  OnwardTransfer *self = user_data;

  onward_transfer_lanes_mark (self);
  self->settling = g_timeout_add (onward_pace_get_wait (GRACE_TIME), on_grace_over, self);
  return G_SOURCE_REMOVE;
}

/* Connections of the network before this one do not end: they only bring nothing any more. */
static void
on_network_changed (GNetworkMonitor *monitor, gboolean is_available, gpointer user_data)
{
  OnwardTransfer *self = user_data;

  g_clear_handle_id (&self->settling, g_source_remove);
  self->settling = g_timeout_add (onward_pace_get_wait (SETTLING_TIME), on_settled, self);
}

static gboolean
prepare_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  OnwardTransfer *self = ONWARD_TRANSFER (data);

  return onward_block_file_open (self->file, error) &&
         onward_block_check_run (self->check, self->file, cancellable, error);
}

/* What was recorded is known by now; what is not wanted yet stays a record. */
static void
take_check (OnwardTransfer *self)
{
  OnwardBlockCheck *check = self->check;
  const OnwardRanges *wanted = onward_block_map_get_wanted (self->map);

  onward_block_map_prove (self->map, check->proven);
  while (check->begun->len > 0)
    {
      OnwardBlockSink *sink = g_ptr_array_steal_index (check->begun, 0);

      onward_block_sink_set_source (sink, 0, self->validator);
      g_ptr_array_add (self->resting, sink);
    }
  for (guint i = 0; i < onward_ranges_get_count (wanted); i++)
    {
      const OnwardRange *range = onward_ranges_get (wanted, i);

      onward_ranges_subtract (self->hints, range->start, range->end);
    }
}

static void
on_prepared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OnwardTransfer) self = ONWARD_TRANSFER (user_data);
  GError *error = NULL;

  if (onward_worker_run_finish (result, &error))
    take_check (self);
  else
    end (self, error);
  g_clear_pointer (&self->check, onward_block_check_free);
  onward_transfer_tell (self);
  self->most_done = self->bytes_done;
  step (self);
}

static void
prepare (OnwardTransfer *self)
{
  onward_transfer_set_phase (self, ONWARD_TRANSFER_CONNECTING, 0);
  self->check = onward_block_check_new (onward_block_map_get_missing (self->map), self->hints);
  onward_worker_run_async (NULL, prepare_in_thread, self, NULL, g_task_get_cancellable (self->task),
                           on_prepared, g_object_ref (self));
}

/* Forgets how the run before this one went. */
static void
begin (OnwardTransfer *self)
{
  self->go_on = step;
  self->is_over = FALSE;
  self->tries = 0;
  self->bytes_on_wire = 0;
  self->most_done = 0;
  self->stale_answers = 0;
  g_clear_error (&self->problem);
  onward_mirrors_forgive (self->mirrors);
  onward_ranges_free (self->suspects);
  self->suspects = onward_ranges_new ();
  onward_crowd_begin (&self->crowd, MOST_LANES);
  self->work = onward_deadline_new (g_task_get_cancellable (self->task), 0);
  self->network_changed =
      g_signal_connect (self->monitor, "network-changed", G_CALLBACK (on_network_changed), self);
}

/**
 * onward_transfer_run_async:
 * @cancellable: (nullable): pauses the transfer
 * @callback: called when it has ended; what it received of an unfinished file is on the disk
 * @user_data: for @callback
 *
 * Fetches what is wanted and missing. Lost connections, servers out of order and damaged blocks
 * only make it longer.
 */
void
onward_transfer_run_async (OnwardTransfer *self, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (ONWARD_IS_TRANSFER (self));
  g_return_if_fail (self->task == NULL);

  self->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, onward_transfer_run_async);
  /* A transfer that was complete when it was cancelled is complete. */
  g_task_set_check_cancellable (self->task, FALSE);
  begin (self);
  if (onward_mirrors_get_count (self->mirrors) > 0)
    prepare (self);
  else
    {
      end (self, g_error_copy (self->refusal));
      step (self);
    }
}

/**
 * onward_transfer_run_finish:
 * @result: of onward_transfer_run_async()
 * @error: (nullable): where to put why it ended early
 *
 * Errors: CORRUPT, NOT_FOUND, NOT_PERMITTED, MALFORMED, NO_SPACE and others of the file system,
 * `G_IO_ERROR_CANCELLED`; with a limit of retries also OFFLINE and SERVER.
 *
 * Returns: whether every wanted block is there and proven
 */
gboolean
onward_transfer_run_finish (OnwardTransfer *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_TRANSFER (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
