/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-block-sink.h"

G_BEGIN_DECLS

/**
 * OnwardBlockCheck:
 * @missing: the blocks in question
 * @hints: what was received, as an earlier run recorded it: truth or not
 * @proven: the blocks found to be there
 * @begun: (element-type OnwardBlockSink): the blocks whose beginning is there, to be gone on with
 * @is_unreadable: whether the disk did not give all of it back
 *
 * What a look at the file says about a record of it.
 */
typedef struct
{
  OnwardRanges *missing; /* (owned) */
  OnwardRanges *hints;   /* (owned) */
  OnwardRanges *proven;  /* (owned) */
  GPtrArray *begun;      /* (owned) */
  gboolean is_unreadable;
} OnwardBlockCheck;

OnwardBlockCheck *onward_block_check_new  (const OnwardRanges *missing, const OnwardRanges *hints);
void              onward_block_check_free (OnwardBlockCheck *self);
gboolean          onward_block_check_run  (OnwardBlockCheck *self, OnwardBlockFile *file,
                                           GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardBlockCheck, onward_block_check_free)

G_END_DECLS
