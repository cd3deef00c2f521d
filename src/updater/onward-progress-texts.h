/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-status.h"

G_BEGIN_DECLS

/* The wording of a transfer. All of these are pure; strings are (transfer full). */
char *onward_progress_texts_dup_size      (guint64 bytes);
gulong onward_progress_texts_count_for   (guint64 bytes);
char *onward_progress_texts_dup_amount    (guint64 done, guint64 total);
char *onward_progress_texts_dup_time_left (gint seconds);
char *onward_progress_texts_dup_obstacle  (OnwardObstacle obstacle);
char *onward_progress_texts_dup_countdown (OnwardStatus *status, gint64 now);
char *onward_progress_texts_dup_status    (OnwardStatus *status);
char *onward_progress_texts_dup_detail    (OnwardStatus *status, const char *name);

/* Two sentences, one after the other; either may be empty. */
char *onward_progress_texts_join          (const char *first, const char *second);

G_END_DECLS
