/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta.h"

G_BEGIN_DECLS

/* The levels that are known; lower ones work in another way, and are hardly used. */
#define ONWARD_GNU_DEFLATE_MIN_LEVEL 4
#define ONWARD_GNU_DEFLATE_MAX_LEVEL 9

/**
 * OnwardGnuDeflate:
 *
 * Deflates as GNU gzip does, which is not quite as zlib does.
 */
typedef struct _OnwardGnuDeflate OnwardGnuDeflate;

OnwardGnuDeflate *onward_gnu_deflate_new    (guint level, OnwardDeltaSink sink, gpointer user_data);
void              onward_gnu_deflate_free   (OnwardGnuDeflate *self);
gboolean          onward_gnu_deflate_write  (OnwardGnuDeflate *self, const guint8 *data, gsize size,
                                             GError **error);
gboolean          onward_gnu_deflate_finish (OnwardGnuDeflate *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardGnuDeflate, onward_gnu_deflate_free)

G_END_DECLS
