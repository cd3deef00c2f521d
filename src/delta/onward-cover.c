/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-cover.h"

/* Who jumps further leaves a recent place for a new one. */
#define MAX_STEP 4096

/**
 * onward_cover_trail_foretell:
 * @self: a trail
 * @choice: which of the guesses, less than twice %ONWARD_COVER_N_ENDS
 * @target: where the next cover begins
 *
 * Returns: where its source may begin; any number may come out
 */
guint64
onward_cover_trail_foretell (const OnwardCoverTrail *self, guint choice, guint64 target)
{
  guint index = choice / 2;
  guint64 source = self->ends[index].source;

  return choice % 2 == 0 ? source : source + (target - self->ends[index].target);
}

static guint64
measure (gint64 jump)
{
  return jump < 0 ? -(guint64) jump : (guint64) jump;
}

/**
 * onward_cover_trail_choose:
 * @self: a trail
 * @cover: the next cover
 * @ret_jump: (out): how far its source is from the guess
 *
 * Returns: the guess to name
 */
guint
onward_cover_trail_choose (const OnwardCoverTrail *self, const OnwardCover *cover, gint64 *ret_jump)
{
  guint64 best_cost = G_MAXUINT64;
  guint best = 0;

  for (guint choice = 0; choice < 2 * ONWARD_COVER_N_ENDS; choice++)
    {
      gint64 jump =
          (gint64) (cover->source - onward_cover_trail_foretell (self, choice, cover->target));
      guint64 cost = MIN (measure (jump), G_MAXUINT32) * (choice < 2 ? 1 : 4) + choice;

      if (cost < best_cost)
        {
          best_cost = cost;
          best = choice;
          *ret_jump = jump;
        }
    }
  return best;
}

/**
 * onward_cover_trail_follow:
 * @self: a trail
 * @cover: the next cover
 * @choice: the guess that was named
 * @jump: how far it was from the guess
 *
 * Notes where the cover ends.
 */
void
onward_cover_trail_follow (OnwardCoverTrail *self, const OnwardCover *cover, guint choice,
                           gint64 jump)
{
  guint index = measure (jump) > MAX_STEP ? ONWARD_COVER_N_ENDS - 1 : choice / 2;

  for (; index > 0; index--)
    self->ends[index] = self->ends[index - 1];
  self->ends[0].target = cover->target + cover->length;
  self->ends[0].source = cover->source + cover->length;
}
