/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef void (*OnwardParallelFunc) (guint index, gpointer user_data);

/* Calls @func with 0 … @n - 1, on all cores, and returns when all calls have. */
void onward_parallel_run (guint n, OnwardParallelFunc func, gpointer user_data);

G_END_DECLS
