/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardPublicKey:
 *
 * A public key as TUF metadata lists it (an immutable value). A key of a scheme that is not known
 * here is kept, but never verifies anything.
 */
typedef struct _OnwardPublicKey OnwardPublicKey;

OnwardPublicKey *onward_public_key_parse      (JsonObject *object, GError **error);
OnwardPublicKey *onward_public_key_ref        (OnwardPublicKey *self);
void             onward_public_key_unref      (OnwardPublicKey *self);
gboolean         onward_public_key_is_usable  (OnwardPublicKey *self);
/* Whether both are the same key, whatever their ids. */
gboolean         onward_public_key_equal      (OnwardPublicKey *a, OnwardPublicKey *b);
gboolean         onward_public_key_verify     (OnwardPublicKey *self, GBytes *message,
                                               GBytes *signature);
/* The TUF key id: SHA-256 of the canonical form of @object, in hexadecimal; (transfer full). */
char            *onward_public_key_compute_id (JsonObject *object, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardPublicKey, onward_public_key_unref)

G_END_DECLS
