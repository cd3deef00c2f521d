/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-deflate-table.h"
#include "onward-delta.h"

G_BEGIN_DECLS

/**
 * OnwardRefold:
 *
 * Takes new bytes with what was deflated in them inflated, and deflates it again.
 */
typedef struct _OnwardRefold OnwardRefold;

/* @size: how many bytes must come out, which @sink receives. */
OnwardRefold *onward_refold_new    (OnwardDeflateTable *table, guint64 size, OnwardDeltaSink sink,
                                    gpointer user_data);
void          onward_refold_free   (OnwardRefold *self);
/* An OnwardDeltaSink. */
gboolean      onward_refold_write  (gconstpointer data, gsize size, gpointer refold,
                                    GError **error);
gboolean      onward_refold_finish (OnwardRefold *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardRefold, onward_refold_free)

G_END_DECLS
