/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether @path is one of those @pattern means (TUF specification 4.5, PATHPATTERN). */
gboolean onward_path_pattern_matches (const char *pattern, const char *path);

G_END_DECLS
