/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <sys/mman.h>

#include "onward-delta.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-frame-codec.h"
#include "onward-pack-reader.h"
#include "onward-spool.h"

struct _OnwardPackReader
{
  int fd;                       /* (owned): or -1 */
  OnwardPackSupply supply;      /* of what is still on its way, else empty */
  OnwardPackHead *head;         /* (owned) (not nullable) */
  OnwardReferenceSource source; /* (nullable) */
  gpointer source_data;
  int scratch_dirfd; /* (unowned): or -1 */
};

typedef struct
{
  gpointer address;
  gsize size;
} Mapping;

/* A frame that is read while it arrives. */
typedef struct
{
  OnwardPackReader *reader;
  const OnwardFrame *frame;
} Arriving;

/* Tells the reader's sink where each piece belongs. */
typedef struct
{
  OnwardFrameSink sink;
  gpointer user_data;
  guint64 offset;
} Output;

/**
 * onward_pack_reader_new:
 * @fd: (transfer full): the pack, open for reading
 * @head: its head
 *
 * Returns: (transfer full): a reader for the frames of @fd
 */
OnwardPackReader *
onward_pack_reader_new (int fd, OnwardPackHead *head)
{
  OnwardPackReader *self;

  g_return_val_if_fail (fd >= 0, NULL);
  g_return_val_if_fail (head != NULL, NULL);

  self = g_new0 (OnwardPackReader, 1);
  self->fd = fd;
  self->head = onward_pack_head_ref (head);
  self->scratch_dirfd = -1;
  return self;
}

/**
 * onward_pack_reader_new_arriving:
 * @supply: tells what of the pack is there; its data must outlive the reader
 * @head: its head
 *
 * Returns: (transfer full): a reader for the frames of a pack that is still on its way
 */
OnwardPackReader *
onward_pack_reader_new_arriving (const OnwardPackSupply *supply, OnwardPackHead *head)
{
  OnwardPackReader *self;

  g_return_val_if_fail (supply != NULL, NULL);
  g_return_val_if_fail (head != NULL, NULL);

  self = g_new0 (OnwardPackReader, 1);
  self->fd = -1;
  self->supply = *supply;
  self->head = onward_pack_head_ref (head);
  self->scratch_dirfd = -1;
  return self;
}

/**
 * onward_pack_reader_free:
 * @self: (transfer full) (nullable): a reader
 *
 * Closes the pack.
 */
void
onward_pack_reader_free (OnwardPackReader *self)
{
  if (self == NULL)
    return;

  if (self->fd >= 0)
    onward_fd_close (self->fd);
  onward_pack_head_unref (self->head);
  g_free (self);
}

/**
 * onward_pack_reader_get_head:
 * @self: a reader
 *
 * Returns: (transfer none): the pack's head
 */
OnwardPackHead *
onward_pack_reader_get_head (OnwardPackReader *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->head;
}

/**
 * onward_pack_reader_set_source:
 * @self: a reader
 * @source: (nullable): gives the old content that delta frames refer to
 * @user_data: for @source
 *
 * Sets where old content comes from. A full pack needs none.
 */
void
onward_pack_reader_set_source (OnwardPackReader *self, OnwardReferenceSource source,
                               gpointer user_data)
{
  g_return_if_fail (self != NULL);

  self->source = source;
  self->source_data = user_data;
}

/**
 * onward_pack_reader_set_scratch:
 * @self: a reader
 * @dirfd: a folder that must outlive its use, or -1
 *
 * Sets on whose disk deltas keep what they inflate of old content, in nameless files. Without, it
 * takes memory.
 */
void
onward_pack_reader_set_scratch (OnwardPackReader *self, int dirfd)
{
  g_return_if_fail (self != NULL);

  self->scratch_dirfd = dirfd;
}

static void
unmap (gpointer data)
{
  Mapping *mapping = data;

  (void) munmap (mapping->address, mapping->size);
  g_free (mapping);
}

/* A borrowed descriptor of the pack, of which the first @size bytes of the frame are there. */
static int
wait_for_bytes (OnwardPackReader *self, const OnwardFrame *frame, guint64 size,
                GCancellable *cancellable, GError **error)
{
  if (self->supply.wait == NULL)
    return self->fd;

  return self->supply.wait (frame->offset, frame->offset + size, self->supply.user_data,
                            cancellable, error);
}

/* The frame's bytes as they stand in the file: mapped, so they take no memory of ours. */
static GBytes *
map_frame (int fd, const OnwardFrame *frame, GError **error)
{
  guint64 page = (guint64) sysconf (_SC_PAGESIZE);
  guint64 start = frame->offset - frame->offset % page;
  gsize lead = (gsize) (frame->offset - start);
  struct stat info;
  Mapping *mapping;
  gpointer address;

  if (fstat (fd, &info) != 0)
    {
      onward_file_set_error (error, errno, "Reading", "pack");
      return NULL;
    }
  if ((guint64) info.st_size < frame->offset + frame->stored_size)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT, "The pack is cut off");
      return NULL;
    }

  address = mmap (NULL, lead + frame->stored_size, PROT_READ, MAP_PRIVATE, fd, (off_t) start);
  if (address == MAP_FAILED)
    {
      onward_file_set_error (error, errno, "Mapping", "pack");
      return NULL;
    }

  mapping = g_new (Mapping, 1);
  mapping->address = address;
  mapping->size = lead + frame->stored_size;
  return g_bytes_new_with_free_func ((const guint8 *) address + lead, frame->stored_size, unmap,
                                     mapping);
}

static gboolean
emit (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  Output *output = user_data;

  if (!output->sink (output->offset, data, size, output->user_data, error))
    return FALSE;

  output->offset += size;
  return TRUE;
}

static gboolean
wait_for_input (gsize end, gpointer user_data, GCancellable *cancellable, GError **error)
{
  Arriving *self = user_data;

  return wait_for_bytes (self->reader, self->frame, end, cancellable, error) >= 0;
}

/* Goes on with what is there while the rest arrives. */
static gboolean
read_compressed (OnwardPackReader *self, const OnwardFrame *frame, Output *output,
                 GCancellable *cancellable, GError **error)
{
  Arriving arriving = { self, frame };
  OnwardDeltaInput input = { NULL, wait_for_input, &arriving };
  g_autoptr (GBytes) stored = NULL;
  int fd = wait_for_bytes (self, frame, 1, cancellable, error);

  if (fd >= 0)
    stored = map_frame (fd, frame, error);
  if (stored == NULL)
    return FALSE;

  input.bytes = stored;
  return onward_frame_codec_decode (frame->method, &input, frame->size, emit, output, cancellable,
                                    error);
}

static GBytes *
finish_scratch (gpointer spool, GError **error)
{
  return onward_spool_map (spool, error);
}

static gboolean
apply_delta (OnwardPackReader *self, GPtrArray *contents, const OnwardFrame *frame, GBytes *stored,
             Output *output, GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardSpool) spool = NULL;
  OnwardDeltaScratch scratch = { onward_spool_write, finish_scratch, NULL };

  if (self->scratch_dirfd >= 0)
    {
      spool = onward_spool_new_at (self->scratch_dirfd, G_MAXUINT64, error);
      if (spool == NULL)
        return FALSE;
    }

  scratch.user_data = spool;
  return onward_delta_apply_with_scratch (contents, stored, frame->size,
                                          spool != NULL ? &scratch : NULL, emit, output,
                                          cancellable, error);
}

/* The first byte of a delta's output needs the beginnings of all its streams, which lie behind one
 * another: what it starts from is looked for while it arrives, and it is applied when it has. */
static gboolean
read_delta (OnwardPackReader *self, const OnwardFrame *frame, Output *output,
            GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) contents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) stored = NULL;
  int fd;

  if (self->source == NULL)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                           "There is no old content to start from");
      return FALSE;
    }

  for (guint i = 0; i < frame->references->len; i++)
    {
      const OnwardReference *reference = &g_array_index (frame->references, OnwardReference, i);
      GBytes *content =
          self->source (&reference->digest, reference->size, self->source_data, error);

      if (content == NULL)
        return FALSE;
      g_ptr_array_add (contents, content);
    }

  fd = wait_for_bytes (self, frame, frame->stored_size, cancellable, error);
  if (fd >= 0)
    stored = map_frame (fd, frame, error);
  return stored != NULL && apply_delta (self, contents, frame, stored, output, cancellable, error);
}

/* Whether the first @size bytes of the frame can be read at once. */
static gboolean
has_bytes (OnwardPackReader *self, const OnwardFrame *frame, guint64 size)
{
  return self->supply.has == NULL ||
         self->supply.has (frame->offset, frame->offset + size, self->supply.user_data);
}

/**
 * onward_pack_reader_has_frame:
 * @self: a reader
 * @index: a frame of the pack's head
 *
 * Returns: whether the frame can be read without waiting for it to arrive
 */
gboolean
onward_pack_reader_has_frame (OnwardPackReader *self, guint index)
{
  const OnwardFrame *frame;

  g_return_val_if_fail (self != NULL, FALSE);

  frame = onward_pack_head_get_frame (self->head, index);
  g_return_val_if_fail (frame != NULL, FALSE);

  return has_bytes (self, frame, frame->stored_size);
}

/**
 * onward_pack_reader_can_begin:
 * @self: a reader
 * @index: a frame of the pack's head
 *
 * Returns: whether reading the frame would begin with something else than waiting for it: its first
 *   bytes are there, or it is a delta, for which old content is read first
 */
gboolean
onward_pack_reader_can_begin (OnwardPackReader *self, guint index)
{
  const OnwardFrame *frame;

  g_return_val_if_fail (self != NULL, FALSE);

  frame = onward_pack_head_get_frame (self->head, index);
  g_return_val_if_fail (frame != NULL, FALSE);

  return frame->references != NULL || has_bytes (self, frame, 1);
}

/**
 * onward_pack_reader_wait_news:
 * @self: a reader of which some frame cannot begin
 * @inout_seen: (inout): what has been looked at; 0 before the first call
 * @cancellable: (nullable): ends the wait
 * @error: return location for an error
 *
 * Waits until more of the pack has arrived than was there when @inout_seen was given. Blocking.
 *
 * Returns: FALSE when nothing more will arrive
 */
gboolean
onward_pack_reader_wait_news (OnwardPackReader *self, guint *inout_seen, GCancellable *cancellable,
                              GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (self->supply.wait_news != NULL, FALSE);

  return self->supply.wait_news (inout_seen, self->supply.user_data, cancellable, error);
}

/**
 * onward_pack_reader_read_frame:
 * @self: a reader
 * @index: a frame of the pack's head
 * @sink: receives the frame's content in consecutive pieces
 * @user_data: for @sink
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Uncompresses one frame in bounded memory. The rest of the pack need not be there: holes do no
 * harm. What comes out is only as good as the frame's bytes: the caller checks each file's digest.
 * Blocking.
 *
 * Returns: whether exactly the frame's size was emitted
 */
gboolean
onward_pack_reader_read_frame (OnwardPackReader *self, guint index, OnwardFrameSink sink,
                               gpointer user_data, GCancellable *cancellable, GError **error)
{
  Output output = { sink, user_data, 0 };
  const OnwardFrame *frame;
  gboolean ok;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (sink != NULL, FALSE);

  frame = onward_pack_head_get_frame (self->head, index);
  g_return_val_if_fail (frame != NULL, FALSE);

  if (frame->references != NULL)
    ok = read_delta (self, frame, &output, cancellable, error);
  else
    ok = read_compressed (self, frame, &output, cancellable, error);
  if (!ok)
    g_prefix_error (error, "Unpacking frame %u: ", index);
  return ok;
}
