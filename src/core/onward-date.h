/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean onward_date_parse  (const char *text, gint64 *ret_seconds, GError **error);
char    *onward_date_format (gint64 seconds);

G_END_DECLS
