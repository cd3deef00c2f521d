/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-cover.h"
#include "onward-suffix-array.h"

G_BEGIN_DECLS

/**
 * OnwardMatcher:
 * @old_data: (unowned): what to find things in
 * @old_size: how much
 * @new_data: (unowned): what to find
 * @array: (unowned): of @old_data
 *
 * Finds covers by the method of bsdiff: from a match on, as far as more than half is equal.
 */
typedef struct
{
  const guint8 *old_data;
  gsize old_size;
  const guint8 *new_data;
  const OnwardSuffixArray *array;
} OnwardMatcher;

/* Appends to @covers those of the new bytes from @start to @end. Safe on several threads. */
void onward_matcher_run   (const OnwardMatcher *self, gsize start, gsize end, GArray *covers,
                           GCancellable *cancellable);
/* Joins covers that continue each other and drops those that cost more than they save. */
void onward_matcher_prune (const OnwardMatcher *self, GArray *covers);

G_END_DECLS
