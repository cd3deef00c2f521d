/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-key.h"

G_BEGIN_DECLS

/* The signed document {"signatures": […], "signed": @content} as bytes, signed by every key of
 * @keys (an array of OnwardKey); (transfer full). */
GBytes *onward_signer_sign (JsonObject *content, GPtrArray *keys, GError **error);

/* One signature, {"keyid", "sig"}; (transfer full). */
JsonObject *onward_signer_make_signature (JsonObject *content, OnwardKey *key, GError **error);
GBytes     *onward_signer_wrap           (JsonObject *content, JsonArray *signatures,
                                          GError **error);

G_END_DECLS
