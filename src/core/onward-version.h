/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean onward_version_is_valid (const char *version);
int      onward_version_compare  (const char *a, const char *b);

G_END_DECLS
