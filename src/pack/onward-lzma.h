/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-input.h"
#include "onward-delta.h"

G_BEGIN_DECLS

/* A raw LZMA2 stream, with or without the filter that makes addresses of x86 code alike. */
gboolean onward_lzma_encode (GBytes *bytes, gboolean x86, OnwardDeltaSink sink, gpointer user_data,
                             GCancellable *cancellable, GError **error);
gboolean onward_lzma_decode (const OnwardDeltaInput *stream, gboolean x86, guint64 size,
                             OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable,
                             GError **error);

G_END_DECLS
