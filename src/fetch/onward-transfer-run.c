/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-attempt.h"
#include "onward-backoff.h"
#include "onward-error.h"
#include "onward-pace.h"
#include "onward-transfer-private.h"
#include "onward-worker.h"

/* Bytes arrive thousands of times a second; nobody looks that often. */
#define NEWS_INTERVAL      50
#define MOST_STALE_ANSWERS 2

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
  onward_transfer_count_received (self);
  onward_transfer_set_phase (self, ONWARD_TRANSFER_STOPPED, 0);
  if (self->ending != NULL)
    g_task_return_error (task, g_steal_pointer (&self->ending));
  else
    g_task_return_boolean (task, TRUE);
}

/* The only way out of a run, so that what it received is on the disk in every case. The worker only
 * reads how it ends. */
static void
stop (OnwardTransfer *self, GError *ending)
{
  g_clear_handle_id (&self->news, g_source_remove);
  self->ending = ending;
  if (ending != NULL && !g_error_matches (ending, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_prefix_error (&self->ending, "Downloading to “%s”: ", self->path);
  onward_worker_run_async (NULL, sync_in_thread, self, NULL, NULL, on_synced, g_object_ref (self));
}

static gboolean
needs_network (OnwardTransfer *self)
{
  return !onward_mirrors_are_local (self->mirrors) &&
         !g_network_monitor_get_network_available (self->monitor);
}

static void
on_wait_over (gpointer user_data)
{
  OnwardTransfer *self = user_data;

  g_clear_pointer (&self->wait, onward_wait_free);
  onward_mirrors_begin_round (self->mirrors);
  self->go_on (self);
}

/* A round has ended without success. */
static void
begin_wait (OnwardTransfer *self)
{
  gint64 now = g_get_monotonic_time ();
  gint64 busy_until = onward_mirrors_get_busy_until (self->mirrors, now);
  gboolean is_offline = needs_network (self);
  guint delay = 0;

  if (self->max_retries >= 0 && self->tries >= (guint) self->max_retries)
    {
      stop (self, self->problem != NULL
                      ? g_error_copy (self->problem)
                      : g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_SERVER,
                                             "The server has asked to be left alone for a while"));
      return;
    }

  self->tries++;
  delay = onward_pace_get_wait (onward_backoff_get_delay (self->tries, g_random_double ()));
  if (busy_until != 0)
    delay = (guint) ((busy_until - now + 999) / 1000);
  /* A server that asks to be left alone means it, whatever becomes of the network. */
  self->wait = onward_wait_new (delay, busy_until != 0 ? NULL : self->monitor,
                                g_task_get_cancellable (self->task), on_wait_over, self);
  if (is_offline)
    onward_transfer_set_phase (self, ONWARD_TRANSFER_OFFLINE, 0);
  else
    onward_transfer_set_phase (self, ONWARD_TRANSFER_WAITING, now + (gint64) delay * 1000);
}

static void
set_problem (OnwardTransfer *self, GError *problem)
{
  g_clear_error (&self->problem);
  self->problem = problem;
}

static void
forget_proven_suspects (OnwardTransfer *self)
{
  OnwardBlockMap *map = onward_block_file_get_map (self->file);
  guint64 block = onward_mirrors_get_suspect (self->mirrors);

  while (block != ONWARD_MIRRORS_NO_BLOCK && !onward_block_map_is_missing (map, block))
    {
      onward_mirrors_note_good_block (self->mirrors, block);
      block = onward_mirrors_get_suspect (self->mirrors);
    }
}

/* What an attempt says about the address that was asked. */
static void
note_outcome (OnwardTransfer *self, OnwardOutcome *outcome)
{
  OnwardMirrors *mirrors = self->mirrors;
  gint64 busy = (gint64) onward_pace_get_wait (outcome->retry_after * 1000) * 1000;

  if (outcome->is_answered)
    onward_mirrors_note_found (mirrors, self->mirror);
  if (outcome->is_missing || outcome->is_other)
    onward_mirrors_note_missing (mirrors, self->mirror);
  if (outcome->retry_after != 0)
    onward_mirrors_note_busy (mirrors, self->mirror, g_get_monotonic_time () + busy);
  if (outcome->blocks.bad > 0 && outcome->blocks.is_blamed)
    onward_mirrors_note_bad_block (mirrors, self->mirror, outcome->blocks.bad_block);
  forget_proven_suspects (self);

  /* What answered in the server's place may have been right after all. */
  if (g_error_matches (outcome->problem, ONWARD_ERROR, ONWARD_ERROR_SIGN_IN))
    g_clear_pointer (&self->validator, g_free);
  if (outcome->is_answered)
    {
      /* After a stale one the next request does without, and after two all do: where it changes
       * every time, the digests alone tell what belongs together. */
      g_clear_pointer (&self->validator, g_free);
      self->stale_answers += outcome->is_stale ? 1 : 0;
      if (!outcome->is_stale && self->stale_answers < MOST_STALE_ANSWERS)
        self->validator = g_steal_pointer (&outcome->validator);
      self->validator_mirror = self->mirror;
    }
}

static void
take_outcome (OnwardTransfer *self, OnwardOutcome *outcome)
{
  gboolean was_useful = outcome->blocks.verified > 0 || outcome->is_stale;

  note_outcome (self, outcome);
  /* A connection that brought the file on was no failure, however early it was lost. */
  if (outcome->blocks.verified > 0 || self->bytes_done > self->most_done)
    self->tries = 0;
  self->most_done = MAX (self->most_done, self->bytes_done);
  if (outcome->blocks.bad > 0)
    g_set_error_literal (&outcome->problem, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
                         "The server sent damaged data");
  else if (outcome->problem == NULL && !was_useful)
    g_set_error_literal (&outcome->problem, ONWARD_ERROR, ONWARD_ERROR_SERVER,
                         "The server sent nothing of use");
  if (outcome->problem == NULL)
    return;

  /* Damage is repaired at once when the rest was fine. */
  if (outcome->blocks.bad == 0 || outcome->blocks.verified == 0)
    onward_mirrors_note_failure (self->mirrors, self->mirror);
  set_problem (self, g_steal_pointer (&outcome->problem));
}

static void
on_attempted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OnwardTransfer *self = ONWARD_TRANSFER (user_data);
  g_autoptr (OnwardOutcome) outcome = NULL;
  GError *error = NULL;

  outcome = onward_attempt_run_finish (result, &error);
  onward_transfer_count_received (self);
  if (outcome == NULL)
    {
      stop (self, error);
      return;
    }
  take_outcome (self, outcome);
  self->go_on (self);
}

static gboolean
on_news_due (gpointer user_data)
{
  OnwardTransfer *self = user_data;

  self->news = 0;
  onward_transfer_tell (self);
  return G_SOURCE_REMOVE;
}

static void
on_progress (guint64 bytes, gpointer user_data)
{
  OnwardTransfer *self = user_data;

  self->bytes_on_wire += bytes;
  onward_transfer_count_received (self);
  if (self->phase != ONWARD_TRANSFER_FLOWING)
    onward_transfer_set_phase (self, ONWARD_TRANSFER_FLOWING, 0);
  else if (self->news == 0)
    self->news = g_timeout_add (NEWS_INTERVAL, on_news_due, self);
}

/* The block that was wrong, alone; else what is missing from where a block has begun. */
static OnwardRange
choose_range (OnwardTransfer *self, guint64 suspect)
{
  OnwardBlockMap *map = onward_block_file_get_map (self->file);
  const OnwardRanges *missing = onward_block_map_get_missing (map);
  OnwardRange range, begun;

  if (suspect != ONWARD_MIRRORS_NO_BLOCK)
    range = onward_block_map_get_block (map, suspect);
  else
    range = *onward_ranges_get (missing, 0);
  if (!onward_block_file_get_beginning (self->file, &begun))
    return range;

  for (guint i = 0; i < onward_ranges_get_count (missing); i++)
    {
      const OnwardRange *gap = onward_ranges_get (missing, i);

      if (gap->start <= begun.start && begun.start < gap->end)
        range = (OnwardRange){ begun.end, gap->end };
    }
  return range;
}

static void
begin_attempt (OnwardTransfer *self, guint mirror, guint64 suspect)
{
  OnwardAttempt attempt = { 0 };

  self->mirror = mirror;
  attempt.address = onward_mirrors_get (self->mirrors, mirror);
  attempt.range = choose_range (self, suspect);
  if (mirror == self->validator_mirror)
    attempt.validator = self->validator;
  onward_transfer_set_phase (self, ONWARD_TRANSFER_CONNECTING, 0);
  onward_attempt_run_async (self->fetcher, self->file, &attempt, on_progress,
                            g_task_get_cancellable (self->task), on_attempted, self);
}

static GError *
make_missing_error (OnwardTransfer *self)
{
  if (g_error_matches (self->problem, ONWARD_ERROR, ONWARD_ERROR_CORRUPT))
    return g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
                                "every address has another file of that name");
  return g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND, "no address has the file");
}

/* Every step begins here, with nothing under way. */
static void
step (OnwardTransfer *self)
{
  OnwardBlockMap *map = onward_block_file_get_map (self->file);
  guint64 suspect = onward_mirrors_get_suspect (self->mirrors);
  GError *error = NULL;
  int mirror = -1;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (self->task), &error))
    stop (self, error);
  else if (onward_ranges_get_count (onward_block_map_get_missing (map)) == 0)
    stop (self, NULL);
  else if (onward_mirrors_are_all_wrong (self->mirrors, suspect))
    stop (self, g_error_new (ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
                             "every address has block %" G_GUINT64_FORMAT " wrong", suspect));
  else if (onward_mirrors_are_all_missing (self->mirrors))
    stop (self, make_missing_error (self));
  else
    {
      mirror = onward_mirrors_pick (self->mirrors, suspect, g_get_monotonic_time ());
      if (mirror >= 0)
        begin_attempt (self, (guint) mirror, suspect);
      else
        begin_wait (self);
    }
}

static gboolean
prepare_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  OnwardTransfer *self = ONWARD_TRANSFER (data);

  return onward_block_file_open (self->file, error) &&
         onward_block_file_recheck (self->file, self->hints, cancellable, error);
}

static void
on_prepared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OnwardTransfer) self = ONWARD_TRANSFER (user_data);
  const OnwardRanges *wanted = NULL;
  GError *error = NULL;

  if (!onward_worker_run_finish (result, &error))
    {
      stop (self, error);
      return;
    }

  wanted = onward_block_map_get_wanted (onward_block_file_get_map (self->file));
  for (guint i = 0; i < onward_ranges_get_count (wanted); i++)
    {
      const OnwardRange *range = onward_ranges_get (wanted, i);

      onward_ranges_subtract (self->hints, range->start, range->end);
    }
  onward_transfer_count_received (self);
  self->most_done = self->bytes_done;
  onward_transfer_tell (self);
  step (self);
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
  self->go_on = step;
  self->tries = 0;
  self->bytes_on_wire = 0;
  self->most_done = 0;
  self->stale_answers = 0;
  g_clear_error (&self->problem);
  onward_mirrors_forgive (self->mirrors);
  if (onward_mirrors_get_count (self->mirrors) == 0)
    {
      stop (self, g_error_copy (self->refusal));
      return;
    }

  onward_transfer_set_phase (self, ONWARD_TRANSFER_CONNECTING, 0);
  onward_worker_run_async (NULL, prepare_in_thread, self, NULL, cancellable, on_prepared,
                           g_object_ref (self));
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
