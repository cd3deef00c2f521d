/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

GBytes  *onward_secret_read   (const char *path, gsize max_size, GError **error);
GBytes  *onward_secret_decode (GBytes *pem, const char *begin, const char *end);
gboolean onward_secret_write  (const char *path, GBytes *contents, GError **error);

G_END_DECLS
