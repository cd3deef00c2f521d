/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-crowd.h"

/* A new connection needs this long to find its speed, and then this long to show it. */
#define SETTLING  (G_USEC_PER_SEC / 4)
#define MEASURING (G_USEC_PER_SEC / 2)
/* The first one shows its speed in two steps of this length, unless that still grows: so much from
 * one to the next is no growth. */
#define FIRST_STEP (G_USEC_PER_SEC / 25)
#define STEADY     1.3
/* What drips has no speed to speak of. */
#define FIRST_BYTES (64 * 1024)
/* So many are tried first of all, which makes four. */
#define FIRST_STRIDE 3
/* One that has not begun by then counts as bringing nothing. */
#define LONGEST_START (5 * G_USEC_PER_SEC)
/* A connection of 8 MiB a second or more is not what an update waits for. */
#define SLOW_RATE (8.0 * 1024 * 1024)
/* Seconds: what is over so soon is not worth another connection. */
#define SHORTEST_REST 5.0
/* Of what another connection brings when nothing but their number limits the rate. */
#define REAL_SHARE    0.5
#define SMALLEST_GAIN 1.1
/* With so much of it, nothing but their number limits the rate as yet. */
#define FULL_SHARE 0.75
/* A line on which connections break so often in such a time is a lossy one. */
#define LOSSY_CUTS        2
#define LOSSY_TIME        (30 * G_USEC_PER_SEC)
#define SHORTEST_PATIENCE (30 * G_USEC_PER_SEC)
#define LONGEST_PATIENCE  (10 * 60 * G_USEC_PER_SEC)

/**
 * onward_crowd_begin:
 * @most: how many connections there may be
 *
 * Begins with one.
 */
void
onward_crowd_begin (OnwardCrowd *self, guint most)
{
  *self = (OnwardCrowd){

    .lanes = 1, .most = MAX (most, 1), .stride = FIRST_STRIDE, .patience = SHORTEST_PATIENCE
  };
}

static void
settle (OnwardCrowd *self, guint lanes)
{
  self->lanes = lanes;
  self->settled_at = 0;
}

static void
be_patient (OnwardCrowd *self, guint lanes, gint64 now)
{
  settle (self, MAX (lanes, 1));
  self->before = 0.0;
  self->stride = 1;
  self->not_before = now + self->patience;
  self->patience = MIN (2 * self->patience, LONGEST_PATIENCE);
}

/**
 * onward_crowd_limit:
 * @most: how many connections there may be from now on
 */
void
onward_crowd_limit (OnwardCrowd *self, guint most)
{
  self->most = MAX (most, 1);
  if (self->lanes <= self->most)
    return;
  settle (self, self->most);
  self->before = 0.0;
}

/**
 * onward_crowd_note_cut:
 * @now: the present time
 *
 * A connection that brought something was lost.
 */
void
onward_crowd_note_cut (OnwardCrowd *self, gint64 now)
{
  if (now - self->cut_at > LOSSY_TIME)
    self->cuts = 0;
  self->cut_at = now;
  self->cuts++;
}

/**
 * onward_crowd_note_refused:
 * @now: the present time
 *
 * A connection brought nothing while others do: one less, for a while.
 */
void
onward_crowd_note_refused (OnwardCrowd *self, gint64 now)
{
  if (now >= self->not_before)
    {
      be_patient (self, self->lanes - 1, now);
      return;
    }
  /* Of several that were tried at once, all were. */
  settle (self, MAX (self->lanes - 1, 1));
  self->before = 0.0;
}

/* Whether those on trial bring @share of what as many brought before. */
static gboolean
is_gain (const OnwardCrowd *self, double rate, double share)
{
  double gain = 1.0 + share * self->added / (self->lanes - self->added);

  return rate >= self->before * MAX (gain, SMALLEST_GAIN);
}

/* Ends a trial. Of several at once, as many are kept as would have brought the same. */
static void
judge_trial (OnwardCrowd *self, double rate, gint64 now)
{
  guint kept = self->lanes - self->added;
  guint useful = (guint) MIN (rate * kept / self->before + 0.5, self->lanes);

  if (is_gain (self, rate, FULL_SHARE))
    self->stride = self->lanes;
  else if (is_gain (self, rate, REAL_SHARE) && self->added == 1)
    self->stride = 1;
  else if (self->added > 1 && useful > kept)
    {
      self->stride = 1;
      self->lanes = useful;
    }
  else
    {
      be_patient (self, kept, now);
      return;
    }
  self->before = 0.0;
  self->patience = SHORTEST_PATIENCE;
}

static gboolean
is_another_worthwhile (const OnwardCrowd *self, double rate, guint64 bytes_left, gint64 now)
{
  gboolean is_lossy = self->cuts >= LOSSY_CUTS && now - self->cut_at <= LOSSY_TIME;
  double alone = rate / (double) self->lanes;

  return self->lanes < self->most && now >= self->not_before && (alone < SLOW_RATE || is_lossy) &&
         (double) bytes_left > rate * SHORTEST_REST;
}

static double
get_rate (guint64 bytes, gint64 time)
{
  return (double) bytes * G_USEC_PER_SEC / (double) time;
}

static void
decide (OnwardCrowd *self, guint64 bytes, guint64 bytes_left, gint64 now)
{
  double rate = get_rate (bytes - self->measured_bytes, now - self->measured_at);

  if (self->before > 0.0)
    judge_trial (self, rate, now);
  if (!is_another_worthwhile (self, rate, bytes_left, now))
    {
      settle (self, self->lanes);
      return;
    }
  self->before = MAX (rate, 1.0);
  self->tried_at = now;
  self->added = MIN (self->stride, self->most - self->lanes);
  settle (self, self->lanes + self->added);
}

/* As long as the first connection grows, what it was before says nothing. */
static void
judge_first (OnwardCrowd *self, guint64 bytes, guint64 bytes_left, gint64 now)
{
  double sample = 0.0;

  if (self->sampled_at != 0 && now - self->sampled_at < FIRST_STEP)
    return;
  if (self->sampled_at != 0)
    sample = get_rate (bytes - self->sampled_bytes, now - self->sampled_at);
  if (self->sample > 0.0 && sample <= self->sample * STEADY && bytes >= FIRST_BYTES)
    {
      self->is_known = TRUE;
      decide (self, bytes, bytes_left, now);
      return;
    }
  self->measured_at = self->sampled_at;
  self->measured_bytes = self->sampled_bytes;
  self->sampled_at = now;
  self->sampled_bytes = bytes;
  self->sample = sample;
}

/* Until the first of the new ones begins, the others show better what they bring without them. */
static void
go_on_without (OnwardCrowd *self, guint flowing, guint64 bytes, gint64 now)
{
  if (self->before > 0.0 && flowing + self->added <= self->lanes)
    self->before = MAX (get_rate (bytes - self->measured_bytes, now - self->measured_at), 1.0);
}

/**
 * onward_crowd_judge:
 * @flowing: how many connections bring something at present
 * @bytes: how many bytes all have brought so far
 * @bytes_left: how many are still to come
 * @now: the present time, in microseconds
 *
 * Looks at how it goes and changes the number of lanes when that is called for; to be called twenty
 * times a second.
 */
void
onward_crowd_judge (OnwardCrowd *self, guint flowing, guint64 bytes, guint64 bytes_left, gint64 now)
{
  /* What is measured while some are still connecting says nothing about their number, unless one
   * on trial gets nowhere. */
  if (flowing == 0 ||
      (flowing < self->lanes && (self->before == 0.0 || now - self->tried_at < LONGEST_START)))
    {
      go_on_without (self, flowing, bytes, now);
      self->settled_at = 0;
      return;
    }
  if (!self->is_known)
    {
      judge_first (self, bytes, bytes_left, now);
      return;
    }
  if (self->settled_at == 0)
    self->settled_at = now + SETTLING;
  if (now <= self->settled_at)
    {
      self->measured_at = now;
      self->measured_bytes = bytes;
    }
  else if (now - self->measured_at >= MEASURING)
    decide (self, bytes, bytes_left, now);
}
