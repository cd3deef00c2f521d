/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta.h"

G_BEGIN_DECLS

/* Inflates what begins at @data, of at most @size bytes, into at most @limit; @in_chunks: the image
 * data of a PNG. @ret_used: how many bytes it has. */
gboolean onward_inflate_run (const guint8 *data, gsize size, gboolean in_chunks, guint64 limit,
                             OnwardDeltaSink sink, gpointer user_data, gsize *ret_used,
                             GError **error);

G_END_DECLS
