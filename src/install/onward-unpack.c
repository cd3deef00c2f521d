/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-file.h"
#include "onward-hasher.h"
#include "onward-unpack.h"

struct _OnwardUnpack
{
  OnwardPackReader *reader; /* (unowned) */
  OnwardStager *stager;     /* (unowned) */
  GHashTable *frames;       /* (owned): frame → GPtrArray of OnwardTreeEntry */
};

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
  GArray *outputs;
  guint first;
} Distribution;

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
plan_outputs (OnwardUnpack *self, guint frame)
{
  GArray *outputs = g_array_new (FALSE, TRUE, sizeof (Output));
  const GPtrArray *entries = g_hash_table_lookup (self->frames, GUINT_TO_POINTER (frame));
  OnwardPackHead *head = onward_pack_reader_get_head (self->reader);

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

  onward_hasher_finish (output->hasher, &digest);
  if (!onward_stager_finish_file (self->stager, output->entry, output->fd, &digest, error))
    return FALSE;

  clear_output (output);
  self->first++;
  return TRUE;
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

  if (output->fd < 0)
    {
      output->fd = onward_stager_create_file (self->stager, output->entry, error);
      if (output->fd < 0)
        return FALSE;
      output->hasher = onward_hasher_new ();
    }

  if (!onward_file_write_all (output->fd, piece, (gsize) (stop - start), error))
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
  if (self->first < self->outputs->len)
    onward_stager_abandon_file (self->stager,
                                g_array_index (self->outputs, Output, self->first).entry);
}

/* Reads a frame once, from its beginning to its end, and writes every file wanted of it on the
 * way. */
static gboolean
unpack_frame (OnwardUnpack *self, guint frame, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) outputs = plan_outputs (self, frame);
  Distribution distribution = { self->stager, outputs, 0 };
  OnwardPackHead *head = onward_pack_reader_get_head (self->reader);

  if (check_layout (outputs, onward_pack_head_get_frame (head, frame)->size, error) &&
      onward_pack_reader_read_frame (self->reader, frame, distribute, &distribution, cancellable,
                                     error) &&
      check_all_finished (&distribution, error))
    return TRUE;

  abandon_unfinished (&distribution);
  return FALSE;
}

/* Which of the frames that are left is next: one that is there goes before one on its way. */
static guint
choose_frame (OnwardUnpack *self, const GArray *frames)
{
  for (guint i = 0; i < frames->len; i++)
    if (onward_pack_reader_has_frame (self->reader, g_array_index (frames, guint, i)))
      return i;

  return 0;
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

/**
 * onward_unpack_run:
 * @self: an unpack
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR; CORRUPT when bytes differ from their digest
 *
 * Reads each frame that holds something wanted once, in the order of the pack, or of their arrival
 * when it is still on its way. Files that are complete stay when a later one fails. Blocking.
 *
 * Returns: whether all that is wanted is done
 */
gboolean
onward_unpack_run (OnwardUnpack *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) frames = list_frames (self);

  while (frames->len > 0)
    {
      guint next = choose_frame (self, frames);

      if (!unpack_frame (self, g_array_index (frames, guint, next), cancellable, error))
        return FALSE;
      g_array_remove_index (frames, next);
    }

  return TRUE;
}
