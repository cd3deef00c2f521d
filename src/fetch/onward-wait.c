/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-alarm.h"
#include "onward-pace.h"
#include "onward-wait.h"

/* A network that comes up changes several times within a moment. */
#define SETTLING_TIME 500

struct _OnwardWait
{
  OnwardWaitOver over;
  gpointer user_data;
  GSource *cancelled;       /* (owned) (nullable) */
  GNetworkMonitor *monitor; /* (owned) (nullable) */
  gulong network_changed;
  guint settling;
  guint timer;
};

/* Last of all, because it frees the wait. */
static void
be_over (OnwardWait *self)
{
  self->over (self->user_data);
}

static gboolean
on_time_over (gpointer user_data)
{
  OnwardWait *self = user_data;

  self->timer = 0;
  be_over (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_settled (gpointer user_data)
{
  OnwardWait *self = user_data;

  self->settling = 0;
  be_over (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  be_over (user_data);
  return G_SOURCE_REMOVE;
}

static void
on_network_changed (GNetworkMonitor *monitor, gboolean is_available, gpointer user_data)
{
  OnwardWait *self = user_data;

  g_clear_handle_id (&self->settling, g_source_remove);
  if (is_available)
    self->settling = g_timeout_add (onward_pace_get_wait (SETTLING_TIME), on_settled, self);
}

/**
 * onward_wait_new:
 * @milliseconds: how long
 * @monitor: (nullable): whose changes end the wait
 * @cancellable: (nullable): whose cancellation ends the wait
 * @over: called once, in the main loop, when it is over; must free the wait
 * @user_data: for @over
 *
 * Returns: (transfer full): a running wait
 */
OnwardWait *
onward_wait_new (guint milliseconds, GNetworkMonitor *monitor, GCancellable *cancellable,
                 OnwardWaitOver over, gpointer user_data)
{
  OnwardWait *self = g_new0 (OnwardWait, 1);

  self->over = over;
  self->user_data = user_data;
  self->timer = onward_alarm_add (milliseconds, on_time_over, self);
  if (monitor != NULL)
    {
      self->monitor = g_object_ref (monitor);
      self->network_changed =
          g_signal_connect (monitor, "network-changed", G_CALLBACK (on_network_changed), self);
    }
  if (cancellable != NULL)
    {
      self->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->cancelled, G_SOURCE_FUNC (on_cancelled), self, NULL);
      g_source_attach (self->cancelled, NULL);
    }
  return self;
}

/**
 * onward_wait_free:
 * @self: (nullable): a wait, over or not
 */
void
onward_wait_free (OnwardWait *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->settling, g_source_remove);
  if (self->monitor != NULL)
    g_clear_signal_handler (&self->network_changed, self->monitor);
  g_clear_object (&self->monitor);
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
  g_free (self);
}

/**
 * onward_wait_end:
 *
 * Ends the wait now: it is over, and freed, when this returns.
 */
void
onward_wait_end (OnwardWait *self)
{
  be_over (self);
}
