/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ONWARD_TREE_PATH_MAX_DEPTH 32
#define ONWARD_TREE_PATH_MAX_SIZE 2048
/* A link of ours in the folder of a version, which says which one it is, and so no release's. */
#define ONWARD_TREE_PATH_MARK ".onward-version"

gboolean onward_tree_path_check      (const char *path, GError **error);
gboolean onward_tree_path_check_link (const char *path, const char *target, GError **error);
char    *onward_tree_path_fold       (const char *path);

G_END_DECLS
