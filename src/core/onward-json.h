/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* Strict member readers: wrong type, missing or out of range is ONWARD_ERROR_MALFORMED, and the
 * message names the member. Strings and objects returned belong to @object. */
JsonObject *onward_json_node_get_object (JsonNode *node, const char *what, GError **error);
gboolean onward_json_get_string  (JsonObject *object, const char *name, const char **ret_value,
                                  GError **error);
gboolean onward_json_get_integer (JsonObject *object, const char *name, gint64 minimum,
                                  gint64 maximum, gint64 *ret_value, GError **error);
gboolean onward_json_get_boolean (JsonObject *object, const char *name, gboolean *ret_value,
                                  GError **error);
gboolean onward_json_get_object  (JsonObject *object, const char *name, JsonObject **ret_value,
                                  GError **error);
gboolean onward_json_get_array   (JsonObject *object, const char *name, JsonArray **ret_value,
                                  GError **error);
gboolean onward_json_has         (JsonObject *object, const char *name);

G_END_DECLS
