/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean onward_content_range_parse (const char *value, guint64 *ret_start, guint64 *ret_end,
                                     guint64 *ret_total);

G_END_DECLS
