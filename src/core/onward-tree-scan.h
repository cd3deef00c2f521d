/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-tree.h"

G_BEGIN_DECLS

/* Reads a folder into a tree, hashing every file (frame and offset are 0); refuses setuid modes,
 * devices, links that lead out and names outside the rules, naming the path. Modes become 0755
 * where the owner may execute, else 0644. Blocking. */
OnwardTree *onward_tree_scan (int dirfd, GCancellable *cancellable, GError **error);

G_END_DECLS
