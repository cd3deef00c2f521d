/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean onward_byte_count_parse (const char *text, guint64 *ret_bytes, GError **error);

G_END_DECLS
