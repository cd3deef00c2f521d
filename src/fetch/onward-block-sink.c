/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-block-sink.h"

struct _OnwardBlockSink
{
  OnwardBlockFile *file; /* (owned) */
  OnwardRanges *allowed; /* (owned) (nullable): where it may write; NULL for everywhere */

  /* The block that is arriving: its beginning is in the file and in the hasher. */
  OnwardHasher *hasher; /* (owned) */
  gboolean has_begun;
  guint64 block;
  guint64 fill;
  gboolean is_mixed; /* whether its beginning came from elsewhere than its end */

  guint source;    /* of the beginning */
  char *validator; /* (owned) (nullable): the strong entity tag of the beginning */
};

/**
 * onward_block_sink_new:
 * @file: where the bytes go
 *
 * Returns: (transfer full): a sink for all of the file in which no block has begun
 */
OnwardBlockSink *
onward_block_sink_new (OnwardBlockFile *file)
{
  OnwardBlockSink *self = g_new0 (OnwardBlockSink, 1);

  self->file = onward_block_file_ref (file);
  self->hasher = onward_hasher_new ();
  self->source = ONWARD_BLOCK_SINK_NOBODY;
  return self;
}

/**
 * onward_block_sink_free:
 * @self: (nullable): a sink; what it stored stays
 */
void
onward_block_sink_free (OnwardBlockSink *self)
{
  if (self == NULL)
    return;
  onward_block_file_unref (self->file);
  g_clear_pointer (&self->allowed, onward_ranges_free);
  onward_hasher_free (self->hasher);
  g_free (self->validator);
  g_free (self);
}

/**
 * onward_block_sink_allow:
 * @allowed: whole blocks
 *
 * Tells which blocks are for this sink alone; others are passed over. That keeps what other
 * connections bring, and what is proven, from being overwritten.
 */
void
onward_block_sink_allow (OnwardBlockSink *self, const OnwardRanges *allowed)
{
  g_clear_pointer (&self->allowed, onward_ranges_free);
  self->allowed = onward_ranges_copy (allowed);
}

/**
 * onward_block_sink_drop_beginning:
 *
 * Forgets the beginning of the block that is arriving.
 */
void
onward_block_sink_drop_beginning (OnwardBlockSink *self)
{
  OnwardDigest unused;

  if (!self->has_begun)
    return;
  onward_hasher_finish (self->hasher, &unused);
  self->has_begun = FALSE;
  self->fill = 0;
}

static void
begin_block (OnwardBlockSink *self, guint64 block)
{
  onward_block_sink_drop_beginning (self);
  self->has_begun = TRUE;
  self->block = block;
  self->is_mixed = FALSE;
}

static gboolean
complete_block (OnwardBlockSink *self)
{
  self->has_begun = FALSE;
  self->fill = 0;
  return onward_block_file_is_right (self->file, self->block, self->hasher);
}

static void
judge_block (OnwardBlockSink *self, OnwardRange where, OnwardBlockResult *inout_result)
{
  if (complete_block (self))
    {
      onward_block_result_note_proven (inout_result, where);
      return;
    }
  inout_result->damaged++;
  if (!self->is_mixed)
    onward_block_result_note_bad (inout_result, where);
}

/* Bytes of one block only. Those that do not go on where the block stands are of no use. */
static gboolean
write_to_block (OnwardBlockSink *self, guint64 block, guint64 offset, const guint8 *data,
                gsize size, OnwardBlockResult *inout_result, GError **error)
{
  OnwardRange where = onward_block_grid_get_block (onward_block_file_get_grid (self->file), block);
  guint64 skip = 0;

  if (self->allowed != NULL && !onward_ranges_contain (self->allowed, where.start, where.end))
    return TRUE;
  if (offset == where.start && (!self->has_begun || self->block != block))
    begin_block (self, block);
  if (!self->has_begun || self->block != block || offset > where.start + self->fill)
    return TRUE;

  skip = where.start + self->fill - offset;
  if (skip >= size)
    return TRUE;
  if (!onward_block_file_write (self->file, offset + skip, data + skip, size - skip, error))
    return FALSE;
  onward_hasher_update (self->hasher, data + skip, size - skip);
  self->fill += size - skip;
  if (where.start + self->fill == where.end)
    judge_block (self, where, inout_result);
  return TRUE;
}

/**
 * onward_block_sink_write:
 * @offset: where in the file @data belongs
 * @data: the bytes
 * @size: how many
 * @inout_result: what came of it is added to this
 * @error: (nullable): where to put why they cannot be stored
 *
 * Stores and hashes what is new of @data. Bytes that are already there or not allowed are passed
 * over, so that an answer may begin anywhere.
 *
 * Returns: whether they are stored; a wrong digest is no error here. Errors: NO_SPACE and others of
 *   the file system.
 */
gboolean
onward_block_sink_write (OnwardBlockSink *self, guint64 offset, const guint8 *data, gsize size,
                         OnwardBlockResult *inout_result, GError **error)
{
  const OnwardBlockGrid *grid = onward_block_file_get_grid (self->file);

  while (size > 0 && offset < grid->size)
    {
      guint64 block = onward_block_grid_find (grid, offset);
      gsize piece = (gsize) MIN (onward_block_grid_get_block (grid, block).end - offset, size);

      if (!write_to_block (self, block, offset, data, piece, inout_result, error))
        return FALSE;
      offset += piece;
      data += piece;
      size -= piece;
    }
  return TRUE;
}

/**
 * onward_block_sink_reread:
 * @block: the number of a block
 * @end: how far it is said to be there: the byte after the last
 * @buffer: room to read into
 * @size: the size of @buffer
 * @cancellable: (nullable): stops it
 * @ret_is_proven: (out): whether the whole block is there and right
 * @error: (nullable): where to put why it cannot be read
 *
 * Takes the beginning of a block up from the file as if it had just arrived; a whole block is
 * judged.
 *
 * Returns: whether it was read
 */
gboolean
onward_block_sink_reread (OnwardBlockSink *self, guint64 block, guint64 end, guint8 *buffer,
                          gsize size, GCancellable *cancellable, gboolean *ret_is_proven,
                          GError **error)
{
  OnwardRange where = onward_block_grid_get_block (onward_block_file_get_grid (self->file), block);
  guint64 at = where.start;

  begin_block (self, block);
  self->is_mixed = TRUE;
  while (at < end)
    {
      gsize got = 0;

      if (!g_cancellable_set_error_if_cancelled (cancellable, error))
        got = onward_block_file_read (self->file, at, buffer, (gsize) MIN (size, end - at), error);
      if (got == 0)
        {
          onward_block_sink_drop_beginning (self);
          return FALSE;
        }
      onward_hasher_update (self->hasher, buffer, got);
      self->fill += got;
      at += got;
    }
  *ret_is_proven = end == where.end && complete_block (self);
  return TRUE;
}

/**
 * onward_block_sink_set_source:
 * @source: who sends what comes next
 * @validator: (nullable): the strong entity tag it gives the file
 *
 * Unless the same one sent the beginning of the block that is arriving, under the same tag, a wrong
 * digest of that block proves nothing against anybody.
 */
void
onward_block_sink_set_source (OnwardBlockSink *self, guint source, const char *validator)
{
  if (source != self->source || validator == NULL || g_strcmp0 (validator, self->validator) != 0)
    self->is_mixed = TRUE;
  self->source = source;
  g_free (self->validator);
  self->validator = g_strdup (validator);
}

/**
 * onward_block_sink_get_validator:
 * @source: who is asked next
 *
 * Returns: (transfer none) (nullable): the entity tag that what it sends has to have, to go on with
 *   what it sent before
 */
const char *
onward_block_sink_get_validator (OnwardBlockSink *self, guint source)
{
  return self->has_begun && self->source == source ? self->validator : NULL;
}

/**
 * onward_block_sink_get_beginning:
 * @ret_beginning: (out): where the beginning of the block that is arriving lies
 *
 * Returns: whether a block has begun
 */
gboolean
onward_block_sink_get_beginning (OnwardBlockSink *self, OnwardRange *ret_beginning)
{
  if (!self->has_begun || self->fill == 0)
    return FALSE;
  *ret_beginning =
      onward_block_grid_get_block (onward_block_file_get_grid (self->file), self->block);
  ret_beginning->end = ret_beginning->start + self->fill;
  return TRUE;
}
