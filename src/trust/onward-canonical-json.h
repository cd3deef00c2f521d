/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* The OLPC canonical JSON form that signatures cover; (transfer full). */
GBytes *onward_canonical_json (JsonNode *node, GError **error);

G_END_DECLS
