/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  ONWARD_ROLE_ROOT,
  ONWARD_ROLE_TIMESTAMP,
  ONWARD_ROLE_SNAPSHOT,
  ONWARD_ROLE_TARGETS,
} OnwardRoleKind;

#define ONWARD_ROLE_LAST ONWARD_ROLE_TARGETS

/**
 * OnwardRole:
 *
 * Which keys speak for a role, and how many of them it takes (an immutable value).
 */
typedef struct _OnwardRole OnwardRole;

const char *onward_role_kind_get_name (OnwardRoleKind kind); /* "root" */
const char *onward_role_kind_get_file (OnwardRoleKind kind); /* "root.json" */
gsize       onward_role_kind_get_cap  (OnwardRoleKind kind);

/* The "keys" member: key id to OnwardPublicKey; (transfer full). */
GHashTable *onward_role_parse_keys    (JsonObject *object, GError **error);
OnwardRole *onward_role_parse         (JsonObject *object, GHashTable *keys, GError **error);
void        onward_role_free          (OnwardRole *self);
/* @signatures: key id to signature (GBytes). */
gboolean    onward_role_verify        (OnwardRole *self, GBytes *message, GHashTable *signatures,
                                       GError **error);
/* Whether every key of @self still speaks for @newer. */
gboolean    onward_role_is_kept_by    (OnwardRole *self, OnwardRole *newer);
gboolean    onward_role_shares_keys   (OnwardRole *self, OnwardRole *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardRole, onward_role_free)

G_END_DECLS
