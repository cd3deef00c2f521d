/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-content-ahead.h"
#include "onward-fd.h"

/* The files that are open at most, which is well below what a process may have. */
#define MAX_OPEN 64
/* What a thread takes at a time: waking one up costs as much as hashing a small file. */
#define BATCH_FILES 16
#define BATCH_BYTES (4 * 1024 * 1024)
#define MAX_THREADS 8

/* What is not open: since it could not be, or not yet. */
#define NONE    -1
#define AWAITED -2

struct _OnwardContentAhead
{
  OnwardContent *content;    /* (unowned) */
  GPtrArray *entries;        /* (owned): OnwardTreeEntry */
  GCancellable *cancellable; /* (owned) (nullable) */
  GCancellable *stop;        /* (owned): when nobody takes any more */
  gulong stopping;

  GThreadPool *pool; /* (owned): of the first entries of batches */
  guint n_pushed;
  guint n_taken;

  GMutex mutex; /* for what follows */
  GCond ready;
  int fds[MAX_OPEN]; /* (owned): of entry i at i % MAX_OPEN, from n_taken on */
};

/* Where the batch that begins with entry @start ends. */
static guint
find_end (OnwardContentAhead *self, guint start)
{
  guint64 bytes = 0;
  guint end = start;

  while (end < self->entries->len && end - start < BATCH_FILES && bytes < BATCH_BYTES)
    bytes += ((const OnwardTreeEntry *) g_ptr_array_index (self->entries, end++))->size;
  return end;
}

static int
open_entry (OnwardContentAhead *self, guint index, GCancellable *cancellable, GError **error)
{
  const OnwardTreeEntry *entry = g_ptr_array_index (self->entries, index);

  return onward_content_open (self->content, &entry->digest, entry->size, cancellable, error);
}

static void
open_batch (gpointer data, gpointer user_data)
{
  OnwardContentAhead *self = user_data;
  guint start = GPOINTER_TO_UINT (data) - 1;
  guint end = find_end (self, start);
  int fds[BATCH_FILES];

  for (guint i = start; i < end; i++)
    fds[i - start] = open_entry (self, i, self->stop, NULL);

  g_mutex_lock (&self->mutex);
  for (guint i = start; i < end; i++)
    self->fds[i % MAX_OPEN] = fds[i - start];
  g_cond_signal (&self->ready);
  g_mutex_unlock (&self->mutex);
}

static void
on_cancelled (GCancellable *cancellable, gpointer stop)
{
  g_cancellable_cancel (stop);
}

/**
 * onward_content_ahead_new:
 * @content: the content, to which nothing is added meanwhile
 * @entries: (element-type OnwardTreeEntry): whose content is wanted, in this order; not changed
 *   meanwhile
 * @cancellable: (nullable): stops in the middle
 *
 * Begins to open files.
 *
 * Returns: (transfer full): gives them out
 */
OnwardContentAhead *
onward_content_ahead_new (OnwardContent *content, GPtrArray *entries, GCancellable *cancellable)
{
  OnwardContentAhead *self = g_new0 (OnwardContentAhead, 1);
  int n_threads = (int) CLAMP (g_get_num_processors (), 1, MAX_THREADS);

  self->content = content;
  self->entries = g_ptr_array_ref (entries);
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  self->stop = g_cancellable_new ();
  if (cancellable != NULL)
    self->stopping =
        g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self->stop, NULL);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->ready);
  for (guint i = 0; i < MAX_OPEN; i++)
    self->fds[i] = AWAITED;

  self->pool = g_thread_pool_new (open_batch, self, n_threads, TRUE, NULL);
  return self;
}

/**
 * onward_content_ahead_free:
 * @self: (transfer full): what gives out files
 *
 * Frees @self, and closes what was not taken.
 */
void
onward_content_ahead_free (OnwardContentAhead *self)
{
  g_return_if_fail (self != NULL);

  g_cancellable_cancel (self->stop);
  g_thread_pool_free (self->pool, FALSE, TRUE);
  for (guint i = 0; i < MAX_OPEN; i++)
    if (self->fds[i] >= 0)
      onward_fd_close (self->fds[i]);

  g_cancellable_disconnect (self->cancellable, self->stopping);
  g_clear_object (&self->cancellable);
  g_object_unref (self->stop);
  g_ptr_array_unref (self->entries);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->ready);
  g_free (self);
}

static void
push_batches (OnwardContentAhead *self)
{
  guint end;

  while (self->n_pushed < self->entries->len &&
         (end = find_end (self, self->n_pushed)) - self->n_taken <= MAX_OPEN)
    {
      (void) g_thread_pool_push (self->pool, GUINT_TO_POINTER (self->n_pushed + 1), NULL);
      self->n_pushed = end;
    }
}

static int
wait_for_next (OnwardContentAhead *self)
{
  int *next = &self->fds[self->n_taken % MAX_OPEN];
  int fd;

  g_mutex_lock (&self->mutex);
  while (*next == AWAITED)
    g_cond_wait (&self->ready, &self->mutex);
  fd = *next;
  *next = AWAITED;
  g_mutex_unlock (&self->mutex);
  return fd;
}

/**
 * onward_content_ahead_take:
 * @self: what gives out files
 * @error: where to put ONWARD_ERROR; CORRUPT when no file has the content any more
 *
 * Waits for the next file. What could not be opened ahead is tried once more here, where it can be
 * told why. Blocking.
 *
 * Returns: an owned descriptor open for reading, or -1
 */
int
onward_content_ahead_take (OnwardContentAhead *self, GError **error)
{
  int fd = NONE;

  g_return_val_if_fail (self->n_taken < self->entries->len, -1);

  /* Without a thread, all of it is done here. */
  if (g_thread_pool_get_num_threads (self->pool) > 0)
    {
      push_batches (self);
      fd = wait_for_next (self);
    }
  self->n_taken++;
  return fd >= 0 ? fd : open_entry (self, self->n_taken - 1, self->cancellable, error);
}
