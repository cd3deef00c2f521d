/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* Plain names, as channels, platforms, components and capabilities have. */
gboolean onward_names_is_name (const char *text);
/* Absent means none: an empty list. */
gboolean onward_names_read    (JsonObject *object, const char *name, char ***ret_names,
                               GError **error);
void     onward_names_add     (JsonObject *object, const char *name, const char *const *names);

G_END_DECLS
