/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-cancel-chain.h"

struct _OnwardCancelChain
{
  GCancellable *from; /* (owned) (nullable) */
  gulong handler;
};

static void
on_cancelled (GCancellable *from, gpointer to)
{
  g_cancellable_cancel (G_CANCELLABLE (to));
}

static void
unref_closure_data (gpointer data, GClosure *closure)
{
  g_object_unref (data);
}

/**
 * onward_cancel_chain_new:
 * @from: (nullable): the caller's cancellable
 * @to: ours, cancelled with it from now on, at once if it is cancelled already
 *
 * Returns: (transfer full): a chain, which ends when it is freed
 */
OnwardCancelChain *
onward_cancel_chain_new (GCancellable *from, GCancellable *to)
{
  OnwardCancelChain *self = g_new0 (OnwardCancelChain, 1);

  if (from == NULL)
    return self;

  self->from = g_object_ref (from);
  self->handler = g_signal_connect_data (from, "cancelled", G_CALLBACK (on_cancelled),
                                         g_object_ref (to), unref_closure_data, 0);
  if (g_cancellable_is_cancelled (from))
    g_cancellable_cancel (to);
  return self;
}

/**
 * onward_cancel_chain_free:
 * @self: (transfer full) (nullable): a chain
 *
 * Ends a chain. Unlike g_cancellable_disconnect() this may happen inside of the cancellation.
 */
void
onward_cancel_chain_free (OnwardCancelChain *self)
{
  if (self == NULL)
    return;

  if (self->from != NULL)
    g_signal_handler_disconnect (self->from, self->handler);
  g_clear_object (&self->from);
  g_free (self);
}
