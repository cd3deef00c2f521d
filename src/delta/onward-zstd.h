/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-input.h"
#include "onward-delta.h"

G_BEGIN_DECLS

/* What a decoder holds in memory at most: a window of 16 MiB. */
#define ONWARD_ZSTD_WINDOW_LOG 24

/* One zstd frame, with or without old bytes that it may refer to. */
gboolean onward_zstd_encode (GBytes *bytes, GBytes *prefix, OnwardDeltaSink sink,
                             gpointer user_data, GCancellable *cancellable, GError **error);
gboolean onward_zstd_decode (const OnwardDeltaInput *frame, GBytes *prefix, guint64 size,
                             OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable,
                             GError **error);

G_END_DECLS
