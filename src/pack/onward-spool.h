/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardSpool:
 *
 * A nameless temporary file: bytes that may be too many for memory, written once and then read.
 */
typedef struct _OnwardSpool OnwardSpool;

OnwardSpool *onward_spool_new      (const char *dir, guint64 limit, GError **error);
OnwardSpool *onward_spool_new_at   (int dirfd, guint64 limit, GError **error);
void         onward_spool_free     (OnwardSpool *self);
gboolean     onward_spool_write    (gconstpointer data, gsize size, gpointer spool,
                                    GError **error);
gboolean     onward_spool_is_full  (OnwardSpool *self);
guint64      onward_spool_get_size (OnwardSpool *self);
GBytes      *onward_spool_map      (OnwardSpool *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardSpool, onward_spool_free)

G_END_DECLS
