/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-frame-job.h"

G_BEGIN_DECLS

/**
 * OnwardFrameQueue:
 *
 * Runs jobs beside one another and hands them back in the order in which they came.
 */
typedef struct _OnwardFrameQueue OnwardFrameQueue;

/* Told from time to time while a job is waited for, on the waiting thread. */
typedef void (*OnwardFrameQueueTick) (const OnwardFrameJob *job, gpointer user_data);

OnwardFrameQueue *onward_frame_queue_new  (guint n_threads, GCancellable *cancellable);
void              onward_frame_queue_free (OnwardFrameQueue *self);
gboolean          onward_frame_queue_wants (OnwardFrameQueue *self);
/* Takes @job over. */
void              onward_frame_queue_push (OnwardFrameQueue *self, OnwardFrameJob *job);
OnwardFrameJob   *onward_frame_queue_pop  (OnwardFrameQueue *self, OnwardFrameQueueTick tick,
                                           gpointer user_data, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardFrameQueue, onward_frame_queue_free)

G_END_DECLS
