/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-file-info.h"
#include "onward-metadata.h"

G_BEGIN_DECLS

/**
 * OnwardSnapshot:
 *
 * A snapshot document its role vouched for (an immutable value): the version of every targets
 * document, so that nobody can mix those of different days.
 */
typedef struct _OnwardSnapshot OnwardSnapshot;

OnwardSnapshot *onward_snapshot_new            (GBytes *bytes, OnwardRole *role, GError **error);
OnwardSnapshot *onward_snapshot_ref            (OnwardSnapshot *self);
void            onward_snapshot_unref          (OnwardSnapshot *self);
OnwardMetadata *onward_snapshot_get_metadata   (OnwardSnapshot *self);
const char    **onward_snapshot_list_files     (OnwardSnapshot *self);
/* @file: "targets.json"; (nullable) (transfer none). */
OnwardFileInfo *onward_snapshot_lookup         (OnwardSnapshot *self, const char *file);
/* ROLLED_BACK unless all that @older lists is still listed with no lower version. */
gboolean        onward_snapshot_check_follows  (OnwardSnapshot *self, OnwardSnapshot *older,
                                                GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardSnapshot, onward_snapshot_unref)

G_END_DECLS
