/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardInterrupt:
 *
 * Turns SIGINT, SIGTERM and SIGHUP into a cancellation for as long as it lives, so that blocking
 * work ends in order and takes back what it began. A second signal ends the process at once.
 */
typedef struct _OnwardInterrupt OnwardInterrupt;

OnwardInterrupt *onward_interrupt_new             (void);
void             onward_interrupt_free            (OnwardInterrupt *self);
GCancellable    *onward_interrupt_get_cancellable (OnwardInterrupt *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardInterrupt, onward_interrupt_free)

G_END_DECLS
