/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardKey:
 *
 * A secret key of a publisher: a PKCS#8 PEM file, encrypted when there is a passphrase, or in a
 * token that is reached by a PKCS#11 URI.
 */
typedef struct _OnwardKey OnwardKey;

/* The TUF schemes ed25519, ecdsa-sha2-nistp256 and rsassa-pss-sha256. */
typedef enum
{
  ONWARD_KEY_KIND_ED25519,
  ONWARD_KEY_KIND_ECDSA,
  ONWARD_KEY_KIND_RSA,
} OnwardKeyKind;

#define ONWARD_KEY_KIND_LAST ONWARD_KEY_KIND_RSA

gboolean    onward_key_kind_parse (const char *text, OnwardKeyKind *ret_kind);
gboolean    onward_key_is_token   (const char *source);
OnwardKey  *onward_key_generate   (GError **error);
OnwardKey  *onward_key_generate_kind (OnwardKeyKind kind, GError **error);
/* @passphrase: (nullable). NOT_PERMITTED when the passphrase is missing or wrong. */
OnwardKey  *onward_key_load       (const char *source, const char *passphrase, GError **error);
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
