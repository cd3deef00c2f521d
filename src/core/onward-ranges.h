/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OnwardRange:
 * @start: the first byte
 * @end: the byte after the last
 *
 * A half-open range of bytes.
 */
typedef struct
{
  guint64 start;
  guint64 end;
} OnwardRange;

typedef struct _OnwardRanges OnwardRanges;

OnwardRanges      *onward_ranges_new        (void);
OnwardRanges      *onward_ranges_copy       (const OnwardRanges *self);
void               onward_ranges_free       (OnwardRanges *self);
void               onward_ranges_add        (OnwardRanges *self, guint64 start, guint64 end);
void               onward_ranges_subtract   (OnwardRanges *self, guint64 start, guint64 end);
gboolean           onward_ranges_contain    (const OnwardRanges *self, guint64 start, guint64 end);
guint              onward_ranges_get_count  (const OnwardRanges *self);
const OnwardRange *onward_ranges_get        (const OnwardRanges *self, guint index);
guint64            onward_ranges_get_length (const OnwardRanges *self);
char              *onward_ranges_to_string  (const OnwardRanges *self);
OnwardRanges      *onward_ranges_parse      (const char *text, guint64 limit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardRanges, onward_ranges_free)

G_END_DECLS
