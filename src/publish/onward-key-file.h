/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-key.h"
#include "onward-passphrase.h"

G_BEGIN_DECLS

/**
 * OnwardKeyFile:
 *
 * A key as it lies in a folder: NAME.pub, the public key as TUF writes it, which is for everybody,
 * and beside it the secret one, NAME.pem, or NAME.uri with the PKCS#11 URI of a key in a token.
 * Either of both may be elsewhere.
 */
typedef struct _OnwardKeyFile OnwardKeyFile;

OnwardKeyFile *onward_key_file_open         (const char *source, GError **error);
OnwardKeyFile *onward_key_file_open_named   (const char *folder, const char *name,
                                             GError **error);
OnwardKeyFile *onward_key_file_create       (OnwardKey *key, const char *folder, const char *name,
                                             OnwardPassphrase *passphrase, GError **error);
void           onward_key_file_free         (OnwardKeyFile *self);
gboolean       onward_key_file_save_public  (OnwardKeyFile *self, const char *folder,
                                             GError **error);
gboolean       onward_key_file_unlock       (OnwardKeyFile *self, OnwardPassphrase *passphrase,
                                             GError **error);
const char    *onward_key_file_get_name     (OnwardKeyFile *self);
void           onward_key_file_set_name     (OnwardKeyFile *self, const char *name);
const char    *onward_key_file_get_id       (OnwardKeyFile *self); /* nullable: locked */
JsonObject    *onward_key_file_get_public   (OnwardKeyFile *self); /* nullable: locked */
const char    *onward_key_file_get_source   (OnwardKeyFile *self); /* nullable: elsewhere */
OnwardKey     *onward_key_file_get_key      (OnwardKeyFile *self); /* nullable: locked */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardKeyFile, onward_key_file_free)

G_END_DECLS
