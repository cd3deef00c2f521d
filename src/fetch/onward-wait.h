/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardWait:
 *
 * A wait between two tries, which a change of the network or a cancellation ends early.
 */
typedef struct _OnwardWait OnwardWait;

typedef void (*OnwardWaitOver) (gpointer user_data);

OnwardWait *onward_wait_new  (guint milliseconds, GNetworkMonitor *monitor,
                              GCancellable *cancellable, OnwardWaitOver over, gpointer user_data);
void        onward_wait_free (OnwardWait *self);
void        onward_wait_end  (OnwardWait *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardWait, onward_wait_free)

G_END_DECLS
