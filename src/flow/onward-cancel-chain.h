/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardCancelChain:
 *
 * Passes a cancellation on in one direction only: what a caller cancels ends our work, but ending
 * our work does not cancel what the caller may use for more than this.
 */
typedef struct _OnwardCancelChain OnwardCancelChain;

OnwardCancelChain *onward_cancel_chain_new  (GCancellable *from, GCancellable *to);
void               onward_cancel_chain_free (OnwardCancelChain *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardCancelChain, onward_cancel_chain_free)

G_END_DECLS
