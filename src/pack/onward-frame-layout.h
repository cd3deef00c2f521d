/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-tree.h"

G_BEGIN_DECLS

/* Small files share frames of up to this much content; larger files have frames of their own. */
#define ONWARD_FRAME_LAYOUT_SIZE (4u * 1024 * 1024)

/**
 * OnwardFrameGroup:
 * @entries: (element-type OnwardTreeEntry): the files, in order; of the tree
 * @size: the bytes they have together
 * @is_x86: whether they are x86 executables
 *
 * The files that share one frame.
 */
typedef struct
{
  GPtrArray *entries;
  guint64 size;
  gboolean is_x86;
} OnwardFrameGroup;

/* The groups for @entries (files that differ and are not empty) of the folder @dirfd. */
GPtrArray *onward_frame_layout_make (int dirfd, GPtrArray *entries, GError **error);

G_END_DECLS
