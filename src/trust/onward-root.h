/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-metadata.h"

G_BEGIN_DECLS

/**
 * OnwardRoot:
 *
 * A root document that speaks for itself (an immutable value): the keys of every top-level role.
 */
typedef struct _OnwardRoot OnwardRoot;

/* @predecessor: (nullable): the trusted root that must vouch for it too. */
OnwardRoot     *onward_root_new                 (GBytes *bytes, OnwardRoot *predecessor,
                                                 GError **error);
OnwardRoot     *onward_root_ref                 (OnwardRoot *self);
void            onward_root_unref               (OnwardRoot *self);
OnwardMetadata *onward_root_get_metadata        (OnwardRoot *self);
OnwardRole     *onward_root_get_role            (OnwardRoot *self, OnwardRoleKind kind);
gint64          onward_root_get_version         (OnwardRoot *self);
gboolean        onward_root_is_consistent       (OnwardRoot *self);
/* Whether @newer took a timestamp or snapshot key of @self away. */
gboolean        onward_root_is_rotated_by       (OnwardRoot *self, OnwardRoot *newer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardRoot, onward_root_unref)

G_END_DECLS
