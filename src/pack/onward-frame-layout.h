/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-head.h"

G_BEGIN_DECLS

/* Files share frames of up to this much content; larger files, and those that are compressed
 * already, have frames of their own. Twice what LZMA looks back over: whoever lacks one small file
 * has to fetch all of a frame, so that more would cost more than it gains. */
#define ONWARD_FRAME_LAYOUT_SIZE (32u * 1024 * 1024)

/**
 * OnwardFrameGroup:
 * @entries: (element-type OnwardTreeEntry): the files, in order; of the tree
 * @size: the bytes they have together
 * @method: LZMA2, with the filter for what they hold
 *
 * The files that share one frame.
 */
typedef struct
{
  GPtrArray *entries;
  guint64 size;
  OnwardFrameMethod method;
} OnwardFrameGroup;

/* The groups for @entries (files that differ and are not empty) of the folder @dirfd. */
GPtrArray *onward_frame_layout_make (int dirfd, GPtrArray *entries, GCancellable *cancellable,
                                     GError **error);

G_END_DECLS
