/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-deflate.h"

G_BEGIN_DECLS

/* How something is deflated, as a number: the likely ways are small ones. */
guint64  onward_deflate_way_get (const OnwardDeflate *deflate);
/* FALSE: there is no such way. */
gboolean onward_deflate_way_set (OnwardDeflate *deflate, guint64 way, gboolean *ret_in_chunks);

G_END_DECLS
