/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-head.h"
#include "onward-paths.h"

G_BEGIN_DECLS

/* The local files that packs are fetched into: sparse, and full of holes. */
char           *onward_part_file_dup_path    (OnwardPaths *paths, OnwardPackInfo *pack);
int             onward_part_file_open        (const char *path, GError **error);
OnwardRanges   *onward_part_file_find_blocks (OnwardPaths *paths, OnwardPackInfo *pack);
OnwardPackHead *onward_part_file_read_head   (const char *path, OnwardPackInfo *pack,
                                              OnwardTree *old_tree, GError **error);

G_END_DECLS
