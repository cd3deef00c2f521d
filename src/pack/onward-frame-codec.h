/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-input.h"
#include "onward-delta.h"
#include "onward-pack-head.h"

G_BEGIN_DECLS

/* One frame's bytes, compressed and back, by any method but those of deltas. */
gboolean onward_frame_codec_encode (OnwardFrameMethod method, const OnwardDeltaInput *content,
                                    OnwardDeltaSink sink, gpointer user_data,
                                    GCancellable *cancellable, GError **error);
gboolean onward_frame_codec_decode (OnwardFrameMethod method, const OnwardDeltaInput *stored,
                                    guint64 size, OnwardDeltaSink sink, gpointer user_data,
                                    GCancellable *cancellable, GError **error);

G_END_DECLS
