/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-head.h"
#include "onward-release-document.h"

G_BEGIN_DECLS

/**
 * OnwardPlanStep:
 * @pack: the pack to fetch from
 * @head: its head
 * @ranges: the bytes of it that are needed, the head included
 * @contents: (element-type OnwardDigest): what is made of it
 *
 * What a plan takes from one pack.
 */
typedef struct
{
  OnwardPackInfo *pack;  /* (owned) */
  OnwardPackHead *head;  /* (owned) */
  OnwardRanges *ranges;  /* (owned) */
  GHashTable *contents;  /* (owned) (nullable): of @head's tree */
} OnwardPlanStep;

OnwardPlanStep *onward_plan_step_new  (OnwardPackInfo *pack, OnwardPackHead *head,
                                       OnwardRanges *ranges, GHashTable *contents);
void            onward_plan_step_free (OnwardPlanStep *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardPlanStep, onward_plan_step_free)

/**
 * OnwardPlan:
 * @document: the release's verified document
 * @steps: (element-type OnwardPlanStep): what to fetch from each pack, in order; the last one makes
 *   the release's tree, those before it what that one starts from
 *
 * How an install gets to a release: what to fetch, chosen by fewest bytes.
 */
typedef struct
{
  OnwardReleaseDocument *document; /* (owned) */
  GPtrArray *steps;                /* (owned) */
} OnwardPlan;

OnwardPlan     *onward_plan_new                (OnwardReleaseDocument *document);
void            onward_plan_free               (OnwardPlan *self);
OnwardPlanStep *onward_plan_get_step           (const OnwardPlan *self, guint index);
OnwardPlanStep *onward_plan_get_last           (const OnwardPlan *self);
guint64         onward_plan_get_download_size  (const OnwardPlan *self);
guint64         onward_plan_get_shelf_size     (const OnwardPlan *self);
guint64         onward_plan_step_get_size      (const OnwardPlanStep *self);
guint64         onward_plan_step_get_bytes_here (const OnwardPlanStep *self,
                                                 const OnwardRanges *received);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardPlan, onward_plan_free)

G_END_DECLS
