/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-block-file.h"

G_BEGIN_DECLS

/**
 * OnwardOutcome:
 * @bytes: how many bytes came over the connection
 * @blocks: what became of them
 * @validator: (nullable): the strong entity tag of what was sent
 * @problem: (nullable): what went wrong
 * @is_answered: whether the server sent the file
 * @is_missing: whether the server says that there is no such file
 * @is_other: whether the server has another file of that name
 * @is_stale: whether the file has another entity tag by now; nothing was taken
 * @retry_after: for how many seconds the server wants to be left alone, or 0
 *
 * How an attempt ended.
 */
typedef struct
{
  guint64 bytes;
  OnwardBlockResult blocks;
  char *validator;
  GError *problem;
  gboolean is_answered;
  gboolean is_missing;
  gboolean is_other;
  gboolean is_stale;
  guint retry_after;
} OnwardOutcome;

OnwardOutcome *onward_outcome_new  (void);
void           onward_outcome_free (OnwardOutcome *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardOutcome, onward_outcome_free)

G_END_DECLS
