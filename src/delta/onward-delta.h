/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Larger new content is not worth a delta's memory: send it whole. */
#define ONWARD_DELTA_MAX_SIZE (G_GUINT64_CONSTANT (1) << 30)

/* The codec: old bytes + new bytes → delta, and back. No files, no names, no policy. */
GBytes  *onward_delta_make  (GBytes *old_bytes, GBytes *new_bytes, GCancellable *cancellable,
                             GError **error);

/* Called with consecutive pieces of the rebuilt bytes; FALSE with @error stops. */
typedef gboolean (*OnwardDeltaSink) (gconstpointer data, gsize size, gpointer user_data,
                                     GError **error);

/* Rebuilds exactly @new_size bytes, streaming, or fails with MALFORMED; never emits more. */
gboolean onward_delta_apply (GBytes *old_bytes, GBytes *delta, guint64 new_size,
                             OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable,
                             GError **error);

G_END_DECLS
