/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-clock.h"
#include "onward-error.h"
#include "onward-lane.h"
#include "onward-pace.h"
#include "onward-share.h"
#include "onward-transfer-lanes.h"
#include "onward-transfer-private.h"

/* Bytes arrive thousands of times a second; nobody looks that often. */
#define NEWS_INTERVAL 50
/* Beginnings of blocks kept for later; more connections than that are never at work. */
#define MOST_RESTING 16
/* Where the entity tag changes every time, it says nothing. */
#define MOST_STALE_ANSWERS 2
/* Bytes: a connection that brings as many was of use, though no block was completed. */
#define LEAST_PROGRESS (64 * 1024)
/* Bytes on their way to the file: of a connection that has the machine for itself, and of those
 * that came to its help. */
#define MEMORY_ALONE  (8 * 1024 * 1024)
#define MEMORY_BESIDE (2 * 1024 * 1024)

/* A lane at work, and what is to be known about it besides. */
typedef struct
{
  OnwardTransfer *transfer; /* (unowned): its run owns the lane */
  OnwardLane *lane;         /* (owned) */
  OnwardTransferLaneEnded ended;
  gint64 begun_at;
  guint64 mark; /* what it had brought when the network changed; %G_MAXUINT64 if that was before */
} OnwardTransferLane;

static void
transfer_lane_free (OnwardTransferLane *self)
{
  onward_lane_free (self->lane);
  g_free (self);
}

static OnwardTransferLane *
get_lane (OnwardTransfer *self, guint index)
{
  return g_ptr_array_index (self->lanes, index);
}

static void
subtract_all (OnwardRanges *self, const OnwardRanges *others)
{
  for (guint i = 0; i < onward_ranges_get_count (others); i++)
    {
      const OnwardRange *range = onward_ranges_get (others, i);

      onward_ranges_subtract (self, range->start, range->end);
    }
}

/* Those of the blocks that are nobody's at present. */
static OnwardRanges *
get_free (OnwardTransfer *self, const OnwardRanges *blocks)
{
  OnwardRanges *free = onward_ranges_copy (blocks);

  for (guint i = 0; i < self->lanes->len; i++)
    subtract_all (free, onward_lane_get_owned (get_lane (self, i)->lane));
  return free;
}

/* A block has one hash at a time: whoever writes to it begins it anew or has what was begun. */
static void
forget_resting (OnwardTransfer *self, const OnwardRanges *blocks)
{
  for (guint i = self->resting->len; i > 0; i--)
    {
      OnwardRange begun = { 0, 0 };

      (void) onward_block_sink_get_beginning (g_ptr_array_index (self->resting, i - 1), &begun);
      if (onward_ranges_contain (blocks, begun.start, begun.end))
        g_ptr_array_remove_index (self->resting, i - 1);
    }
}

static OnwardRanges *
claim_all (OnwardLane *lane, gpointer user_data)
{
  OnwardTransfer *self = ((OnwardTransferLane *) user_data)->transfer;
  OnwardRanges *all = get_free (self, onward_block_map_get_missing (self->map));
  const OnwardRanges *owned = onward_lane_get_owned (lane);

  subtract_all (all, self->suspects);
  forget_resting (self, all);
  for (guint i = 0; i < onward_ranges_get_count (owned); i++)
    onward_ranges_add (all, onward_ranges_get (owned, i)->start, onward_ranges_get (owned, i)->end);
  return all;
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
note_bad (OnwardTransfer *self, guint mirror, const OnwardRange *blocks)
{
  const OnwardBlockGrid *grid = onward_block_file_get_grid (self->file);
  guint64 last = onward_block_grid_find (grid, blocks->end - 1);

  onward_ranges_add (self->suspects, blocks->start, blocks->end);
  for (guint64 block = onward_block_grid_find (grid, blocks->start); block <= last; block++)
    onward_mirrors_note_bad_block (self->mirrors, mirror, block);
}

static void
on_progress (OnwardLane *lane, guint64 bytes, const OnwardBlockResult *result, gpointer user_data)
{
  OnwardTransfer *self = ((OnwardTransferLane *) user_data)->transfer;
  guint mirror = onward_lane_get_mirror (lane);

  self->bytes_on_wire += bytes;
  if (result->proven != NULL)
    {
      onward_block_map_prove (self->map, result->proven);
      subtract_all (self->suspects, result->proven);
      onward_mirrors_note_useful (self->mirrors, mirror);
      self->tries = 0;
    }
  for (guint i = 0; result->bad != NULL && i < onward_ranges_get_count (result->bad); i++)
    note_bad (self, mirror, onward_ranges_get (result->bad, i));

  if (self->phase != ONWARD_TRANSFER_FLOWING)
    onward_transfer_set_phase (self, ONWARD_TRANSFER_FLOWING, 0);
  else if (self->news == 0)
    self->news = g_timeout_add (NEWS_INTERVAL, on_news_due, self);
}

/* What a lane says about the address that was asked. */
static void
note_outcome (OnwardTransfer *self, guint mirror, OnwardOutcome *outcome)
{
  OnwardMirrors *mirrors = self->mirrors;
  gint64 busy = (gint64) onward_pace_get_wait (outcome->retry_after * 1000) * 1000;

  if (outcome->is_answered)
    onward_mirrors_note_found (mirrors, mirror);
  if (outcome->is_missing || outcome->is_other)
    onward_mirrors_note_missing (mirrors, mirror);
  if (outcome->retry_after != 0)
    onward_mirrors_note_busy (mirrors, mirror, onward_clock_get_time () + busy);
  self->stale_answers += outcome->is_stale ? 1 : 0;
  if (outcome->is_answered && mirror == 0)
    {
      g_free (self->validator);
      self->validator = outcome->is_stale ? NULL : g_strdup (outcome->validator);
    }
}

static void
explain (OnwardOutcome *outcome, gboolean was_useful)
{
  if (outcome->damaged > 0)
    {
      g_clear_error (&outcome->problem);
      g_set_error_literal (&outcome->problem, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
                           "The server sent damaged data");
    }
  else if (outcome->problem == NULL && !was_useful)
    g_set_error_literal (&outcome->problem, ONWARD_ERROR, ONWARD_ERROR_SERVER,
                         "The server sent nothing of use");
}

/* Whether a connection that was lost is to be replaced at once: it took the file on, and its loss
 * was bad luck. What brings next to nothing each time would be asked without end. */
static gboolean
has_brought (OnwardTransfer *self, const OnwardOutcome *outcome, guint64 bytes)
{
  guint64 enough = MIN (LEAST_PROGRESS, onward_block_file_get_grid (self->file)->block_size);

  return outcome->is_useful ||
         (outcome->damaged == 0 && bytes >= enough && self->bytes_done > self->most_done);
}

/* Whether the address has to be left alone until the others have been asked. */
static gboolean
is_failure (OnwardTransfer *self, const OnwardOutcome *outcome, guint64 bytes)
{
  if (outcome->is_dropped)
    return FALSE;
  /* Damage is repaired at once when the rest was fine; and a connection that brought something is
   * replaced at once, unless somebody asked not to try again. */
  return !has_brought (self, outcome, bytes) || (outcome->damaged == 0 && self->max_retries == 0);
}

static void
take_outcome (OnwardTransfer *self, guint mirror, OnwardOutcome *outcome, guint64 bytes)
{
  gint64 now = onward_pace_get_time (g_get_monotonic_time ());
  gboolean has_advanced = bytes > 0 && outcome->problem == NULL;
  gboolean has_failed = FALSE;

  note_outcome (self, mirror, outcome);
  /* A connection that brought the file on was no failure, however early it was lost. */
  onward_transfer_count_received (self);
  has_failed = is_failure (self, outcome, bytes);
  if (self->bytes_done > self->most_done)
    self->tries = 0;
  self->most_done = MAX (self->most_done, self->bytes_done);
  explain (outcome, outcome->is_useful || outcome->is_stale || has_advanced);
  if (outcome->problem == NULL)
    return;

  if (!has_failed)
    {
      if (!outcome->is_dropped && outcome->damaged == 0)
        onward_crowd_note_cut (&self->crowd, now);
    }
  else if (outcome->retry_after == 0 && onward_mirrors_is_at_work (self->mirrors, mirror))
    onward_crowd_note_refused (&self->crowd, now);
  else
    onward_mirrors_note_failure (self->mirrors, mirror);
  onward_transfer_set_problem (self, g_steal_pointer (&outcome->problem));
}

/* Keeps the beginning of a block for whoever goes on with it. */
static gboolean
keep_beginning (OnwardTransfer *self, OnwardBlockSink *sink)
{
  OnwardRange begun = { 0, 0 };

  if (!onward_block_sink_get_beginning (sink, &begun))
    {
      onward_block_sink_free (sink);
      return FALSE;
    }
  if (self->resting->len == MOST_RESTING)
    g_ptr_array_remove_index (self->resting, 0);
  g_ptr_array_add (self->resting, sink);
  return TRUE;
}

static void
on_lane_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OnwardTransferLane *lane = user_data;
  g_autoptr (OnwardTransfer) self = g_object_ref (lane->transfer);
  guint mirror = onward_lane_get_mirror (lane->lane);
  OnwardTransferLaneEnded ended = lane->ended;
  g_autoptr (OnwardOutcome) outcome = NULL;
  GError *error = NULL;
  guint64 bytes = 0;

  outcome = onward_lane_run_finish (lane->lane, result, &error);
  bytes = onward_lane_get_bytes (lane->lane);
  onward_mirrors_note_ended (self->mirrors, mirror, bytes,
                             g_get_monotonic_time () - lane->begun_at);
  (void) keep_beginning (self, onward_lane_take_sink (lane->lane));
  g_ptr_array_remove (self->lanes, lane);
  if (outcome != NULL)
    take_outcome (self, mirror, outcome, bytes);
  ended (self, error);
}

static void
start_lane (OnwardTransfer *self, OnwardRange blocks, OnwardBlockSink *sink, guint mirror,
            OnwardTransferLaneEnded ended)
{
  OnwardTransferLane *lane = g_new0 (OnwardTransferLane, 1);
  OnwardLaneOrder order = {
    .address = onward_mirrors_get (self->mirrors, mirror),
    .mirror = mirror,
    .size = onward_block_file_get_grid (self->file)->size,
    .sink = sink == NULL ? onward_block_sink_new (self->file) : sink,
    .blocks = blocks,
    .memory = self->lanes->len == 0 ? MEMORY_ALONE : MEMORY_BESIDE,
    .ignores_tags = self->stale_answers >= MOST_STALE_ANSWERS,
    .is_anew = onward_ranges_contain (self->suspects, blocks.start, blocks.start + 1),
    .claim = claim_all,
    .progress = on_progress,
    .user_data = lane,
  };

  lane->transfer = self;
  lane->ended = ended;
  lane->begun_at = g_get_monotonic_time ();
  lane->mark = G_MAXUINT64;
  lane->lane = onward_lane_new (self->fetcher, &order);
  forget_resting (self, onward_lane_get_owned (lane->lane));
  onward_mirrors_note_begun (self->mirrors, mirror);
  g_ptr_array_add (self->lanes, lane);
  if (self->lanes->len == 1)
    onward_transfer_set_phase (self, ONWARD_TRANSFER_CONNECTING, 0);
  onward_lane_run_async (lane->lane, onward_deadline_get_cancellable (self->work), on_lane_ended,
                         lane);
}

static int
pick (OnwardTransfer *self, guint64 block)
{
  return onward_mirrors_pick (self->mirrors, block, onward_clock_get_time ());
}

/* The sink that has the beginning of a block, if there is one, is handed over. */
static OnwardBlockSink *
take_resting (OnwardTransfer *self, OnwardRange block)
{
  for (guint i = 0; i < self->resting->len; i++)
    {
      OnwardRange begun = { 0, 0 };

      (void) onward_block_sink_get_beginning (g_ptr_array_index (self->resting, i), &begun);
      if (begun.start == block.start)
        return g_ptr_array_steal_index (self->resting, i);
    }
  return NULL;
}

/* A block that came wrong is fetched alone. What has come of it since may be right: where no
 * connection lives for a whole block, it would never come otherwise. */
static gboolean
start_suspect (OnwardTransfer *self, OnwardTransferLaneEnded ended)
{
  const OnwardBlockGrid *grid = onward_block_file_get_grid (self->file);
  g_autoptr (OnwardRanges) free = get_free (self, self->suspects);

  for (guint i = 0; i < onward_ranges_get_count (free); i++)
    {
      guint64 block = onward_block_grid_find (grid, onward_ranges_get (free, i)->start);
      OnwardRange where = onward_block_grid_get_block (grid, block);
      int mirror = pick (self, block);

      if (mirror < 0)
        continue;
      start_lane (self, where, take_resting (self, where), (guint) mirror, ended);
      return TRUE;
    }
  return FALSE;
}

static const OnwardRange *
find_gap (const OnwardRanges *gaps, guint64 start)
{
  for (guint i = 0; i < onward_ranges_get_count (gaps); i++)
    {
      const OnwardRange *gap = onward_ranges_get (gaps, i);

      if (gap->start <= start && start < gap->end)
        return gap;
    }
  return NULL;
}

/* Up to the next block that somebody has begun, for that is gone on with by itself. */
static guint64
find_end (OnwardTransfer *self, OnwardRange gap)
{
  for (guint i = 0; i < self->resting->len; i++)
    {
      OnwardRange begun = { 0, 0 };

      (void) onward_block_sink_get_beginning (g_ptr_array_index (self->resting, i), &begun);
      if (begun.start > gap.start)
        gap.end = MIN (gap.end, begun.start);
    }
  return gap.end;
}

/* What is missing from where a block has begun; the sink that has its beginning is handed over. */
static gboolean
find_begun (OnwardTransfer *self, const OnwardRanges *gaps, OnwardRange *ret_blocks,
            OnwardBlockSink **ret_sink)
{
  for (guint i = 0; i < self->resting->len; i++)
    {
      OnwardRange begun = { 0, 0 };
      const OnwardRange *gap = NULL;

      (void) onward_block_sink_get_beginning (g_ptr_array_index (self->resting, i), &begun);
      gap = find_gap (gaps, begun.start);
      if (gap == NULL)
        continue;
      *ret_blocks = (OnwardRange){ begun.start, gap->end };
      *ret_sink = g_ptr_array_steal_index (self->resting, i);
      return TRUE;
    }
  return FALSE;
}

static gboolean
start_gap (OnwardTransfer *self, OnwardTransferLaneEnded ended)
{
  g_autoptr (OnwardRanges) gaps = get_free (self, onward_block_map_get_missing (self->map));
  OnwardBlockSink *sink = NULL;
  OnwardRange blocks = { 0, 0 };
  int mirror = -1;

  subtract_all (gaps, self->suspects);
  if (onward_ranges_get_count (gaps) == 0)
    return FALSE;
  mirror = pick (self, ONWARD_MIRRORS_NO_BLOCK);
  if (mirror < 0)
    return FALSE;
  if (!find_begun (self, gaps, &blocks, &sink))
    blocks = *onward_ranges_get (gaps, 0);
  blocks.end = find_end (self, blocks);
  start_lane (self, blocks, sink, (guint) mirror, ended);
  return TRUE;
}

static guint64
get_rest (OnwardLane *lane)
{
  return onward_lane_get_end (lane) -
         MIN (onward_lane_get_stretch (lane)->position, onward_lane_get_end (lane));
}

/* What each has before it when all share the rest evenly, those included that are still to come. */
static guint64
get_share (OnwardTransfer *self)
{
  guint64 rest = 0;

  for (guint i = 0; i < self->lanes->len; i++)
    rest += get_rest (get_lane (self, i)->lane);
  return rest / self->crowd.lanes;
}

/* Takes a part of the largest rest over from the lane that has it. */
static gboolean
start_stolen (OnwardTransfer *self, OnwardTransferLaneEnded ended)
{
  const OnwardBlockGrid *grid = onward_block_file_get_grid (self->file);
  guint64 share = get_share (self);
  OnwardLane *largest = NULL;
  OnwardRange blocks = { 0, 0 };
  int mirror = pick (self, ONWARD_MIRRORS_NO_BLOCK);

  for (guint i = 0; i < self->lanes->len; i++)
    {
      OnwardLane *lane = get_lane (self, i)->lane;
      guint64 begin =
          onward_share_find_begin (grid, onward_lane_get_stretch (lane), get_rest (lane), share);
      guint64 end = onward_lane_get_end (lane);

      if (begin == 0 || !onward_lane_is_divisible (lane) ||
          (largest != NULL && end - begin <= blocks.end - blocks.start))
        continue;
      largest = lane;
      blocks = (OnwardRange){ begin, end };
    }
  if (largest == NULL || mirror < 0)
    return FALSE;
  onward_lane_cut (largest, blocks.start);
  start_lane (self, blocks, NULL, (guint) mirror, ended);
  return TRUE;
}

/* Those that are too many end with the block they are at. */
static void
cut_surplus (OnwardTransfer *self)
{
  const OnwardBlockGrid *grid = onward_block_file_get_grid (self->file);

  for (guint i = self->crowd.lanes; i < self->lanes->len; i++)
    {
      OnwardLane *lane = get_lane (self, i)->lane;
      guint64 end =
          onward_lane_get_stretch (lane)->position + ONWARD_SHARE_UNDER_WAY + grid->block_size - 1;

      if (onward_lane_is_divisible (lane))
        onward_lane_cut (lane, end - end % grid->block_size);
    }
}

/**
 * onward_transfer_lanes_fill:
 * @ended: called each time a lane has ended
 *
 * Begins as many lanes as there may be and as there is something to do for.
 */
void
onward_transfer_lanes_fill (OnwardTransfer *self, OnwardTransferLaneEnded ended)
{
  gboolean has_begun = TRUE;

  cut_surplus (self);
  while (has_begun && self->lanes->len < self->crowd.lanes)
    has_begun = start_suspect (self, ended) || start_gap (self, ended) ||
                (self->lanes->len > 0 && start_stolen (self, ended));
}

/**
 * onward_transfer_lanes_count_flowing:
 *
 * Returns: how many lanes have brought something
 */
guint
onward_transfer_lanes_count_flowing (OnwardTransfer *self)
{
  guint flowing = 0;

  for (guint i = 0; i < self->lanes->len; i++)
    flowing += onward_lane_get_stretch (get_lane (self, i)->lane)->bytes > 0;
  return flowing;
}

/**
 * onward_transfer_lanes_count_bytes:
 *
 * Returns: how many bytes all connections of this run have brought, stored or about to be
 */
guint64
onward_transfer_lanes_count_bytes (OnwardTransfer *self)
{
  guint64 bytes = self->bytes_on_wire;

  for (guint i = 0; i < self->lanes->len; i++)
    {
      OnwardLane *lane = get_lane (self, i)->lane;

      bytes += onward_lane_get_stretch (lane)->bytes - onward_lane_get_bytes (lane);
    }
  return bytes;
}

/**
 * onward_transfer_lanes_mark:
 *
 * Remembers what each lane has brought so far.
 */
void
onward_transfer_lanes_mark (OnwardTransfer *self)
{
  for (guint i = 0; i < self->lanes->len; i++)
    get_lane (self, i)->mark = onward_lane_get_stretch (get_lane (self, i)->lane)->bytes;
}

/**
 * onward_transfer_lanes_drop:
 * @why: what is wrong with their connections
 * @only_stale: whether only of those that have brought nothing since they were marked
 *
 * Gives connections up; what they were to bring is asked for anew.
 */
void
onward_transfer_lanes_drop (OnwardTransfer *self, const char *why, gboolean only_stale)
{
  for (guint i = 0; i < self->lanes->len; i++)
    {
      OnwardTransferLane *lane = get_lane (self, i);
      const OnwardStretch *stretch = onward_lane_get_stretch (lane->lane);

      if (!only_stale || (stretch->is_hungry && lane->mark == stretch->bytes))
        onward_lane_drop (lane->lane, why);
    }
}

/**
 * onward_transfer_lanes_add_begun:
 * @inout_received: to which the beginnings of blocks are added
 *
 * Adds what is there of blocks that are not complete.
 */
void
onward_transfer_lanes_add_begun (OnwardTransfer *self, OnwardRanges *inout_received)
{
  OnwardRange begun = { 0, 0 };

  for (guint i = 0; i < self->lanes->len; i++)
    if (onward_lane_get_beginning (get_lane (self, i)->lane, &begun))
      onward_ranges_add (inout_received, begun.start, begun.end);
  for (guint i = 0; i < self->resting->len; i++)
    if (onward_block_sink_get_beginning (g_ptr_array_index (self->resting, i), &begun))
      onward_ranges_add (inout_received, begun.start, begun.end);
}

/**
 * onward_transfer_lanes_new:
 *
 * Returns: (transfer full): room for lanes
 */
GPtrArray *
onward_transfer_lanes_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) transfer_lane_free);
}
