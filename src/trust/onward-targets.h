/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-target.h"

G_BEGIN_DECLS

/**
 * OnwardTargets:
 *
 * The verified targets of a repository (an immutable value). Only trust makes one.
 */
typedef struct _OnwardTargets OnwardTargets;

OnwardTargets *onward_targets_ref           (OnwardTargets *self);
void           onward_targets_unref         (OnwardTargets *self);
guint          onward_targets_get_n_targets (OnwardTargets *self);
OnwardTarget  *onward_targets_get_target    (OnwardTargets *self, guint index);
OnwardTarget  *onward_targets_lookup        (OnwardTargets *self, const char *name);
gint64         onward_targets_get_issued   (OnwardTargets *self);
guint64        onward_targets_get_version   (OnwardTargets *self);
/* When the first of the documents in force expires, seconds since 1970. */
gint64         onward_targets_get_expiry    (OnwardTargets *self);
/* @addresses: (element-type utf8): gets what is not there yet. */
void           onward_targets_add_mirrors   (OnwardTargets *self, GPtrArray *addresses);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTargets, onward_targets_unref)

G_END_DECLS
