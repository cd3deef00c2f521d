/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta.h"
#include "onward-parts.h"

G_BEGIN_DECLS

/* Version 2 of the format, behind the header. */
gboolean onward_delta_rebuild (const OnwardParts *old_parts, GBytes *delta, gsize position,
                               guint64 new_size, OnwardDeltaSink sink, gpointer user_data,
                               GCancellable *cancellable, GError **error);

G_END_DECLS
