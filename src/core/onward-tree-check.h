/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-tree.h"

G_BEGIN_DECLS

gboolean               onward_tree_check_entries (GArray *entries, guint64 *ret_size,
                                                  guint *ret_n_files, GError **error);
const OnwardTreeEntry *onward_tree_check_find    (GArray *entries, const char *path, gsize size);

G_END_DECLS
