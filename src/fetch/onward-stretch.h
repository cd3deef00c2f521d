/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-ranges.h"

G_BEGIN_DECLS

/**
 * OnwardStretch:
 * @range: where in the file it lies; its end may be drawn nearer, not before @position
 * @position: where the next byte from the connection belongs
 * @bytes: how many bytes came from the connection, those of no use included
 * @is_hungry: whether nothing but the connection is waited for
 *
 * A part of a file on its way: lent by who asked for it to who receives it, both in the main loop.
 */
typedef struct
{
  OnwardRange range;
  guint64 position;
  guint64 bytes;
  gboolean is_hungry;
} OnwardStretch;

G_END_DECLS
