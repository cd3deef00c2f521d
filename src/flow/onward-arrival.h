/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-reader.h"
#include "onward-ranges.h"

G_BEGIN_DECLS

/**
 * OnwardArrival:
 *
 * A pack on its way: the main loop tells what of it has arrived, while another thread reads that
 * much and waits for more. Nothing is ever read whose digest is not known to be right.
 */
typedef struct _OnwardArrival OnwardArrival;

OnwardArrival    *onward_arrival_new          (const char *path, const OnwardRanges *wanted);
void              onward_arrival_free         (OnwardArrival *self);
OnwardPackReader *onward_arrival_open         (OnwardArrival *self, OnwardPackHead *head);

/* For the main loop. */
void              onward_arrival_prove        (OnwardArrival *self, const OnwardRanges *proven);
void              onward_arrival_confirm      (OnwardArrival *self);

/* For the other thread. */
gboolean          onward_arrival_wait_confirmed (OnwardArrival *self, GCancellable *cancellable,
                                               GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardArrival, onward_arrival_free)

G_END_DECLS
