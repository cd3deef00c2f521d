/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-ranges.h"

G_BEGIN_DECLS

/**
 * OnwardBlockResult:
 * @proven: (owned) (nullable): the blocks that were completed and have the right digest
 * @bad: (owned) (nullable): those that have a wrong one, and came whole from the present source
 * @damaged: how many were completed and have a wrong digest, those included of which parts came
 *   from elsewhere, so that nobody can be blamed
 *
 * What writing brought, added up over writes.
 */
typedef struct
{
  OnwardRanges *proven;
  OnwardRanges *bad;
  guint damaged;
} OnwardBlockResult;

void     onward_block_result_note_proven (OnwardBlockResult *self, OnwardRange block);
void     onward_block_result_note_bad    (OnwardBlockResult *self, OnwardRange block);
void     onward_block_result_merge       (OnwardBlockResult *self, OnwardBlockResult *other);
gboolean onward_block_result_is_useful   (const OnwardBlockResult *self);
void     onward_block_result_clear       (OnwardBlockResult *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OnwardBlockResult, onward_block_result_clear)

G_END_DECLS
