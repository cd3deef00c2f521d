/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-unpack-frame.h"
#include "onward-unpack.h"

struct _OnwardUnpack
{
  OnwardPackReader *reader; /* (unowned) */
  OnwardStager *stager;     /* (unowned) */
  GHashTable *frames;       /* (owned): frame → GPtrArray of OnwardTreeEntry */
};

/* Frames on their way out of a pack, by the caller's thread and perhaps another one. */
typedef struct
{
  OnwardUnpack *unpack;
  GCancellable *stop; /* (owned): for the caller's reason or ours */
  GMutex stager_lock; /* held while the stager is used */

  GMutex lock;
  GArray *left;  /* (owned): of guint, in the order of the pack */
  GError *error; /* (owned) (nullable): the first */
} Work;

static void
free_entries (gpointer data)
{
  g_ptr_array_unref (data);
}

/**
 * onward_unpack_new:
 * @reader: a pack; used until @self is freed
 * @stager: where its files go; used until @self is freed
 *
 * Returns: (transfer full): an unpack that wants nothing yet
 */
OnwardUnpack *
onward_unpack_new (OnwardPackReader *reader, OnwardStager *stager)
{
  OnwardUnpack *self = g_new0 (OnwardUnpack, 1);

  self->reader = reader;
  self->stager = stager;
  self->frames = g_hash_table_new_full (NULL, NULL, NULL, free_entries);
  return self;
}

/**
 * onward_unpack_free:
 * @self: (transfer full): an unpack
 *
 * Frees @self.
 */
void
onward_unpack_free (OnwardUnpack *self)
{
  g_return_if_fail (self != NULL);

  g_hash_table_unref (self->frames);
  g_free (self);
}

/**
 * onward_unpack_add:
 * @self: an unpack
 * @entry: a file of the pack's tree
 * @error: where to put ONWARD_ERROR; CORRUPT when the pack does not carry the file
 *
 * Wants the content of a file.
 *
 * Returns: FALSE when it cannot come from this pack
 */
gboolean
onward_unpack_add (OnwardUnpack *self, const OnwardTreeEntry *entry, GError **error)
{
  OnwardPackHead *head = onward_pack_reader_get_head (self->reader);
  GPtrArray *entries;
  guint64 offset = 0;
  guint frame = 0;

  if (!onward_pack_head_locate (head, entry, &frame, &offset))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
                   "Unpacking “%s”: this pack does not carry it, and the installed version no "
                   "longer has it",
                   entry->path);
      return FALSE;
    }

  entries = g_hash_table_lookup (self->frames, GUINT_TO_POINTER (frame));
  if (entries == NULL)
    {
      entries = g_ptr_array_new ();
      g_hash_table_insert (self->frames, GUINT_TO_POINTER (frame), entries);
    }
  g_ptr_array_add (entries, (gpointer) entry);
  return TRUE;
}

static int
compare_frames (gconstpointer a, gconstpointer b)
{
  guint left = *(const guint *) a;
  guint right = *(const guint *) b;

  return (left > right) - (left < right);
}

static GArray *
list_frames (OnwardUnpack *self)
{
  GArray *frames = g_array_new (FALSE, FALSE, sizeof (guint));
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->frames);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      guint frame = GPOINTER_TO_UINT (key);

      g_array_append_val (frames, frame);
    }

  g_array_sort (frames, compare_frames);
  return frames;
}

/* With the lock: the first of the frames left that is there, else the first that can begin; or
 * their number. */
static guint
find_next (const Work *work)
{
  OnwardPackReader *reader = work->unpack->reader;
  guint n_left = work->left->len;
  guint next = n_left;

  for (guint i = 0; i < n_left; i++)
    {
      guint frame = g_array_index (work->left, guint, i);

      if (onward_pack_reader_has_frame (reader, frame))
        return i;
      if (next == n_left && onward_pack_reader_can_begin (reader, frame))
        next = i;
    }
  return next;
}

/* Takes a frame out of those that are left. @ret_is_left: whether one was or will be to be had */
static gboolean
take_frame (Work *work, guint *ret_frame, gboolean *ret_is_left)
{
  gboolean is_taken = FALSE;
  guint next;

  g_mutex_lock (&work->lock);
  *ret_is_left = work->error == NULL && work->left->len > 0;
  next = find_next (work);
  if (*ret_is_left && next < work->left->len)
    {
      *ret_frame = g_array_index (work->left, guint, next);
      g_array_remove_index (work->left, next);
      is_taken = TRUE;
    }
  g_mutex_unlock (&work->lock);
  return is_taken;
}

/* What fails first is told, and ends the rest. */
static void
fail (Work *work, GError *error)
{
  g_autoptr (GError) reason = error;

  g_mutex_lock (&work->lock);
  if (work->error == NULL)
    work->error = g_steal_pointer (&reason);
  g_mutex_unlock (&work->lock);
  g_cancellable_cancel (work->stop);
}

static void
unpack_frame (Work *work, guint frame)
{
  const OnwardUnpack *unpack = work->unpack;
  GError *error = NULL;

  if (!onward_unpack_frame (unpack->reader, frame,
                            g_hash_table_lookup (unpack->frames, GUINT_TO_POINTER (frame)),
                            unpack->stager, &work->stager_lock, work->stop, &error))
    fail (work, error);
}

/* Unpacks as long as something is left that nobody else does. Nobody waits for a frame of which
 * nothing has come as long as another one could be begun. */
static gpointer
unpack_frames (gpointer user_data)
{
  Work *work = user_data;
  gboolean is_left = TRUE;
  guint seen = 0;
  guint frame;

  while (is_left)
    {
      GError *error = NULL;

      if (take_frame (work, &frame, &is_left))
        unpack_frame (work, frame);
      else if (is_left &&
               !onward_pack_reader_wait_news (work->unpack->reader, &seen, work->stop, &error))
        fail (work, error);
    }
  return NULL;
}

/* A delta takes as much memory as is to be had, and reads the old content. */
static gboolean
may_be_helped (OnwardUnpack *self, const GArray *frames)
{
  OnwardPackHead *head = onward_pack_reader_get_head (self->reader);

  for (guint i = 0; i < frames->len; i++)
    if (onward_pack_head_get_frame (head, g_array_index (frames, guint, i))->references != NULL)
      return FALSE;
  return frames->len > 1 && g_get_num_processors () > 1;
}

static void
on_cancelled (GCancellable *cancellable, gpointer stop)
{
  g_cancellable_cancel (stop);
}

static void
work_init (Work *work, OnwardUnpack *unpack)
{
  work->unpack = unpack;
  work->left = list_frames (unpack);
  work->stop = g_cancellable_new ();
  g_mutex_init (&work->lock);
  g_mutex_init (&work->stager_lock);
}

static void
work_clear (Work *work)
{
  g_array_unref (work->left);
  g_object_unref (work->stop);
  g_mutex_clear (&work->lock);
  g_mutex_clear (&work->stager_lock);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

/**
 * onward_unpack_run:
 * @self: an unpack
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR; CORRUPT when bytes differ from their digest
 *
 * Reads each frame that holds something wanted once, in the order of the pack, or of their arrival
 * when it is still on its way. Where there are two cores, two frames at a time are read, each with
 * a window of at most 16 MiB; deltas one by one. Files that are complete stay when a later one
 * fails. Blocking.
 *
 * Returns: whether all that is wanted is done
 */
gboolean
onward_unpack_run (OnwardUnpack *self, GCancellable *cancellable, GError **error)
{
  g_auto (Work) work = { 0 };
  GThread *helper = NULL;
  gulong handler = 0;

  work_init (&work, self);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled),
                                     g_object_ref (work.stop), g_object_unref);
  /* Where no thread can be made, all of it is done here. */
  if (may_be_helped (self, work.left))
    helper = g_thread_try_new ("unpack", unpack_frames, &work, NULL);
  (void) unpack_frames (&work);
  g_clear_pointer (&helper, g_thread_join);
  g_cancellable_disconnect (cancellable, handler);

  if (work.error != NULL)
    g_propagate_error (error, work.error);
  return work.error == NULL;
}
