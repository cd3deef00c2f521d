/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>

#include "onward-digest.h"

G_BEGIN_DECLS

/**
 * OnwardFileInfo:
 *
 * What a signed document says of another file: version, length and hashes (an immutable value).
 */
typedef struct _OnwardFileInfo OnwardFileInfo;

/* As timestamp and snapshot list documents: the version always, the rest perhaps. */
OnwardFileInfo *onward_file_info_parse_document (JsonObject *object, GError **error);
/* As targets list files: length and hashes always, no version. */
OnwardFileInfo *onward_file_info_parse_target   (JsonObject *object, GError **error);
void            onward_file_info_free           (OnwardFileInfo *self);
/* WRONG_LENGTH or WRONG_HASH unless @bytes has the length and every hash that are given. */
gboolean        onward_file_info_verify         (OnwardFileInfo *self, GBytes *bytes,
                                                 GError **error);
gint64          onward_file_info_get_version    (OnwardFileInfo *self);
/* -1 when not given. */
gint64          onward_file_info_get_length     (OnwardFileInfo *self);
/* Its SHA-256, as an OnwardDigest; (nullable). */
const OnwardDigest *onward_file_info_get_digest (OnwardFileInfo *self);
/* One of the hashes, in hexadecimal, for names; (nullable) (transfer full). */
char           *onward_file_info_dup_hash       (OnwardFileInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardFileInfo, onward_file_info_free)

G_END_DECLS
