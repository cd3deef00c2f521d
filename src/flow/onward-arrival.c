/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-arrival.h"
#include "onward-error.h"
#include "onward-fd.h"
#include "onward-part-file.h"

struct _OnwardArrival
{
  char *path;           /* (owned) */
  OnwardRanges *wanted; /* (owned): what will arrive */
  GMutex lock;
  GCond changed;
  OnwardRanges *proven; /* (owned) */
  guint n_news;         /* how often more has arrived */
  gboolean is_confirmed;
  int fd; /* (owned): or -1 before the first byte was read */
};

/**
 * onward_arrival_new:
 * @path: the file that the pack is fetched into; it need not be there yet
 * @wanted: what is fetched of it; copied
 *
 * Returns: (transfer full): a pack of which nothing is there
 */
OnwardArrival *
onward_arrival_new (const char *path, const OnwardRanges *wanted)
{
  OnwardArrival *self = g_new0 (OnwardArrival, 1);

  self->path = g_strdup (path);
  self->wanted = onward_ranges_copy (wanted);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->proven = onward_ranges_new ();
  self->fd = -1;
  return self;
}

/**
 * onward_arrival_free:
 * @self: (transfer full): a pack that nobody reads any more
 *
 * Frees it; the file stays.
 */
void
onward_arrival_free (OnwardArrival *self)
{
  if (self->fd >= 0)
    onward_fd_close (self->fd);
  onward_ranges_free (self->proven);
  onward_ranges_free (self->wanted);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_free (self->path);
  g_free (self);
}

/**
 * onward_arrival_prove:
 * @self: a pack
 * @proven: bytes that are in the file, in blocks whose digests were found right
 *
 * Tells what has arrived.
 */
void
onward_arrival_prove (OnwardArrival *self, const OnwardRanges *proven)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < onward_ranges_get_count (proven); i++)
    {
      const OnwardRange *range = onward_ranges_get (proven, i);

      onward_ranges_add (self->proven, range->start, range->end);
    }
  self->n_news++;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/**
 * onward_arrival_confirm:
 * @self: a pack
 *
 * Tells that what the pack makes may get its name.
 */
void
onward_arrival_confirm (OnwardArrival *self)
{
  g_mutex_lock (&self->lock);
  self->is_confirmed = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  OnwardArrival *self = user_data;

  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* What can be waited for, with the lock. */
typedef gboolean (*Condition) (OnwardArrival *self, gconstpointer data);

static gboolean
is_there (OnwardArrival *self, gconstpointer range)
{
  const OnwardRange *wanted = range;

  return onward_ranges_contain (self->proven, wanted->start, wanted->end);
}

static gboolean
is_news (OnwardArrival *self, gconstpointer seen)
{
  return self->n_news != *(const guint *) seen;
}

static gboolean
is_confirmed (OnwardArrival *self, gconstpointer unused)
{
  return self->is_confirmed;
}

static gboolean
wait_until (OnwardArrival *self, Condition condition, gconstpointer data, GCancellable *cancellable,
            GError **error)
{
  gulong handler = 0;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL);
  g_mutex_lock (&self->lock);
  while (!condition (self, data) && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
  g_cancellable_disconnect (cancellable, handler);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/**
 * onward_arrival_wait_confirmed:
 * @self: a pack
 * @cancellable: (nullable): ends the wait
 * @error: return location
 *
 * Blocks until onward_arrival_confirm(). Returns: %FALSE with `G_IO_ERROR_CANCELLED`
 */
gboolean
onward_arrival_wait_confirmed (OnwardArrival *self, GCancellable *cancellable, GError **error)
{
  return wait_until (self, is_confirmed, NULL, cancellable, error);
}

/* An OnwardPackSupply's. */
static gboolean
has (guint64 start, guint64 end, gpointer user_data)
{
  OnwardArrival *self = user_data;
  gboolean is_here;

  g_mutex_lock (&self->lock);
  is_here = onward_ranges_contain (self->proven, start, end);
  g_mutex_unlock (&self->lock);
  return is_here || !onward_ranges_contain (self->wanted, start, end);
}

/* An OnwardPackSupply's. */
static gboolean
wait_for_news (guint *inout_seen, gpointer user_data, GCancellable *cancellable, GError **error)
{
  OnwardArrival *self = user_data;

  if (!wait_until (self, is_news, inout_seen, cancellable, error))
    return FALSE;

  g_mutex_lock (&self->lock);
  *inout_seen = self->n_news;
  g_mutex_unlock (&self->lock);
  return TRUE;
}

/* A download may begin by putting a new file in place of one that the disk does not give back, so
 * the file is opened when the first of its bytes are known to be right. */
static int
open_file (OnwardArrival *self, GError **error)
{
  int fd;

  g_mutex_lock (&self->lock);
  if (self->fd < 0)
    self->fd = onward_part_file_open (self->path, error);
  fd = self->fd;
  g_mutex_unlock (&self->lock);
  return fd;
}

/* An OnwardPackSupply's. */
static int
wait_for_bytes (guint64 start, guint64 end, gpointer user_data, GCancellable *cancellable,
                GError **error)
{
  OnwardArrival *self = user_data;
  const OnwardRange range = { start, end };

  if (!onward_ranges_contain (self->wanted, start, end))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
                   "Reading “%s”: bytes from %" G_GUINT64_FORMAT " on were not fetched", self->path,
                   start);
      return -1;
    }
  return wait_until (self, is_there, &range, cancellable, error) ? open_file (self, error) : -1;
}

/**
 * onward_arrival_open:
 * @self: a pack, which must outlive the reader
 * @head: its head
 *
 * Returns: (transfer full): a reader that waits for what it needs; nothing is opened yet
 */
OnwardPackReader *
onward_arrival_open (OnwardArrival *self, OnwardPackHead *head)
{
  const OnwardPackSupply supply = { has, wait_for_bytes, wait_for_news, self };

  return onward_pack_reader_new_arriving (&supply, head);
}
