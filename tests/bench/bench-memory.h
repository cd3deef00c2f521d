/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BenchMemory:
 *
 * Watches from a thread of its own how much private memory this process has: mapped files do not
 * count.
 */
typedef struct _BenchMemory BenchMemory;

/* Watches from now on. */
BenchMemory *bench_memory_new  (void);
/* Ends the watch and frees @self; returns the most there was, in MiB. */
double       bench_memory_stop (BenchMemory *self);

G_END_DECLS
