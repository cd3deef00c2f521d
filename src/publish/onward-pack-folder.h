/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-info.h"
#include "onward-repository.h"
#include "onward-tree.h"

G_BEGIN_DECLS

/**
 * OnwardPackFolder:
 *
 * The packs of a repository while a release is added: what is new there can be taken back, what a
 * release that is published needs cannot.
 */
typedef struct _OnwardPackFolder OnwardPackFolder;

OnwardPackFolder *onward_pack_folder_open     (OnwardRepository *repository, GError **error);
void              onward_pack_folder_free     (OnwardPackFolder *self);
const char       *onward_pack_folder_get_path (OnwardPackFolder *self);
gboolean          onward_pack_folder_measure  (OnwardPackFolder *self, OnwardPackInfo *full,
                                               OnwardTree *old_tree, guint64 *ret_size,
                                               GError **error);
void              onward_pack_folder_discard  (OnwardPackFolder *self, OnwardPackInfo *pack);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardPackFolder, onward_pack_folder_free)

G_END_DECLS
