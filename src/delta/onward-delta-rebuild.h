/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-header.h"
#include "onward-delta.h"
#include "onward-parts.h"

G_BEGIN_DECLS

/* The format since version 2, behind the header and the table of what is deflated. */
gboolean onward_delta_rebuild (const OnwardParts *old_parts, GBytes *delta,
                               OnwardDeltaVersion version, gsize position, guint64 new_size,
                               OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable,
                               GError **error);

G_END_DECLS
