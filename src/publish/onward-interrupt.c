/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#include "onward-exit.h"
#include "onward-interrupt.h"

struct _OnwardInterrupt
{
  GCancellable *cancellable; /* (owned) */
  GMainLoop *loop;           /* (owned): runs in the thread, for the signals only */
  GThread *thread;           /* (owned) */
  GPtrArray *sources;        /* (owned): GSource */
};

static gboolean
on_signal (gpointer user_data)
{
  OnwardInterrupt *self = user_data;

  if (g_cancellable_is_cancelled (self->cancellable))
    _exit (ONWARD_EXIT_CANCELLED);
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_end (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static gpointer
watch_in_thread (gpointer data)
{
  g_main_loop_run (data);
  return NULL;
}

static void
add_source (OnwardInterrupt *self, GSource *source, GSourceFunc callback, gpointer data)
{
  g_source_set_callback (source, callback, data, NULL);
  g_source_attach (source, g_main_loop_get_context (self->loop));
  g_ptr_array_add (self->sources, source);
}

static void
free_source (gpointer source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

/**
 * onward_interrupt_new:
 *
 * Returns: (transfer full): a watch on the signals that ask the process to end
 */
OnwardInterrupt *
onward_interrupt_new (void)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
  OnwardInterrupt *self = g_new0 (OnwardInterrupt, 1);
  g_autoptr (GMainContext) context = g_main_context_new ();

  self->cancellable = g_cancellable_new ();
  self->loop = g_main_loop_new (context, FALSE);
  self->sources = g_ptr_array_new_with_free_func (free_source);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    add_source (self, g_unix_signal_source_new (signals[i]), on_signal, self);
  self->thread = g_thread_new ("interrupt", watch_in_thread, self->loop);
  return self;
}

/**
 * onward_interrupt_free:
 * @self: (transfer full) (nullable): a watch
 *
 * Lets the signals do again what they did before.
 */
void
onward_interrupt_free (OnwardInterrupt *self)
{
  if (self == NULL)
    return;

  /* The thread itself ends its loop: it may not have begun it yet. */
  add_source (self, g_idle_source_new (), on_end, self->loop);
  g_thread_join (self->thread);
  g_ptr_array_unref (self->sources);
  g_main_loop_unref (self->loop);
  g_object_unref (self->cancellable);
  g_free (self);
}

/**
 * onward_interrupt_get_cancellable:
 * @self: a watch
 *
 * Returns: (transfer none): what a signal cancels
 */
GCancellable *
onward_interrupt_get_cancellable (OnwardInterrupt *self)
{
  return self->cancellable;
}
