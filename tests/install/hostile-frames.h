/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "hostile-victim.h"

G_BEGIN_DECLS

/* What is done to the bytes of a frame, or to what is said of them. */
typedef enum
{
  FRAME_AS_IT_IS,
  FRAME_OTHER_CONTENT,  /* of the right size */
  FRAME_CUT,            /* in the middle of its bytes, and the frame says so */
  FRAME_CUT_FILE,       /* the file ends before the frame does */
  FRAME_HOLE,           /* zeros, as where nothing was fetched */
  FRAME_NOISE,
  FRAME_TRAILING,       /* bytes behind the end of the stream */
  FRAME_TWICE,          /* two streams, one behind the other */
  FRAME_SKIPPABLE,      /* a frame to skip in front */
  FRAME_WIDE,           /* a stream that asks for gigabytes of memory */
  FRAME_OVERLAP,        /* a second file in the second half of the first */
  FRAME_OTHER_OLD,      /* a delta from content that is not here */
  FRAME_LONGER_OLD,     /* a delta from content that is said to be longer */
  FRAME_HEAD_SHORTER,   /* a head said to be shorter than it is */
  FRAME_HEAD_LONGER,
  FRAME_HEAD_ENDLESS,   /* a head said to be longer than the pack */
  FRAME_HEAD_CUT,       /* a file that ends within its head */
} HostileFrameTwist;

/**
 * HostileFrame:
 * @name: what is wrong with it
 * @why: what the refusal says, or %NULL when nothing is
 * @method: how it is said to be compressed
 * @really: how it is
 * @size: how large its content is said to be
 * @held: how large it is
 * @twist: what else is done to it
 */
typedef struct
{
  const char *name;
  const char *why;
  OnwardFrameMethod method;
  OnwardFrameMethod really;
  guint64 size;
  guint64 held;
  HostileFrameTwist twist;
} HostileFrame;

const HostileFrame *hostile_frames_get       (guint *ret_n_frames);
/* A pack in which nothing is wrong but the frame. */
void                hostile_frames_make_pack (const HostileFrame *frame, HostilePack *ret_pack);

G_END_DECLS
