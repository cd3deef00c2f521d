/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Larger new content is not rebuilt by one delta. */
#define ONWARD_DELTA_MAX_SIZE (G_GUINT64_CONSTANT (1) << 36)
/* Nor larger content that is inflated, nor a larger executable. */
#define ONWARD_DELTA_MAX_WHOLE (G_GUINT64_CONSTANT (1) << 30)
/* No delta inflates more of the old bytes than this, nor deflates more of the new ones. */
#define ONWARD_DELTA_MAX_INFLATED (G_GUINT64_CONSTANT (256) * 1024 * 1024)

/* Of onward_delta_apply_get_levels(): it deflates as GNU gzip does. */
#define ONWARD_DELTA_LEVEL_GNU (1u << 0)

/* The codec, the client's half: old bytes + delta → new bytes. No files, no names, no policy.
 * onward-delta-make.h is the publisher's. */

/* Called with consecutive pieces of the rebuilt bytes; FALSE with @error stops. */
typedef gboolean (*OnwardDeltaSink) (gconstpointer data, gsize size, gpointer user_data,
                                     GError **error);

/**
 * OnwardDeltaScratch:
 * @write: keeps consecutive bytes
 * @finish: called once, behind them: all of them, which stay valid by themselves
 * @user_data: for both
 *
 * Where bytes can be kept that may be too many for memory.
 */
typedef struct
{
  OnwardDeltaSink write;
  GBytes *(*finish) (gpointer user_data, GError **error);
  gpointer user_data;
} OnwardDeltaScratch;

/* Rebuilds exactly @new_size bytes, streaming, or fails with MALFORMED; never emits more.
 * @old_contents (of GBytes, best mapped) count one behind the other. */
gboolean onward_delta_apply (GPtrArray *old_contents, GBytes *delta, guint64 new_size,
                             OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable,
                             GError **error);
/* The same in bounded memory also where the delta inflates old bytes, which @scratch keeps. */
gboolean onward_delta_apply_with_scratch (GPtrArray *old_contents, GBytes *delta, guint64 new_size,
                                          const OnwardDeltaScratch *scratch, OnwardDeltaSink sink,
                                          gpointer user_data, GCancellable *cancellable,
                                          GError **error);
/* Which levels of zlib it deflates with: bit n is level n; bit 0: as GNU gzip. 0 of what is no
 * delta. */
guint    onward_delta_apply_get_levels (GBytes *delta);

G_END_DECLS
