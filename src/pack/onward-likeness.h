/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-tree.h"

G_BEGIN_DECLS

/**
 * OnwardLikeness:
 *
 * Finds files of an old tree by what is in them, whatever they are called.
 */
typedef struct _OnwardLikeness OnwardLikeness;

/* Of @old_entries (of OnwardTreeEntry), which are in @old_dirfd. */
OnwardLikeness        *onward_likeness_new  (int old_dirfd, GPtrArray *old_entries,
                                             GCancellable *cancellable);
void                   onward_likeness_free (OnwardLikeness *self);
/* The old one that a new file in @dirfd has most in common with; NULL: it is like none. */
const OnwardTreeEntry *onward_likeness_find (OnwardLikeness *self, int dirfd,
                                             const OnwardTreeEntry *entry,
                                             GCancellable *cancellable);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardLikeness, onward_likeness_free)

G_END_DECLS
