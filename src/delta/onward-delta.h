/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Larger new content is not rebuilt by one delta. */
#define ONWARD_DELTA_MAX_SIZE (G_GUINT64_CONSTANT (1) << 30)

/* The codec, the client's half: old bytes + delta → new bytes. No files, no names, no policy.
 * onward-delta-make.h is the publisher's. */

/* Called with consecutive pieces of the rebuilt bytes; FALSE with @error stops. */
typedef gboolean (*OnwardDeltaSink) (gconstpointer data, gsize size, gpointer user_data,
                                     GError **error);

/* Rebuilds exactly @new_size bytes, streaming, or fails with MALFORMED; never emits more.
 * @old_contents (of GBytes, best mapped) count one behind the other. */
gboolean onward_delta_apply (GPtrArray *old_contents, GBytes *delta, guint64 new_size,
                             OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable,
                             GError **error);

G_END_DECLS
