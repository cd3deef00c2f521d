/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-pack-info.h"
#include "onward-release.h"

G_BEGIN_DECLS

#define ONWARD_RELEASE_DOCUMENT_MAX_SIZE (16u * 1024 * 1024)

/**
 * OnwardReleaseDocument:
 *
 * The signed document of one release: its facts and notes, the digest of its tree and its packs
 * (an immutable value).
 */
typedef struct _OnwardReleaseDocument OnwardReleaseDocument;

OnwardReleaseDocument *onward_release_document_new       (OnwardRelease *release,
                                                          const OnwardDigest *tree_digest,
                                                          guint64 tree_size,
                                                          GPtrArray *packs);
OnwardReleaseDocument *onward_release_document_parse     (GBytes *bytes, GError **error);
GBytes                *onward_release_document_serialize (OnwardReleaseDocument *self);
OnwardReleaseDocument *onward_release_document_ref       (OnwardReleaseDocument *self);
void                   onward_release_document_unref     (OnwardReleaseDocument *self);
OnwardRelease         *onward_release_document_get_release     (OnwardReleaseDocument *self);
const OnwardDigest    *onward_release_document_get_tree_digest (OnwardReleaseDocument *self);
guint64                onward_release_document_get_tree_size   (OnwardReleaseDocument *self);
/* The packs, an array of OnwardPackInfo; exactly one of them is full. (transfer none) */
GPtrArray             *onward_release_document_get_packs       (OnwardReleaseDocument *self);
OnwardPackInfo        *onward_release_document_get_full_pack   (OnwardReleaseDocument *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardReleaseDocument, onward_release_document_unref)

G_END_DECLS
