/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardTarget:
 *
 * A verified target: its name, length, hashes and custom member. Only trust makes one.
 */
typedef struct _OnwardTarget OnwardTarget;

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
guint64        onward_targets_get_version   (OnwardTargets *self);
/* When the first of the documents in force expires, seconds since 1970. */
gint64         onward_targets_get_expiry    (OnwardTargets *self);

const char    *onward_target_get_name       (OnwardTarget *self);
guint64        onward_target_get_length     (OnwardTarget *self);
/* The "custom" member; (nullable). */
JsonObject    *onward_target_get_custom     (OnwardTarget *self);
/* Where it is fetched from, below the repository: "targets/<dir>/<sha256>.<name>". (transfer full) */
char          *onward_target_dup_path       (OnwardTarget *self);
/* Length and every hash; TRUE when @body is this target. */
gboolean       onward_target_verify         (OnwardTarget *self, GBytes *body, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTargets, onward_targets_unref)

G_END_DECLS
