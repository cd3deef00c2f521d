/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-block-sink.h"
#include "onward-worker-pair.h"

/* What is less is stored and hashed before another thread would have woken up. */
#define WORTH_A_THREAD (64 * 1024)

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

/* Bytes of one block that go on where it stands. */
typedef struct
{
  guint64 block;
  guint64 offset;
  const guint8 *data;
  gsize size;
  gboolean is_last; /* whether the block is complete with them */
  gboolean is_mixed;
} Piece;

/* What of an answer is new, to be stored and hashed, in any order or at the same time. */
typedef struct
{
  OnwardBlockSink *sink;
  GArray *pieces;           /* (owned) (element-type Piece): in the order of the file */
  OnwardBlockResult result; /* (owned) */
  guint64 stored_end;       /* up to where it is stored */
  GError *error;            /* (owned) (nullable): why the rest is not */
} Intake;

static void
judge_block (OnwardBlockSink *self, const Piece *piece, OnwardBlockResult *inout_result)
{
  OnwardRange where =
      onward_block_grid_get_block (onward_block_file_get_grid (self->file), piece->block);

  if (onward_block_file_is_right (self->file, piece->block, self->hasher))
    {
      onward_block_result_note_proven (inout_result, where);
      return;
    }
  inout_result->damaged++;
  if (!piece->is_mixed)
    onward_block_result_note_bad (inout_result, where);
}

/* Bytes of one block only. Those that do not go on where the block stands are of no use. */
static void
add_piece (Intake *self, guint64 block, guint64 offset, const guint8 *data, gsize size)
{
  OnwardBlockSink *sink = self->sink;
  OnwardRange where = onward_block_grid_get_block (onward_block_file_get_grid (sink->file), block);
  Piece piece = { .block = block };
  guint64 skip = 0;

  if (sink->allowed != NULL && !onward_ranges_contain (sink->allowed, where.start, where.end))
    return;
  if (offset == where.start && (!sink->has_begun || sink->block != block))
    begin_block (sink, block);
  if (!sink->has_begun || sink->block != block || offset > where.start + sink->fill)
    return;

  skip = where.start + sink->fill - offset;
  if (skip >= size)
    return;
  piece.offset = offset + skip;
  piece.data = data + skip;
  piece.size = size - skip;
  piece.is_last = piece.offset + piece.size == where.end;
  piece.is_mixed = sink->is_mixed;
  g_array_append_val (self->pieces, piece);
  sink->has_begun = !piece.is_last;
  sink->fill = piece.is_last ? 0 : sink->fill + piece.size;
}

static void
hash_pieces (gpointer data)
{
  Intake *self = data;

  for (guint i = 0; i < self->pieces->len; i++)
    {
      const Piece *piece = &g_array_index (self->pieces, Piece, i);

      onward_hasher_update (self->sink->hasher, piece->data, piece->size);
      if (piece->is_last)
        judge_block (self->sink, piece, &self->result);
    }
}

static void
store_pieces (gpointer data)
{
  Intake *self = data;

  for (guint i = 0; i < self->pieces->len && self->error == NULL; i++)
    {
      const Piece *piece = &g_array_index (self->pieces, Piece, i);

      if (onward_block_file_write (self->sink->file, piece->offset, piece->data, piece->size,
                                   &self->error))
        self->stored_end = piece->offset + piece->size;
    }
}

/* What could not be stored proves nothing, nor does the beginning of the block it lies in. */
static void
give_up_rest (Intake *self)
{
  guint32 block_size = onward_block_file_get_grid (self->sink->file)->block_size;
  guint64 end = self->stored_end - self->stored_end % block_size;

  onward_block_sink_drop_beginning (self->sink);
  if (self->result.proven == NULL)
    return;
  onward_ranges_subtract (self->result.proven, end, G_MAXUINT64);
  if (onward_ranges_get_count (self->result.proven) == 0)
    g_clear_pointer (&self->result.proven, onward_ranges_free);
}

/**
 * onward_block_sink_write:
 * @offset: where in the file @data belongs
 * @data: the bytes
 * @size: how many
 * @inout_result: what came of it is added to this
 * @error: (nullable): where to put why they cannot be stored
 *
 * Stores and hashes what is new of @data, both at the same time when it is much. Bytes that are
 * already there or not allowed are passed over, so that an answer may begin anywhere.
 *
 * Returns: whether they are stored; a wrong digest is no error here. Errors: NO_SPACE and others of
 *   the file system.
 */
gboolean
onward_block_sink_write (OnwardBlockSink *self, guint64 offset, const guint8 *data, gsize size,
                         OnwardBlockResult *inout_result, GError **error)
{
  const OnwardBlockGrid *grid = onward_block_file_get_grid (self->file);
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  Intake intake = { .sink = self, .pieces = pieces, .stored_end = offset };
  gboolean is_large = size >= WORTH_A_THREAD;

  while (size > 0 && offset < grid->size)
    {
      guint64 block = onward_block_grid_find (grid, offset);
      gsize piece = (gsize) MIN (onward_block_grid_get_block (grid, block).end - offset, size);

      add_piece (&intake, block, offset, data, piece);
      offset += piece;
      data += piece;
      size -= piece;
    }

  if (is_large)
    onward_worker_pair_run (hash_pieces, store_pieces, &intake);
  else
    {
      store_pieces (&intake);
      hash_pieces (&intake);
    }
  if (intake.error != NULL)
    give_up_rest (&intake);
  onward_block_result_merge (inout_result, &intake.result);
  if (intake.error == NULL)
    return TRUE;
  g_propagate_error (error, intake.error);
  return FALSE;
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
