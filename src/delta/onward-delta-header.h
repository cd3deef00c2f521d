/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardDeltaHeader:
 * @old_size: the size of the old bytes
 * @new_size: the size of the rebuilt bytes
 *
 * The beginning of a delta, in the file: "OnwD", the codec's version, both sizes (little-endian).
 */
typedef struct
{
  guint64 old_size;
  guint64 new_size;
} OnwardDeltaHeader;

void     onward_delta_header_append (const OnwardDeltaHeader *self, GByteArray *array);
gboolean onward_delta_header_read   (OnwardDeltaHeader *ret_header, GBytes *delta, gsize *position,
                                     GError **error);

G_END_DECLS
