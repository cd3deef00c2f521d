/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-head.h"

G_BEGIN_DECLS

/* What goes into frames, read from the folders that are packed. */
GBytes  *onward_frame_content_load   (int dirfd, GPtrArray *entries, const char *spool_dir,
                                      GCancellable *cancellable, GError **error);
gboolean onward_frame_content_get_method (int dirfd, const OnwardTreeEntry *entry,
                                          OnwardFrameMethod *ret_method, GError **error);
gboolean onward_frame_content_is_dense (int dirfd, const OnwardTreeEntry *entry,
                                        gboolean *ret_is_dense, GError **error);
gboolean onward_frame_content_is_archive (int dirfd, const OnwardTreeEntry *entry);
/* Its anchors, of OnwardAnchor. */
GArray  *onward_frame_content_list_anchors (int dirfd, const OnwardTreeEntry *entry, guint bits,
                                            GCancellable *cancellable);

G_END_DECLS
