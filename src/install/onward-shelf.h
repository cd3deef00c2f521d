/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-staging.h"

G_BEGIN_DECLS

/* The name of its folder below var/staging: that of no version. */
#define ONWARD_SHELF_NAME ".shelf"

/**
 * OnwardShelf:
 *
 * Contents that no version here has and that the next one is made from: those of versions in
 * between, and what was damaged. Files named by their digests, which go when the version stands.
 */
typedef struct _OnwardShelf OnwardShelf;

OnwardShelf *onward_shelf_new       (int staging_dirfd, GPtrArray *steps,
                                     GCancellable *cancellable, GError **error);
void         onward_shelf_free      (OnwardShelf *self);
OnwardTree  *onward_shelf_get_tree  (OnwardShelf *self);
int          onward_shelf_get_dirfd (OnwardShelf *self);
gboolean     onward_shelf_fill      (OnwardShelf *self, OnwardReferenceSource source,
                                     gpointer user_data, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardShelf, onward_shelf_free)

G_END_DECLS
