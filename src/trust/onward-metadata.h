/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>

#include "onward-role.h"

G_BEGIN_DECLS

#define ONWARD_METADATA_MAX_VERSION ((G_GINT64_CONSTANT (1) << 53) - 1)

/**
 * OnwardMetadata:
 *
 * The envelope all TUF documents share (an immutable value): what is signed, by whom, which
 * version, until when. Being parsed says nothing about trust: onward_metadata_verify() does.
 */
typedef struct _OnwardMetadata OnwardMetadata;

OnwardMetadata *onward_metadata_parse       (GBytes *bytes, OnwardRoleKind kind, GError **error);
OnwardMetadata *onward_metadata_ref         (OnwardMetadata *self);
void            onward_metadata_unref       (OnwardMetadata *self);
gboolean        onward_metadata_verify      (OnwardMetadata *self, OnwardRole *role,
                                             GError **error);
GBytes         *onward_metadata_get_bytes   (OnwardMetadata *self);
/* The "signed" part. */
JsonObject     *onward_metadata_get_content (OnwardMetadata *self);
gint64          onward_metadata_get_version (OnwardMetadata *self);
gint64          onward_metadata_get_expiry  (OnwardMetadata *self);
/* The member "x-issued" of timestamp and targets; 0 when there is none. */
gint64          onward_metadata_get_issued  (OnwardMetadata *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardMetadata, onward_metadata_unref)

G_END_DECLS
