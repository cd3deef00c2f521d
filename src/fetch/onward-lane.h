/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-block-sink.h"
#include "onward-fetcher.h"
#include "onward-outcome.h"
#include "onward-stretch.h"

G_BEGIN_DECLS

/**
 * OnwardLane:
 *
 * One connection's worth of a transfer: one request to one address for one part of the file, from
 * the first byte sent to the last byte stored. The blocks it owns are nobody else's meanwhile.
 */
typedef struct _OnwardLane OnwardLane;

/* The server sends the whole file: gives all that the lane may take of it. (transfer full) */
typedef OnwardRanges *(*OnwardLaneClaim) (OnwardLane *lane, gpointer user_data);
/* Called with the bytes that were stored since, and what came of them. */
typedef void (*OnwardLaneProgress) (OnwardLane *lane, guint64 bytes,
                                    const OnwardBlockResult *result, gpointer user_data);

/**
 * OnwardLaneOrder:
 * @address: whom to ask
 * @mirror: its number
 * @size: the size of the whole file
 * @sink: (transfer full): where the bytes go; a block that has begun is gone on with
 * @blocks: the blocks to fetch
 * @memory: how many bytes may be on their way to the file
 * @ignores_tags: whether entity tags say nothing here, so that the digests alone have to tell what
 *   belongs together
 * @is_anew: whether caches on the way have to ask the server: what they gave was damaged
 * @claim: called when the server sends the whole file
 * @progress: called each time something was stored
 * @user_data: for both
 *
 * What a lane is to do.
 */
typedef struct
{
  GUri *address;
  guint mirror;
  guint64 size;
  OnwardBlockSink *sink;
  OnwardRange blocks;
  gsize memory;
  gboolean ignores_tags;
  gboolean is_anew;
  OnwardLaneClaim claim;
  OnwardLaneProgress progress;
  gpointer user_data;
} OnwardLaneOrder;

OnwardLane          *onward_lane_new           (OnwardFetcher *fetcher,
                                                const OnwardLaneOrder *order);
void                 onward_lane_free          (OnwardLane *self);

void                 onward_lane_run_async     (OnwardLane *self, GCancellable *cancellable,
                                                GAsyncReadyCallback callback, gpointer user_data);
OnwardOutcome       *onward_lane_run_finish    (OnwardLane *self, GAsyncResult *result,
                                                GError **error);
void                 onward_lane_drop          (OnwardLane *self, const char *why);
void                 onward_lane_cut           (OnwardLane *self, guint64 end);
OnwardBlockSink     *onward_lane_take_sink     (OnwardLane *self);

guint                onward_lane_get_mirror    (OnwardLane *self);
guint64              onward_lane_get_bytes     (OnwardLane *self);
const OnwardRanges  *onward_lane_get_owned     (OnwardLane *self);
const OnwardStretch *onward_lane_get_stretch   (OnwardLane *self);
guint64              onward_lane_get_end       (OnwardLane *self);
gboolean             onward_lane_is_divisible  (OnwardLane *self);
gboolean             onward_lane_get_beginning (OnwardLane *self, OnwardRange *ret_beginning);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardLane, onward_lane_free)

G_END_DECLS
