/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta.h"

G_BEGIN_DECLS

/**
 * OnwardDeflateBlock:
 *
 * A block of deflated bytes on its way: what it says, until it is full and written.
 */
typedef struct _OnwardDeflateBlock OnwardDeflateBlock;

OnwardDeflateBlock *onward_deflate_block_new         (OnwardDeltaSink sink, gpointer user_data);
void                onward_deflate_block_free        (OnwardDeflateBlock *self);
void                onward_deflate_block_add_literal (OnwardDeflateBlock *self, guint8 byte);
void                onward_deflate_block_add_match   (OnwardDeflateBlock *self, guint distance,
                                                      guint length);
gboolean            onward_deflate_block_is_full     (const OnwardDeflateBlock *self,
                                                      guint64 size);
gboolean            onward_deflate_block_write       (OnwardDeflateBlock *self,
                                                      const guint8 *bytes, gsize size,
                                                      gboolean is_last, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardDeflateBlock, onward_deflate_block_free)

G_END_DECLS
