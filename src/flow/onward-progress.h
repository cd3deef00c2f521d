/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-status-private.h"

G_BEGIN_DECLS

double  onward_progress_get    (const OnwardStatusFields *fields);
void    onward_progress_count  (OnwardStatusFields *fields, guint64 done, guint64 total);
guint64 onward_progress_replan (OnwardStatusFields *fields, guint64 done, guint64 total);

G_END_DECLS
