/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardKey:
 *
 * A secret ed25519 key of a publisher, kept as PKCS#8 PEM, encrypted when there is a passphrase.
 */
typedef struct _OnwardKey OnwardKey;

OnwardKey  *onward_key_generate   (GError **error);
/* @passphrase: (nullable). NOT_PERMITTED when the passphrase is missing or wrong. */
OnwardKey  *onward_key_load       (const char *path, const char *passphrase, GError **error);
/* Mode 0600; refuses to replace a file. */
gboolean    onward_key_save       (OnwardKey *self, const char *path, const char *passphrase,
                                   GError **error);
void        onward_key_free       (OnwardKey *self);
const char *onward_key_get_id     (OnwardKey *self); /* TUF key id */
/* The TUF public key object; (transfer full). */
JsonObject *onward_key_get_public (OnwardKey *self);
GBytes     *onward_key_sign       (OnwardKey *self, GBytes *message, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardKey, onward_key_free)

G_END_DECLS
