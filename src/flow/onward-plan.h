/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-head.h"
#include "onward-release-document.h"

G_BEGIN_DECLS

/**
 * OnwardPlan:
 * @document: the release's verified document
 * @pack: the pack to fetch from
 * @head: its head
 * @ranges: the bytes of the pack that this install needs, the head included
 *
 * How an install gets to a release: what to fetch, chosen by fewest bytes.
 */
typedef struct
{
  OnwardReleaseDocument *document; /* (owned) */
  OnwardPackInfo *pack;            /* (owned) */
  OnwardPackHead *head;            /* (owned) */
  OnwardRanges *ranges;            /* (owned) */
} OnwardPlan;

OnwardPlan *onward_plan_new  (OnwardReleaseDocument *document, OnwardPackInfo *pack,
                              OnwardPackHead *head, OnwardRanges *ranges);
void        onward_plan_free (OnwardPlan *self);
guint64     onward_plan_get_download_size (const OnwardPlan *self);
guint64     onward_plan_get_bytes_here    (const OnwardPlan *self, const OnwardRanges *received);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardPlan, onward_plan_free)

G_END_DECLS
