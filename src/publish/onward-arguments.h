/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean onward_arguments_parse      (const char *usage, const GOptionEntry *entries,
                                      guint n_paths, int *argc, char ***argv, GError **error);
gboolean onward_arguments_parse_some (const char *usage, const GOptionEntry *entries, guint least,
                                      guint most, int *argc, char ***argv, GError **error);
gboolean onward_arguments_require    (const char *value, const char *option, GError **error);

G_END_DECLS
