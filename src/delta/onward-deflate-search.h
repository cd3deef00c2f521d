/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-deflate.h"

G_BEGIN_DECLS

/* Finds a way to deflate @inflated that gives @bytes again, the same one everywhere. */
gboolean onward_deflate_search_run (const guint8 *bytes, GBytes *inflated, OnwardDeflate *deflate);

G_END_DECLS
