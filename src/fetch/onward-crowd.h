/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OnwardCrowd:
 * @lanes: how many connections may be at work
 * @most: how many at most
 *
 * Finds out how many connections are worth having: one, unless it is slow or keeps breaking. Then
 * some more are tried, and as many are kept as make all together really faster; as long as each
 * brings as much as the first, their number grows. Where they were not worth it, only one more is
 * tried, after a while. Pure, the time is given.
 */
typedef struct
{
  guint lanes;
  guint most;

  /*< private >*/
  gint64 settled_at;  /* from when on the present measurement counts, or 0 */
  gint64 measured_at; /* where it begins: the last look before that */
  guint64 measured_bytes;
  gboolean is_known;  /* whether the first connection's speed is known */
  gint64 sampled_at;  /* while it is not: when it was looked at last, or 0 */
  guint64 sampled_bytes;
  double sample;      /* what it was then, or 0 */
  guint stride;      /* how many are to be added next */
  guint added;       /* how many were added last */
  double before;     /* the rate before that, 0 unless they are on trial */
  gint64 tried_at;   /* when they were added */
  gint64 not_before; /* when another one may be tried */
  gint64 patience;
  gint64 cut_at;
  guint cuts;
} OnwardCrowd;

void onward_crowd_begin        (OnwardCrowd *self, guint most);
void onward_crowd_limit        (OnwardCrowd *self, guint most);
void onward_crowd_note_cut     (OnwardCrowd *self, gint64 now);
void onward_crowd_note_refused (OnwardCrowd *self, gint64 now);
void onward_crowd_judge        (OnwardCrowd *self, guint flowing, guint64 bytes,
                                guint64 bytes_left, gint64 now);

G_END_DECLS
