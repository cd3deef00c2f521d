/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * BenchLoop:
 *
 * Measures how long each iteration of the main loop keeps it from looking at what else there is:
 * from the end of its wait until it waits again.
 */
typedef struct _BenchLoop BenchLoop;

/* Measures the default main loop from now on. */
BenchLoop *bench_loop_new   (void);
/* Stops measuring. */
void       bench_loop_free  (BenchLoop *self);
/* Returns a JSON object: how many iterations, and of their times on the clock and on the processor
 * the longest and the one that 99.9 % do not exceed, in milliseconds. */
char      *bench_loop_print (BenchLoop *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchLoop, bench_loop_free)

G_END_DECLS
