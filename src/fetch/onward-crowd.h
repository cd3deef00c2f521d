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
 * one more is tried, and kept only when all together are really faster for it; as long as each
 * brings as much as the first, their number is doubled. Pure, the time is given.
 */
typedef struct
{
  guint lanes;
  guint most;

  /*< private >*/
  gint64 settled_at;  /* from when on the present measurement counts, or 0 */
  gint64 measured_at; /* where it begins: the last look before that */
  guint64 measured_bytes;
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
