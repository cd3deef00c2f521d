/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-place.h"

G_BEGIN_DECLS

/* Each is an OnwardDeflateFinder, in a file of its own. What they find is no part of the format:
 * a delta says where deflated bytes are. */
gboolean onward_find_gzip (const guint8 *data, gsize size, gsize from, OnwardPlace *ret_place);
gboolean onward_find_png  (const guint8 *data, gsize size, gsize from, OnwardPlace *ret_place);
gboolean onward_find_zip  (const guint8 *data, gsize size, gsize from, OnwardPlace *ret_place);
gboolean onward_find_zlib (const guint8 *data, gsize size, gsize from, OnwardPlace *ret_place);

G_END_DECLS
