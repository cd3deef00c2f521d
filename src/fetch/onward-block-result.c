/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-block-result.h"

static void
note (OnwardRanges **inout_ranges, OnwardRange block)
{
  if (*inout_ranges == NULL)
    *inout_ranges = onward_ranges_new ();
  onward_ranges_add (*inout_ranges, block.start, block.end);
}

static void
move (OnwardRanges **inout_to, OnwardRanges **inout_from)
{
  for (guint i = 0; *inout_from != NULL && i < onward_ranges_get_count (*inout_from); i++)
    note (inout_to, *onward_ranges_get (*inout_from, i));
  g_clear_pointer (inout_from, onward_ranges_free);
}

/**
 * onward_block_result_note_proven:
 * @block: where a block lies that has the right digest
 */
void
onward_block_result_note_proven (OnwardBlockResult *self, OnwardRange block)
{
  note (&self->proven, block);
}

/**
 * onward_block_result_note_bad:
 * @block: where a block lies that came with a wrong digest
 */
void
onward_block_result_note_bad (OnwardBlockResult *self, OnwardRange block)
{
  note (&self->bad, block);
}

/**
 * onward_block_result_merge:
 * @other: (inout): another result, which is empty afterwards
 *
 * Adds what another result holds.
 */
void
onward_block_result_merge (OnwardBlockResult *self, OnwardBlockResult *other)
{
  move (&self->proven, &other->proven);
  move (&self->bad, &other->bad);
  self->damaged += other->damaged;
  other->damaged = 0;
}

/**
 * onward_block_result_is_useful:
 *
 * Returns: whether a block was completed and proven
 */
gboolean
onward_block_result_is_useful (const OnwardBlockResult *self)
{
  return self->proven != NULL;
}

/**
 * onward_block_result_clear:
 *
 * Empties it.
 */
void
onward_block_result_clear (OnwardBlockResult *self)
{
  g_clear_pointer (&self->proven, onward_ranges_free);
  g_clear_pointer (&self->bad, onward_ranges_free);
  self->damaged = 0;
}
