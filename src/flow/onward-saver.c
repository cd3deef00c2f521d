/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-saver.h"

#include "onward-journal.h"
#include "onward-worker.h"

struct _OnwardSaver
{
  char *path;           /* (owned) */
  OnwardSaverDone done; /* (nullable): once it is closed */
  gpointer user_data;
  gboolean is_busy; /* whether a worker was asked whose end has not been seen */

  GMutex lock; /* guards the rest */
  GCond written;
  gboolean is_writing;
  char *next;    /* (owned) (nullable) */
  GError *error; /* (owned) (nullable): of the last text */
};

static void
clear (gpointer data)
{
  OnwardSaver *self = data;

  g_free (self->path);
  g_free (self->next);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->written);
}

static void
unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, clear);
}

/**
 * onward_saver_new:
 * @path: the journal's file
 * @done: called in the main loop each time when all is written
 * @user_data: for @done
 *
 * Returns: (transfer full): a saver with nothing to write
 */
OnwardSaver *
onward_saver_new (const char *path, OnwardSaverDone done, gpointer user_data)
{
  OnwardSaver *self = g_atomic_rc_box_new0 (OnwardSaver);

  g_mutex_init (&self->lock);
  g_cond_init (&self->written);
  self->path = g_strdup (path);
  self->done = done;
  self->user_data = user_data;
  return self;
}

/**
 * onward_saver_close:
 * @self: (transfer full): a saver
 *
 * Frees a saver; all is written when this returns.
 */
void
onward_saver_close (OnwardSaver *self)
{
  self->done = NULL;
  onward_saver_drain (self);
  unref (self);
}

/**
 * onward_saver_drain:
 * @self: a saver
 *
 * Returns when all is written. Blocking; for any thread.
 */
void
onward_saver_drain (OnwardSaver *self)
{
  g_mutex_lock (&self->lock);
  while (self->is_writing)
    g_cond_wait (&self->written, &self->lock);

  while (self->next != NULL)
    {
      g_autofree char *text = g_steal_pointer (&self->next);
      g_autoptr (GError) error = NULL;

      self->is_writing = TRUE;
      g_mutex_unlock (&self->lock);
      (void) onward_journal_write (self->path, text, &error);
      g_mutex_lock (&self->lock);
      self->is_writing = FALSE;
      g_clear_error (&self->error);
      self->error = g_steal_pointer (&error);
      g_cond_broadcast (&self->written);
    }
  g_mutex_unlock (&self->lock);
}

static gboolean
write_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  onward_saver_drain (data);
  return TRUE;
}

static gboolean
has_more (OnwardSaver *self)
{
  gboolean more;

  g_mutex_lock (&self->lock);
  more = self->next != NULL || self->is_writing;
  g_mutex_unlock (&self->lock);
  return more;
}

static void
run (OnwardSaver *self, GAsyncReadyCallback callback)
{
  self->is_busy = TRUE;
  onward_worker_run_async (NULL, write_in_thread, g_atomic_rc_box_acquire (self), unref, NULL,
                           callback, self);
}

/* The worker's result holds a reference. */
static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OnwardSaver *self = user_data;

  if (has_more (self))
    {
      run (self, on_written);
      return;
    }

  self->is_busy = FALSE;
  if (self->done != NULL)
    self->done (self->error, self->user_data);
}

/**
 * onward_saver_write:
 * @self: a saver
 * @text: the newest journal
 *
 * Has @text written: at once, or when what is being written now is.
 */
void
onward_saver_write (OnwardSaver *self, const char *text)
{
  g_mutex_lock (&self->lock);
  g_free (self->next);
  self->next = g_strdup (text);
  g_mutex_unlock (&self->lock);

  if (!self->is_busy)
    run (self, on_written);
}

/**
 * onward_saver_is_busy:
 * @self: a saver
 *
 * Returns: whether something is not yet written, or not yet known to be; then its end will be told
 */
gboolean
onward_saver_is_busy (OnwardSaver *self)
{
  return self->is_busy;
}
