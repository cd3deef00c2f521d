/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-reference-index.h"

G_BEGIN_DECLS

/* So many old bytes, and new ones, make one delta: it takes about nine times as much memory. */
#define ONWARD_DELTA_WINDOW_SIZE (G_GUINT64_CONSTANT (256) * 1024 * 1024)

/**
 * OnwardDeltaWindow:
 * @old_entries: (owned) (element-type OnwardTreeEntry): what to start from, in the tree's order
 * @new_entries: (owned) (element-type OnwardTreeEntry): what to make, in the tree's order
 * @old_size: the size of @old_entries together
 * @new_size: the size of @new_entries together
 *
 * What of two trees goes into one delta.
 */
typedef struct
{
  GPtrArray *old_entries;
  GPtrArray *new_entries;
  guint64 old_size;
  guint64 new_size;
} OnwardDeltaWindow;

/* Distributes @contents of @tree over windows of about @limit bytes, each with what it is probably
 * made from; those that nothing could help go to @ret_left. */
GPtrArray *onward_delta_window_list (OnwardReferenceIndex *index, OnwardTree *tree,
                                     GPtrArray *contents, guint64 limit, int old_dirfd, int dirfd,
                                     GPtrArray *ret_left, GCancellable *cancellable);

G_END_DECLS
