/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"

G_BEGIN_DECLS

/**
 * OnwardContent:
 *
 * What the current version holds, found by digest. The receipt says where to look; nothing is used
 * before its bytes were hashed again.
 */
typedef struct _OnwardContent OnwardContent;

OnwardContent         *onward_content_new    (OnwardInstall *install, GError **error);
void                   onward_content_free   (OnwardContent *self);
/* Files that were made on the way: looked for after those of the current version. */
void                   onward_content_add    (OnwardContent *self, OnwardTree *tree, int dirfd);
/* By receipt only. (transfer none) (nullable) */
const OnwardTreeEntry *onward_content_lookup (OnwardContent *self, const OnwardDigest *digest,
                                              guint64 size);
/* An owned descriptor of a file with exactly this content, at its beginning; -1 with CORRUPT when
 * every such file of the current version is damaged or gone. */
int                    onward_content_open   (OnwardContent *self, const OnwardDigest *digest,
                                              guint64 size, GCancellable *cancellable,
                                              GError **error);

/* Contents of the current version that no file of it has; a set of OnwardDigest. */
GHashTable            *onward_content_list_damaged (OnwardContent *self, gboolean hashes,
                                                    GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardContent, onward_content_free)

G_END_DECLS
