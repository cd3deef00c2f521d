/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-alarm.h"
#include "onward-deadline.h"
#include "onward-error.h"
#include "onward-pace.h"

struct _OnwardDeadline
{
  GCancellable *cancellable; /* (owned) */
  GSource *parent_source;    /* (owned) (nullable) */
  guint timer;
  char *why; /* (owned) (nullable): why its time is up */
};

static gboolean
on_parent_cancelled (GCancellable *parent, gpointer user_data)
{
  OnwardDeadline *self = user_data;

  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

/**
 * onward_deadline_expire:
 * @why: what the server did wrong
 *
 * Ends the time before its time.
 */
void
onward_deadline_expire (OnwardDeadline *self, const char *why)
{
  if (self->why == NULL)
    self->why = g_strdup (why);
  g_cancellable_cancel (self->cancellable);
}

static gboolean
on_time_over (gpointer user_data)
{
  OnwardDeadline *self = user_data;

  self->timer = 0;
  onward_deadline_expire (self, "The server took too long to answer");
  return G_SOURCE_REMOVE;
}

/**
 * onward_deadline_new:
 * @parent: (nullable): cancels the new one too
 * @seconds: the time until it cancels itself, or 0 for never
 *
 * libsoup's own timeout restarts with every byte, which a server that drips defeats.
 *
 * Returns: (transfer full): a running deadline
 */
OnwardDeadline *
onward_deadline_new (GCancellable *parent, guint seconds)
{
  OnwardDeadline *self = g_new0 (OnwardDeadline, 1);

  self->cancellable = g_cancellable_new ();
  if (seconds != 0)
    self->timer = onward_alarm_add (onward_pace_get_deadline (seconds), on_time_over, self);
  if (parent != NULL)
    {
      self->parent_source = g_cancellable_source_new (parent);
      g_source_set_callback (self->parent_source, G_SOURCE_FUNC (on_parent_cancelled), self, NULL);
      g_source_attach (self->parent_source, NULL);
    }
  return self;
}

/**
 * onward_deadline_free:
 * @self: (nullable): a deadline; what it guarded has ended
 */
void
onward_deadline_free (OnwardDeadline *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->parent_source != NULL)
    g_source_destroy (self->parent_source);
  g_clear_pointer (&self->parent_source, g_source_unref);
  g_object_unref (self->cancellable);
  g_free (self->why);
  g_free (self);
}

/**
 * onward_deadline_get_cancellable:
 *
 * Returns: (transfer none): what to hand to the guarded operation
 */
GCancellable *
onward_deadline_get_cancellable (OnwardDeadline *self)
{
  return self->cancellable;
}

/**
 * onward_deadline_explain:
 * @error: (inout): the error of the guarded operation
 *
 * Turns a cancellation that came from the clock into the error it stands for: SERVER.
 */
void
onward_deadline_explain (OnwardDeadline *self, GError **error)
{
  if (self->why == NULL || !g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_error (error);
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_SERVER, self->why);
}
