/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-input.h"
#include "onward-delta.h"
#include "onward-pack-head.h"

G_BEGIN_DECLS

/* A raw LZMA2 stream, with or without the filter that makes addresses of a kind of code alike, as
 * @method says. */
gboolean onward_lzma_encode (OnwardFrameMethod method, const OnwardDeltaInput *content,
                             OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable,
                             GError **error);
gboolean onward_lzma_decode (OnwardFrameMethod method, const OnwardDeltaInput *stream,
                             guint64 size, OnwardDeltaSink sink, gpointer user_data,
                             GCancellable *cancellable, GError **error);
/* The memory that compressing so many bytes takes. */
guint64  onward_lzma_estimate (guint64 size);

G_END_DECLS
