/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* The signed part of a root, which becomes the next one. Roles are root, targets, snapshot and
 * timestamp; "online" stands for the last two. */
JsonObject *onward_root_draft_new           (JsonObject *root, const char *expires);
gboolean    onward_root_draft_has_key       (JsonObject *draft, const char *role, const char *id);
GPtrArray  *onward_root_draft_list_keys     (JsonObject *draft, const char *role);
gint64      onward_root_draft_get_threshold (JsonObject *draft, const char *role);
gboolean    onward_root_draft_add_key       (JsonObject *draft, const char *role,
                                             JsonObject *public, GError **error);
gboolean    onward_root_draft_remove_key    (JsonObject *draft, const char *role, const char *id,
                                             GError **error);
gboolean    onward_root_draft_set_threshold (JsonObject *draft, const char *role, gint64 threshold,
                                             GError **error);
gboolean    onward_root_draft_finish        (JsonObject *draft, GError **error);
gboolean    onward_root_draft_keeps_keys    (JsonObject *before, JsonObject *after,
                                             const char *role);
GPtrArray  *onward_root_draft_describe      (JsonObject *before, JsonObject *after);

G_END_DECLS
