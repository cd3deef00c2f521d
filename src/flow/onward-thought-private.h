/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-thought.h"

G_BEGIN_DECLS

/* What became of one attempt. */
typedef enum
{
  ONWARD_THOUGHT_FAILED,
  ONWARD_THOUGHT_DONE,  /* there is a plan, or a question */
  ONWARD_THOUGHT_AGAIN, /* a pack turned out to be of no use */
} OnwardThoughtOutcome;

gboolean               onward_thought_look_at_install (OnwardThought *self,
                                                       GCancellable *cancellable, GError **error);
gboolean               onward_thought_is_avoided      (OnwardThought *self, OnwardPackInfo *pack);
guint64                onward_thought_count_missing   (OnwardThought *self, OnwardPackInfo *pack,
                                                       const OnwardRanges *ranges);
OnwardReleaseDocument *onward_thought_find_document   (OnwardThought *self,
                                                       const OnwardDigest *tree);
gboolean               onward_thought_is_known        (OnwardThought *self, OnwardTarget *target);
OnwardRelease         *onward_thought_find_installed  (OnwardThought *self);
GPtrArray             *onward_thought_list_between    (OnwardThought *self);
OnwardPackHead        *onward_thought_learn_head      (OnwardThought *self, OnwardPackInfo *pack,
                                                       OnwardTree *old_tree,
                                                       const OnwardDigest *tree,
                                                       OnwardThoughtOutcome *ret_outcome,
                                                       GError **error);

G_END_DECLS
