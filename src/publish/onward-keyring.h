/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-key-file.h"
#include "onward-signer.h"

G_BEGIN_DECLS

/**
 * OnwardKeyring:
 *
 * The publisher's keys in one folder. Which key signs what is not said by the names of the files,
 * but by the repository's root: the names are for people. A new folder has root.pem for root and
 * targets, online.pem for snapshot and timestamp, and spare-root.pem, which is to be kept off-line
 * and can replace root.pem.
 */
typedef struct _OnwardKeyring OnwardKeyring;

OnwardKeyring *onward_keyring_open         (const char *folder, GError **error);
OnwardKeyring *onward_keyring_generate     (const char *folder, OnwardPassphrase *passphrase,
                                            GError **error);
void           onward_keyring_free         (OnwardKeyring *self);
const char    *onward_keyring_get_folder   (OnwardKeyring *self);
GPtrArray     *onward_keyring_list         (OnwardKeyring *self); /* of OnwardKeyFile */
OnwardKeyFile *onward_keyring_find         (OnwardKeyring *self, const char *id);
OnwardKeyFile *onward_keyring_take         (OnwardKeyring *self, OnwardKeyFile *file);
OnwardKeyFile *onward_keyring_make_key     (OnwardKeyring *self, const char *name,
                                            OnwardKeyKind kind, OnwardPassphrase *passphrase,
                                            GError **error);
void           onward_keyring_remove_key   (OnwardKeyring *self, OnwardKeyFile *file);
JsonObject    *onward_keyring_make_roles   (OnwardKeyring *self, JsonObject *keys);
gboolean       onward_keyring_unlock_role  (OnwardKeyring *self, const char *role,
                                            JsonObject *root, OnwardPassphrase *passphrase,
                                            GError **error);
GPtrArray     *onward_keyring_get_signers  (OnwardKeyring *self, const char *role);
void           onward_keyring_remove       (const char *folder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardKeyring, onward_keyring_free)

G_END_DECLS
