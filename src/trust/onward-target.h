/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>

#include "onward-digest.h"

G_BEGIN_DECLS

/**
 * OnwardTarget:
 *
 * A verified target: its name, length, hashes and custom member. Only trust makes one; it belongs
 * to its OnwardTargets.
 */
typedef struct _OnwardTarget OnwardTarget;

const char    *onward_target_get_name       (OnwardTarget *self);
guint64        onward_target_get_length     (OnwardTarget *self);
/* The "custom" member; (nullable). */
JsonObject    *onward_target_get_custom     (OnwardTarget *self);
/* Its SHA-256; (nullable) (transfer none). */
const OnwardDigest *onward_target_get_digest (OnwardTarget *self);
/* Where it is fetched from, below the repository; (transfer full). */
char          *onward_target_dup_path       (OnwardTarget *self);
/* Length and every hash; TRUE when @body is this target. */
gboolean       onward_target_verify         (OnwardTarget *self, GBytes *body, GError **error);

G_END_DECLS
