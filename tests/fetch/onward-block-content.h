/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-block-sink.h"

G_BEGIN_DECLS

/* What a file in blocks holds, what its blocks have to be, and where it goes. */
GBytes          *onward_block_content_make        (gsize size);
GBytes          *onward_block_content_digest      (gconstpointer data, gsize size,
                                                   guint32 block_size);
OnwardBlockFile *onward_block_content_open_file   (const char *dir, gconstpointer data, gsize size,
                                                   guint32 block_size);

G_END_DECLS
