/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define ONWARD_PORTAL_STATUS 511 /* RFC 6585 §6 */

gboolean onward_portal_is_page    (gconstpointer data, gsize size);
GError  *onward_portal_make_error (void);

G_END_DECLS
