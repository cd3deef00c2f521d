/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GUri     *onward_address_parse    (const char *address, gboolean allow_http, GError **error);
GUri     *onward_address_follow   (GUri *from, const char *location, gboolean allow_http,
                                   GError **error);
gboolean  onward_address_is_file  (GUri *address);
gboolean  onward_address_is_local (GUri *address);

G_END_DECLS
