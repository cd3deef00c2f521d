/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardChapter:
 * @old_start: where the old bytes that it starts from begin
 * @old_size: how many
 * @new_start: where the new ones that it makes begin
 * @new_size: how many
 *
 * A part of a delta of what is too large to be looked at at once.
 */
typedef struct
{
  guint64 old_start;
  guint64 old_size;
  guint64 new_start;
  guint64 new_size;
} OnwardChapter;

/* What to make from what, of OnwardChapter in order; no chapter has more than @window old bytes. */
GArray *onward_chapters_plan_make (GBytes *old_bytes, GBytes *new_bytes, guint64 window,
                                   GCancellable *cancellable);

G_END_DECLS
