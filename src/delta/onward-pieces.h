/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta.h"

G_BEGIN_DECLS

/* Version 1 of the format, behind the header: any old bytes, and new ones in pieces. */
gboolean onward_pieces_apply (GBytes *old_bytes, GBytes *delta, gsize position, guint64 new_size,
                              OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable,
                              GError **error);

G_END_DECLS
