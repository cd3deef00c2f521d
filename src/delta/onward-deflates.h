/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-deflate.h"

G_BEGIN_DECLS

/* What of a file is deflated: of OnwardDeflate, in order, without the ways to deflate again. */
GArray *onward_deflates_find    (const guint8 *data, gsize size);
/* Whether a file that begins so probably has any: mostly it is an archive then. */
gboolean onward_deflates_begin  (const guint8 *start, gsize size);
/* What it gives. */
GBytes *onward_deflates_inflate (const guint8 *bytes, const OnwardDeflate *deflate);

G_END_DECLS
