/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-frame-job.h"

G_BEGIN_DECLS

/**
 * OnwardFrameQueue:
 *
 * Runs jobs on all cores and hands them back in the order in which they came.
 */
typedef struct _OnwardFrameQueue OnwardFrameQueue;

OnwardFrameQueue *onward_frame_queue_new  (GCancellable *cancellable);
void              onward_frame_queue_free (OnwardFrameQueue *self);
gboolean          onward_frame_queue_wants (OnwardFrameQueue *self);
/* Takes @job over. */
void              onward_frame_queue_push (OnwardFrameQueue *self, OnwardFrameJob *job);
OnwardFrameJob   *onward_frame_queue_pop  (OnwardFrameQueue *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardFrameQueue, onward_frame_queue_free)

G_END_DECLS
