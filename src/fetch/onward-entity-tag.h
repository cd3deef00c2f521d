/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char     *onward_entity_tag_parse     (const char *value);
gboolean  onward_entity_tag_is_strong (const char *tag);

G_END_DECLS
