/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-journal.h"
#include "onward-status-private.h"

G_BEGIN_DECLS

double  onward_progress_get    (const OnwardStatusFields *fields);
double  onward_progress_go_on  (const OnwardStatusFields *before, const OnwardStatusFields *fields,
                                gboolean is_updating);
void    onward_progress_count  (OnwardStatusFields *fields, guint64 done, guint64 total);
guint64 onward_progress_replan (OnwardStatusFields *fields, guint64 done, guint64 total);
guint64 onward_progress_plan   (OnwardStatusFields *fields, guint64 spent, guint64 done,
                                guint64 total);

/* How far it is, as others and later runs are told; times are boot time in µs and wall-clock
 * seconds. */
void    onward_progress_record (const OnwardStatusFields *fields, gint64 now, gint64 date,
                                OnwardJournalProgress *ret_record);
void    onward_progress_resume (OnwardStatusFields *fields, const OnwardJournalProgress *record);
void    onward_progress_watch  (OnwardStatusFields *fields, const OnwardJournalProgress *record,
                                gint64 now, gint64 date);

G_END_DECLS
