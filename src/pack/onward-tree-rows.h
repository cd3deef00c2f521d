/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-tree.h"

G_BEGIN_DECLS

/* A tree as rows of bytes in which one change is a change of few bytes: the entries in the order of
 * the full pack, with no place of a content written down, since each begins where the one before
 * it ends. */
GBytes     *onward_tree_rows_write (OnwardTree *tree);
OnwardTree *onward_tree_rows_read  (GBytes *rows, GError **error);

G_END_DECLS
