/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-deflate.h"

G_BEGIN_DECLS

/* The most that one place may give, and that is looked at. */
#define ONWARD_DEFLATES_MAX_INFLATED (G_GUINT64_CONSTANT (256) * 1024 * 1024)

/* What of a file is deflated: of OnwardDeflate, in order, without the ways to deflate again. */
GArray *onward_deflates_find    (const guint8 *data, gsize size);
/* What it gives. */
GBytes *onward_deflates_inflate (const guint8 *bytes, const OnwardDeflate *deflate);

G_END_DECLS
