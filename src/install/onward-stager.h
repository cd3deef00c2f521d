/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-staging.h"

G_BEGIN_DECLS

/**
 * OnwardStager:
 *
 * A folder on its way to become a tree, and which of its files are done. Files are only ever made
 * anew: what an earlier run left is used as it is or removed, since it may be a hard link.
 */
typedef struct _OnwardStager OnwardStager;

OnwardStager *onward_stager_new          (int staging_dirfd, const char *version, OnwardTree *tree,
                                          GCancellable *cancellable, GError **error);
void          onward_stager_free         (OnwardStager *self);
void          onward_stager_set_progress (OnwardStager *self, OnwardStagingProgress progress,
                                          gpointer user_data);
int           onward_stager_get_dirfd    (OnwardStager *self);
/* Keeps what an earlier run completed, removes the rest, and makes the folders. */
gboolean      onward_stager_resume       (OnwardStager *self, GError **error);
gboolean      onward_stager_is_done      (OnwardStager *self, const OnwardTreeEntry *entry);
/* Another name for the file @fd. FALSE without an error when it cannot be linked and has to be
 * copied. */
gboolean      onward_stager_link_file    (OnwardStager *self, const OnwardTreeEntry *entry, int fd,
                                          GError **error);
/* A copy of the file @fd, hashed. */
gboolean      onward_stager_copy_file    (OnwardStager *self, const OnwardTreeEntry *entry, int fd,
                                          GError **error);
/* A new file, open for writing; an owned descriptor. */
int           onward_stager_create_file  (OnwardStager *self, const OnwardTreeEntry *entry,
                                          GError **error);
/* Ends what onward_stager_create_file() began: CORRUPT unless @digest is the entry's. */
gboolean      onward_stager_finish_file  (OnwardStager *self, const OnwardTreeEntry *entry, int fd,
                                          const OnwardDigest *digest, GError **error);
gboolean      onward_stager_make_empty_file (OnwardStager *self, const OnwardTreeEntry *entry,
                                             GError **error);
/* Takes a file that was not finished away. */
void          onward_stager_abandon_file (OnwardStager *self, const OnwardTreeEntry *entry);
/* An owned descriptor of a file that is done. */
int           onward_stager_open_file    (OnwardStager *self, const OnwardTreeEntry *entry,
                                          GError **error);
/* Makes the symbolic links: last, so that nothing was ever written through one. */
gboolean      onward_stager_make_links   (OnwardStager *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardStager, onward_stager_free)

G_END_DECLS
