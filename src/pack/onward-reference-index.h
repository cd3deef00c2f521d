/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-tree.h"

G_BEGIN_DECLS

/**
 * OnwardReferenceIndex:
 *
 * Finds what in an old tree a new file can be rebuilt from.
 */
typedef struct _OnwardReferenceIndex OnwardReferenceIndex;

OnwardReferenceIndex  *onward_reference_index_new      (OnwardTree *old_tree);
void                   onward_reference_index_free     (OnwardReferenceIndex *self);
gboolean               onward_reference_index_contains (OnwardReferenceIndex *self,
                                                        const OnwardDigest *digest);
const OnwardTreeEntry *onward_reference_index_find     (OnwardReferenceIndex *self,
                                                        const OnwardTreeEntry *entry);
GPtrArray             *onward_reference_index_list_gone (OnwardReferenceIndex *self,
                                                        OnwardTree *tree);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardReferenceIndex, onward_reference_index_free)

G_END_DECLS
