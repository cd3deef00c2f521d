/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A target file with more covers than its size divided by this is rebuilt without fields: this
 * bounds what a client keeps of them. */
#define ONWARD_COVER_MIN_AVERAGE 64

/**
 * OnwardCover:
 * @target: where in the new bytes it begins
 * @source: where in the old bytes it begins
 * @length: how many bytes
 *
 * New bytes that are like old bytes.
 */
typedef struct
{
  guint64 target;
  guint64 source;
  guint64 length;
} OnwardCover;

#define ONWARD_COVER_N_ENDS 8

/**
 * OnwardCoverTrail:
 * @ends: where recent covers ended, the last one first
 *
 * Foretells where the next cover's source begins: where a recent one ended, or further on by as
 * much as lies between in the new bytes.
 */
typedef struct
{
  struct
  {
    guint64 target;
    guint64 source;
  } ends[ONWARD_COVER_N_ENDS];
} OnwardCoverTrail;

guint64 onward_cover_trail_foretell (const OnwardCoverTrail *self, guint choice, guint64 target);
guint   onward_cover_trail_choose   (const OnwardCoverTrail *self, const OnwardCover *cover,
                                     gint64 *ret_jump);
void    onward_cover_trail_follow   (OnwardCoverTrail *self, const OnwardCover *cover, guint choice,
                                     gint64 jump);

G_END_DECLS
