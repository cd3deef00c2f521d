/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One of two pieces of work on the same @data. */
typedef void (*OnwardWorkerHalf) (gpointer data);

void onward_worker_pair_run (OnwardWorkerHalf here, OnwardWorkerHalf beside, gpointer data);

G_END_DECLS
