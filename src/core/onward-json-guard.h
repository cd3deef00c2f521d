/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>

G_BEGIN_DECLS

gboolean  onward_json_guard_check (const char *text, gsize size, GError **error);
JsonNode *onward_json_guard_parse (GBytes *bytes, gsize max_size, GError **error);

G_END_DECLS
