/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-file.h"
#include "onward-hasher.h"
#include "onward-sparse.h"
#include "onward-unpack-frame.h"

/* One file on its way out of a frame. */
typedef struct
{
  const OnwardTreeEntry *entry;
  guint64 offset; /* where it begins in the frame */

  int fd;               /* (owned): or -1 before its first byte and after its last */
  OnwardHasher *hasher; /* (owned) (nullable) */
} Output;

/* The outputs of one frame, by offset; those before @first are finished. */
typedef struct
{
  OnwardStager *stager;
  GMutex *lock;
  GArray *outputs;
  guint first;
} Distribution;

static void
clear_output (gpointer data)
{
  Output *output = data;

  g_clear_pointer (&output->hasher, onward_hasher_free);
  if (output->fd >= 0)
    onward_fd_close (output->fd);
  output->fd = -1;
}

static int
compare_outputs (gconstpointer a, gconstpointer b)
{
  const Output *left = a;
  const Output *right = b;

  return (left->offset > right->offset) - (left->offset < right->offset);
}

/* Content that differs cannot lie in the same place, so each output ends before the next begins. */
static gboolean
check_layout (const GArray *outputs, guint64 frame_size, GError **error)
{
  guint64 end = 0;

  for (guint i = 0; i < outputs->len; i++)
    {
      const Output *output = &g_array_index (outputs, Output, i);
      guint64 size = output->entry->size;

      if (output->offset < end || output->offset > frame_size || size > frame_size - output->offset)
        {
          g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                       "Unpacking “%s”: it lies outside its place in the pack",
                       output->entry->path);
          return FALSE;
        }
      end = output->offset + size;
    }

  return TRUE;
}

static GArray *
plan_outputs (OnwardPackHead *head, const GPtrArray *entries)
{
  GArray *outputs = g_array_new (FALSE, TRUE, sizeof (Output));

  g_array_set_clear_func (outputs, clear_output);
  for (guint i = 0; i < entries->len; i++)
    {
      Output output = { g_ptr_array_index (entries, i), 0, -1, NULL };
      guint unused;

      (void) onward_pack_head_locate (head, output.entry, &unused, &output.offset);
      g_array_append_val (outputs, output);
    }

  g_array_sort (outputs, compare_outputs);
  return outputs;
}

static gboolean
finish_output (Distribution *self, Output *output, GError **error)
{
  OnwardDigest digest;
  gboolean ok;

  onward_hasher_finish (output->hasher, &digest);
  g_mutex_lock (self->lock);
  ok = onward_stager_finish_file (self->stager, output->entry, output->fd, &digest, error);
  g_mutex_unlock (self->lock);
  if (!ok)
    return FALSE;

  clear_output (output);
  self->first++;
  return TRUE;
}

static gboolean
begin_output (Distribution *self, Output *output, GError **error)
{
  g_mutex_lock (self->lock);
  output->fd = onward_stager_create_file (self->stager, output->entry, error);
  g_mutex_unlock (self->lock);
  if (output->fd >= 0)
    output->hasher = onward_hasher_new ();
  return output->fd >= 0;
}

/* Writes what of the piece belongs to this output. */
static gboolean
feed_output (Distribution *self, Output *output, guint64 offset, const guint8 *data, gsize size,
             GError **error)
{
  guint64 end = output->offset + output->entry->size;
  guint64 start = MAX (offset, output->offset);
  guint64 stop = MIN (offset + size, end);
  const guint8 *piece = data + (start - offset);

  if (output->fd < 0 && !begin_output (self, output, error))
    return FALSE;
  if (!onward_sparse_write (output->fd, piece, (gsize) (stop - start), error))
    {
      g_prefix_error (error, "Unpacking “%s”: ", output->entry->path);
      return FALSE;
    }
  onward_hasher_update (output->hasher, piece, (gsize) (stop - start));
  return stop < end || finish_output (self, output, error);
}

static gboolean
distribute (guint64 offset, gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  Distribution *self = user_data;

  while (self->first < self->outputs->len)
    {
      guint before = self->first;
      Output *output = &g_array_index (self->outputs, Output, before);

      if (output->offset >= offset + size)
        break;
      if (!feed_output (self, output, offset, data, size, error))
        return FALSE;
      if (self->first == before)
        break;
    }

  return TRUE;
}

/* A frame that ended early would leave files behind that are neither there nor reported. */
static gboolean
check_all_finished (const Distribution *self, GError **error)
{
  const Output *output;

  if (self->first == self->outputs->len)
    return TRUE;

  output = &g_array_index (self->outputs, Output, self->first);
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
               "Unpacking “%s”: the pack ends before it does", output->entry->path);
  return FALSE;
}

static void
abandon_unfinished (const Distribution *self)
{
  g_mutex_lock (self->lock);
  if (self->first < self->outputs->len)
    onward_stager_abandon_file (self->stager,
                                g_array_index (self->outputs, Output, self->first).entry);
  g_mutex_unlock (self->lock);
}

/**
 * onward_unpack_frame:
 * @reader: a pack
 * @frame: which of its frames
 * @entries: (element-type OnwardTreeEntry): files that are wanted of it
 * @stager: where they go
 * @lock: held while @stager is used, as other frames may be unpacked at the same time
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR; CORRUPT when bytes differ from their digest
 *
 * Reads a frame once, from its beginning to its end, and writes every file wanted of it on the way.
 * Blocking.
 *
 * Returns: whether all of them are done
 */
gboolean
onward_unpack_frame (OnwardPackReader *reader, guint frame, const GPtrArray *entries,
                     OnwardStager *stager, GMutex *lock, GCancellable *cancellable, GError **error)
{
  OnwardPackHead *head = onward_pack_reader_get_head (reader);
  g_autoptr (GArray) outputs = plan_outputs (head, entries);
  Distribution distribution = { stager, lock, outputs, 0 };

  if (check_layout (outputs, onward_pack_head_get_frame (head, frame)->size, error) &&
      onward_pack_reader_read_frame (reader, frame, distribute, &distribution, cancellable,
                                     error) &&
      check_all_finished (&distribution, error))
    return TRUE;

  abandon_unfinished (&distribution);
  return FALSE;
}
