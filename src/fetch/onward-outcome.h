/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OnwardOutcome:
 * @damaged: how many blocks came with a wrong digest
 * @is_useful: whether a block was proven
 * @validator: (nullable): the strong entity tag of what was sent
 * @problem: (nullable): what went wrong
 * @is_answered: whether the server sent the file
 * @is_missing: whether the server says that there is no such file
 * @is_other: whether the server has another file of that name
 * @is_dropped: whether the connection was given up here, so that nothing is said against anybody
 * @is_stale: whether the file has another entity tag by now, so that a beginning was given up
 * @retry_after: for how many seconds the server wants to be left alone, or 0
 *
 * How an attempt ended.
 */
typedef struct
{
  guint damaged;
  gboolean is_useful;
  char *validator;
  GError *problem;
  gboolean is_answered;
  gboolean is_missing;
  gboolean is_other;
  gboolean is_dropped;
  gboolean is_stale;
  guint retry_after;
} OnwardOutcome;

OnwardOutcome *onward_outcome_new  (void);
void           onward_outcome_free (OnwardOutcome *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardOutcome, onward_outcome_free)

G_END_DECLS
