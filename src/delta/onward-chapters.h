/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-header.h"
#include "onward-delta.h"
#include "onward-parts.h"

G_BEGIN_DECLS

/* A delta that is several, one behind the other: each makes its part of the new bytes from a part
 * of the old ones. */
gboolean onward_chapters_append (guint64 old_start, guint64 old_size, guint64 new_size,
                                 GBytes *chapter, GByteArray *delta);
gboolean onward_chapters_apply  (const OnwardParts *old_parts, GBytes *delta, gsize position,
                                 const OnwardDeltaHeader *header, OnwardDeltaSink sink,
                                 gpointer user_data, GCancellable *cancellable, GError **error);

G_END_DECLS
