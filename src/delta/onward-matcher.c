/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-matcher.h"

/* How much longer a match must be than what the last cover gives, to leave it. */
#define MIN_GAIN 8
/* Longer matches are as good as endless: this bounds what one search costs. */
#define MAX_SEARCH (4 * 1024)
/* What a cover costs when its source is far from all recent ones, in bytes that it must save. */
#define FAR_COST 22
/* So near the source costs three quarters of it, or half. */
#define NEAR_JUMP   4096
#define NEARER_JUMP 64
/* Between looks whether it was cancelled. */
#define CANCEL_STEP (64 * 1024)

/* Where two bytes are compared: the new one at i with the old one at i + shift. */
typedef struct
{
  const OnwardMatcher *matcher;
  gsize start;
  gsize end;
  GArray *covers;

  gsize scan;      /* where the search is */
  gsize length;    /* of the match there */
  gsize position;  /* and its place in the old bytes */
  gsize last_scan; /* where the last match began, */
  gsize last_position;
  gsize shift; /* and how far the old bytes are from the new: may wrap around */
} Scan;

static gboolean
is_equal (const OnwardMatcher *self, gsize at, gsize shift)
{
  return at + shift < self->old_size && self->old_data[at + shift] == self->new_data[at];
}

/* Goes on to where a match begins that is clearly better than going on with the last one. Whether
 * there is one that differs from the last. */
static gboolean
find_match (Scan *self)
{
  const OnwardMatcher *matcher = self->matcher;
  gsize counted, score = 0;

  self->scan += self->length;
  for (counted = self->scan; self->scan < self->end; self->scan++)
    {
      gsize most = MIN (self->end - self->scan, MAX_SEARCH);

      self->length = onward_suffix_array_search (matcher->array, matcher->new_data + self->scan,
                                                 most, &self->position);
      for (; counted < self->scan + self->length; counted++)
        score += is_equal (matcher, counted, self->shift);
      if (self->length == score && self->length != 0)
        return FALSE;
      if (self->length > score + MIN_GAIN)
        return TRUE;
      if (counted > self->scan)
        score -= is_equal (matcher, self->scan, self->shift);
      else
        counted = self->scan + 1;
    }
  return TRUE;
}

/* How far the last match goes on forwards, as long as more is equal than not. */
static gsize
extend_forwards (const Scan *self)
{
  const OnwardMatcher *matcher = self->matcher;
  gsize most = MIN (self->scan - self->last_scan, matcher->old_size - self->last_position);
  gssize score = 0, best_score = 0;
  gsize best = 0;

  for (gsize i = 0; i < most; i++)
    {
      gboolean equal =
          matcher->old_data[self->last_position + i] == matcher->new_data[self->last_scan + i];

      score += equal ? 1 : -1;
      if (score > best_score)
        {
          best_score = score;
          best = i + 1;
        }
    }
  return best;
}

/* How far the new match goes back. */
static gsize
extend_backwards (const Scan *self)
{
  const OnwardMatcher *matcher = self->matcher;
  gsize most = self->scan < self->end ? MIN (self->scan - self->last_scan, self->position) : 0;
  gssize score = 0, best_score = 0;
  gsize best = 0;

  for (gsize i = 1; i <= most; i++)
    {
      gboolean equal = matcher->old_data[self->position - i] == matcher->new_data[self->scan - i];

      score += equal ? 1 : -1;
      if (score > best_score)
        {
          best_score = score;
          best = i;
        }
    }
  return best;
}

/* Where both want the same bytes: how many of them the last match keeps. */
static gsize
share (const Scan *self, gsize forwards, gsize backwards, gsize overlap)
{
  const OnwardMatcher *matcher = self->matcher;
  gsize start = self->last_scan + forwards - overlap;
  const guint8 *last = matcher->old_data + self->last_position + forwards - overlap;
  const guint8 *next = matcher->old_data + self->position - backwards;
  gssize score = 0, best_score = 0;
  gsize best = 0;

  for (gsize i = 0; i < overlap; i++)
    {
      score += last[i] == matcher->new_data[start + i];
      score -= next[i] == matcher->new_data[start + i];
      if (score > best_score)
        {
          best_score = score;
          best = i + 1;
        }
    }
  return best;
}

static void
end_cover (Scan *self)
{
  gsize forwards = extend_forwards (self);
  gsize backwards = extend_backwards (self);
  OnwardCover cover = { self->last_scan, self->last_position, 0 };

  if (self->last_scan + forwards > self->scan - backwards)
    {
      gsize overlap = self->last_scan + forwards - (self->scan - backwards);
      gsize kept = share (self, forwards, backwards, overlap);

      forwards -= overlap - kept;
      backwards -= kept;
    }

  cover.length = forwards;
  if (forwards > 0)
    g_array_append_val (self->covers, cover);
  self->last_scan = self->scan - backwards;
  self->last_position = self->position - backwards;
  self->shift = self->position - self->scan;
}

/**
 * onward_matcher_run:
 * @self: what to find in what
 * @start: where to begin in the new bytes
 * @end: where to end
 * @covers: (element-type OnwardCover): grows by what was found
 * @cancellable: (nullable): a cancellable; then the covers are not complete
 *
 * Finds covers. Blocking.
 */
void
onward_matcher_run (const OnwardMatcher *self, gsize start, gsize end, GArray *covers,
                    GCancellable *cancellable)
{
  Scan scan = { self, start, end, covers, .scan = start, .last_scan = start, .shift = -start };
  gsize next_check = start;

  while (scan.scan < end)
    {
      gboolean differs = find_match (&scan);

      if (differs || scan.scan >= end)
        end_cover (&scan);
      if (scan.scan < next_check)
        continue;
      if (g_cancellable_is_cancelled (cancellable))
        return;
      next_check = scan.scan + CANCEL_STEP;
    }
}

/* What is saved by a cover: its equal bytes, less what those that differ cost. */
static gssize
count_gain (const OnwardMatcher *self, const OnwardCover *cover)
{
  gssize gain = 0;

  for (gsize i = 0; i < cover->length; i++)
    gain += self->old_data[cover->source + i] == self->new_data[cover->target + i] ? 1 : -2;
  return gain;
}

static gssize
count_cost (gint64 jump)
{
  if (jump == 0)
    return FAR_COST / 3;
  if (jump > -NEARER_JUMP && jump < NEARER_JUMP)
    return FAR_COST / 2;
  return jump > -NEAR_JUMP && jump < NEAR_JUMP ? FAR_COST * 3 / 4 : FAR_COST;
}

/**
 * onward_matcher_prune:
 * @self: what was found in what
 * @covers: (inout) (element-type OnwardCover): covers in order
 *
 * Joins and drops covers.
 */
void
onward_matcher_prune (const OnwardMatcher *self, GArray *covers)
{
  OnwardCoverTrail trail = { 0 };
  OnwardCover *kept = NULL;
  guint n_kept = 0;

  for (guint i = 0; i < covers->len; i++)
    {
      OnwardCover cover = g_array_index (covers, OnwardCover, i);
      gint64 jump = 0;
      guint choice;

      if (kept != NULL && kept->target + kept->length == cover.target &&
          kept->source + kept->length == cover.source)
        {
          kept->length += cover.length;
          trail.ends[0].target += cover.length;
          trail.ends[0].source += cover.length;
          continue;
        }

      choice = onward_cover_trail_choose (&trail, &cover, &jump);
      if (count_gain (self, &cover) < count_cost (jump))
        continue;

      onward_cover_trail_follow (&trail, &cover, choice, jump);
      kept = &g_array_index (covers, OnwardCover, n_kept++);
      *kept = cover;
    }
  g_array_set_size (covers, n_kept);
}
