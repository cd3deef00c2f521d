/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-signer.h"

G_BEGIN_DECLS

/**
 * OnwardKeyring:
 *
 * The publisher's secret keys in one folder: root.pem signs root and targets, online.pem signs
 * snapshot and timestamp, spare-root.pem is to be kept off-line and can replace root.pem.
 */
typedef struct _OnwardKeyring OnwardKeyring;

OnwardKeyring *onward_keyring_generate    (const char *folder, const char *passphrase,
                                           GError **error);
OnwardKeyring *onward_keyring_load        (const char *folder, const char *passphrase,
                                           gboolean online_only, GError **error);
void           onward_keyring_free        (OnwardKeyring *self);
JsonObject    *onward_keyring_make_roles  (OnwardKeyring *self, JsonObject *keys);
GPtrArray     *onward_keyring_get_signers (OnwardKeyring *self, const char *role);
gboolean       onward_keyring_read_passphrase (const char *file, gboolean confirm,
                                               char **ret_passphrase, GError **error);
gboolean       onward_keyring_is_encrypted (const char *folder, gboolean online_only);
void           onward_keyring_remove       (const char *folder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardKeyring, onward_keyring_free)

G_END_DECLS
