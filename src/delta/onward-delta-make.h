/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta.h"

G_BEGIN_DECLS

/* More old or new bytes than this are not looked at at once. */
#define ONWARD_DELTA_MAX_WINDOW (G_GUINT64_CONSTANT (512) * 1024 * 1024)

/**
 * OnwardDeltaEffort:
 * @ONWARD_DELTA_BEST: as small as it gets
 * @ONWARD_DELTA_FAST: somewhat larger, with one way to compress where the best tries many
 */
typedef enum
{
  ONWARD_DELTA_BEST,
  ONWARD_DELTA_FAST,
} OnwardDeltaEffort;

/* Told how much of the work is done, on any thread, one call at a time. */
typedef void (*OnwardDeltaProgress) (guint64 done, guint64 total, gpointer user_data);

/**
 * OnwardDeltaMaker:
 * @effort: how hard to try
 * @progress: (nullable): told of progress
 * @progress_data: for @progress
 * @window: more old or new bytes than this are not looked at at once; 0, or
 *   more than that: %ONWARD_DELTA_MAX_WINDOW
 *
 * How a delta is made.
 */
typedef struct
{
  OnwardDeltaEffort effort;
  OnwardDeltaProgress progress;
  gpointer progress_data;
  guint64 window;
} OnwardDeltaMaker;

/* What @size bytes become of which @archived are in archives, at most. */
guint64 onward_delta_make_expect   (guint64 size, guint64 archived);
guint64 onward_delta_make_estimate (guint64 old_size, guint64 new_size);
guint64 onward_delta_make_estimate_seconds (guint64 old_size, guint64 new_size);
GBytes *onward_delta_make_run      (const OnwardDeltaMaker *self, GPtrArray *old_contents,
                                    GPtrArray *new_contents, GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
