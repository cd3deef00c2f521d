/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-deflate.h"
#include "onward-delta.h"

G_BEGIN_DECLS

/**
 * OnwardRedeflate:
 *
 * Deflates bytes as they were deflated before, piece by piece, however large the pieces.
 */
typedef struct _OnwardRedeflate OnwardRedeflate;

/* Only what @deflate says of how is read, and for a PNG its size. */
OnwardRedeflate *onward_redeflate_new    (const OnwardDeflate *deflate, OnwardDeltaSink sink,
                                          gpointer user_data);
void             onward_redeflate_free   (OnwardRedeflate *self);
gboolean         onward_redeflate_write  (OnwardRedeflate *self, const guint8 *data, gsize size,
                                          GError **error);
gboolean         onward_redeflate_finish (OnwardRedeflate *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardRedeflate, onward_redeflate_free)

G_END_DECLS
