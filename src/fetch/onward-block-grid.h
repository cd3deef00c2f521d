/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-ranges.h"

G_BEGIN_DECLS

/**
 * OnwardBlockGrid:
 * @size: the size of the file
 * @block_size: the size of all blocks but the last, not 0
 *
 * Where the blocks of a file lie. Pure.
 */
typedef struct
{
  guint64 size;
  guint32 block_size;
} OnwardBlockGrid;

guint64     onward_block_grid_get_count (const OnwardBlockGrid *self);
guint64     onward_block_grid_find      (const OnwardBlockGrid *self, guint64 offset);
OnwardRange onward_block_grid_get_block (const OnwardBlockGrid *self, guint64 block);

G_END_DECLS
