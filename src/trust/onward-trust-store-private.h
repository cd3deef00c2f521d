/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-root.h"
#include "onward-trust-chain.h"
#include "onward-trust-store.h"

G_BEGIN_DECLS

OnwardRoot *onward_trust_store_get_root   (OnwardTrustStore *self);
/* What is stored, not verified; NULL when there is nothing readable. (transfer full) */
GBytes     *onward_trust_store_read       (OnwardTrustStore *self, OnwardRoleKind kind);
gboolean    onward_trust_store_write      (OnwardTrustStore *self, OnwardMetadata *metadata,
                                           OnwardRoleKind kind, GError **error);
/* The same for delegated documents, by the name of their role. */
GBytes     *onward_trust_store_read_delegated  (OnwardTrustStore *self, const char *name);
gboolean    onward_trust_store_write_delegated (OnwardTrustStore *self, OnwardMetadata *metadata,
                                                const char *name, GError **error);
/* Removes what @snapshot, that of a complete run, does not list. */
void        onward_trust_store_prune      (OnwardTrustStore *self, OnwardSnapshot *snapshot);
/* Tells @chain what is stored, to be its floors. */
gboolean    onward_trust_store_set_floors (OnwardTrustStore *self, OnwardTrustChain *chain,
                                           GError **error);
/* Makes @root the trusted one. */
gboolean    onward_trust_store_write_root (OnwardTrustStore *self, OnwardRoot *root,
                                           GError **error);
/* Writes the root down when it is so far known from the install only. */
gboolean    onward_trust_store_keep_root  (OnwardTrustStore *self, GError **error);
gboolean    onward_trust_store_forget     (OnwardTrustStore *self, OnwardRoleKind kind,
                                           GError **error);
/* The root of the last complete run, while none was completed under a later one: only to tell what
 * is late from what is forged. */
gboolean    onward_trust_store_keep_former (OnwardTrustStore *self, GError **error);
OnwardRoot *onward_trust_store_load_former (OnwardTrustStore *self); /* nullable */
void        onward_trust_store_drop_former (OnwardTrustStore *self);

G_END_DECLS
