/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "onward-block-file.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-hasher.h"

#define READ_SIZE (256 * 1024)

/* The block that is arriving: its beginning is in the file and in the hasher. */
typedef struct
{
  OnwardHasher *hasher; /* (owned) (nullable): none while no block has begun */
  guint64 block;
  guint64 fill;
  gboolean is_mixed; /* whether its beginning came from elsewhere than its end */
} Arriving;

struct _OnwardBlockFile
{
  char *path; /* (owned) */
  OnwardFd fd;
  GBytes *digests;     /* (owned) */
  OnwardBlockMap *map; /* (owned) */
  Arriving arriving;
};

/**
 * onward_block_file_new:
 * @path: the file; nothing is opened yet
 * @size: its whole size
 * @block_size: the size of all blocks but the last, not 0
 * @digests: the concatenated SHA-256 of each block
 *
 * Returns: (transfer full): the file, of which nothing is wanted yet
 */
OnwardBlockFile *
onward_block_file_new (const char *path, guint64 size, guint32 block_size, GBytes *digests)
{
  OnwardBlockFile *self = g_new0 (OnwardBlockFile, 1);

  self->path = g_strdup (path);
  self->fd = -1;
  self->digests = g_bytes_ref (digests);
  self->map = onward_block_map_new (size, block_size);
  return self;
}

/**
 * onward_block_file_free:
 * @self: (nullable): a file, which stays on the disk as it is
 */
void
onward_block_file_free (OnwardBlockFile *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->arriving.hasher, onward_hasher_free);
  onward_block_map_free (self->map);
  if (self->fd >= 0)
    onward_fd_close (self->fd);
  g_bytes_unref (self->digests);
  g_free (self->path);
  g_free (self);
}

/**
 * onward_block_file_get_map:
 *
 * Returns: (transfer none): what is wanted, missing and proven; what is proven is for this file
 *   alone to say
 */
OnwardBlockMap *
onward_block_file_get_map (OnwardBlockFile *self)
{
  return self->map;
}

/* Blocks get proven by their digest and by nothing else: this is the only place. */
static gboolean
prove (OnwardBlockFile *self, guint64 block, OnwardHasher *hasher)
{
  const guint8 *digests = g_bytes_get_data (self->digests, NULL);
  OnwardDigest digest;

  onward_hasher_finish (hasher, &digest);
  if (memcmp (digest.bytes, digests + block * ONWARD_DIGEST_SIZE, ONWARD_DIGEST_SIZE) != 0)
    return FALSE;

  onward_block_map_prove (self->map, block);
  return TRUE;
}

/**
 * onward_block_file_drop_beginning:
 *
 * Forgets the beginning of the block that is arriving.
 */
void
onward_block_file_drop_beginning (OnwardBlockFile *self)
{
  g_clear_pointer (&self->arriving.hasher, onward_hasher_free);
  self->arriving.fill = 0;
}

static void
begin_block (OnwardBlockFile *self, guint64 block)
{
  onward_block_file_drop_beginning (self);
  self->arriving.hasher = onward_hasher_new ();
  self->arriving.block = block;
  self->arriving.is_mixed = FALSE;
}

/**
 * onward_block_file_change_source:
 *
 * Tells that what follows may come from elsewhere than the beginning of the block that is
 * arriving, so that a wrong digest of it proves nothing against anybody.
 */
void
onward_block_file_change_source (OnwardBlockFile *self)
{
  self->arriving.is_mixed = TRUE;
}

static gboolean
fail (OnwardBlockFile *self, int why, const char *doing, GError **error)
{
  onward_file_set_error (error, why, doing, self->path);
  return FALSE;
}

/**
 * onward_block_file_open:
 * @error: (nullable): where to put why it cannot be written
 *
 * Opens the file, made sparse at its full size when it is missing. Once open, does nothing.
 *
 * Returns: whether it is open. Errors: MALFORMED (the digests do not fit the size), NO_SPACE,
 *   NOT_PERMITTED and others of the file system.
 */
gboolean
onward_block_file_open (OnwardBlockFile *self, GError **error)
{
  guint64 size = onward_block_map_get_size (self->map);

  if (self->fd >= 0)
    return TRUE;
  if (size > G_MAXINT64 ||
      g_bytes_get_size (self->digests) / ONWARD_DIGEST_SIZE !=
          onward_block_map_get_count (self->map) ||
      g_bytes_get_size (self->digests) % ONWARD_DIGEST_SIZE != 0)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                   "Downloading to “%s”: the digests do not fit the size", self->path);
      return FALSE;
    }

  self->fd = open (self->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (self->fd < 0)
    return fail (self, errno, "Opening", error);
  if (ftruncate (self->fd, (off_t) size) != 0)
    {
      int why = errno;

      onward_fd_close (self->fd);
      self->fd = -1;
      return fail (self, why, "Making room in", error);
    }
  return TRUE;
}

/* Feeds the block that is arriving from the file itself, as far as @end. */
static gboolean
reread (OnwardBlockFile *self, guint64 end, guint8 *buffer, GCancellable *cancellable,
        GError **error)
{
  Arriving *arriving = &self->arriving;
  guint64 at = onward_block_map_get_block (self->map, arriving->block).start;

  while (at < end)
    {
      gssize got = 0;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      got = TEMP_FAILURE_RETRY (pread (self->fd, buffer, MIN (READ_SIZE, end - at), (off_t) at));
      if (got < 0)
        return fail (self, errno, "Reading", error);
      if (got == 0)
        return fail (self, EIO, "Reading", error);
      onward_hasher_update (arriving->hasher, buffer, (gsize) got);
      arriving->fill += (guint64) got;
      at += (guint64) got;
    }
  return TRUE;
}

/* Takes the beginning of a block up from the file; a whole block is proven or forgotten. */
static gboolean
recheck_block (OnwardBlockFile *self, guint64 block, guint64 end, guint8 *buffer,
               GCancellable *cancellable, GError **error)
{
  OnwardRange where = onward_block_map_get_block (self->map, block);

  begin_block (self, block);
  if (!reread (self, end, buffer, cancellable, error))
    {
      onward_block_file_drop_beginning (self);
      return FALSE;
    }
  onward_block_file_change_source (self);
  if (end == where.end)
    {
      (void) prove (self, block, self->arriving.hasher);
      onward_block_file_drop_beginning (self);
    }
  return TRUE;
}

/**
 * onward_block_file_recheck:
 * @hints: what was received, as an earlier run recorded it: truth or not
 * @cancellable: (nullable): stops it
 * @error: (nullable): where to put why it failed
 *
 * Hashes the hinted blocks that are missing and relies on those that are proven. The beginning of
 * the first block that is not complete is taken up as if it had just arrived, to be proven with the
 * rest of its block.
 *
 * Returns: whether all was read; what is wrong in the file is no error
 */
gboolean
onward_block_file_recheck (OnwardBlockFile *self, const OnwardRanges *hints,
                           GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (READ_SIZE);
  guint64 count = onward_block_map_get_count (self->map);
  OnwardRange begun = { 0, 0 };

  for (guint64 block = 0; block < count; block++)
    {
      OnwardRange where = onward_block_map_get_block (self->map, block);
      guint64 end = onward_block_map_get_covered (self->map, block, hints);

      if (end == where.start || !onward_block_map_is_missing (self->map, block))
        continue;
      if (end < where.end && begun.end == 0)
        begun = (OnwardRange){ block, end };
      if (end == where.end && !recheck_block (self, block, end, buffer, cancellable, error))
        return FALSE;
    }
  return begun.end == 0 || recheck_block (self, begun.start, begun.end, buffer, cancellable, error);
}

static gboolean
write_all (OnwardBlockFile *self, guint64 offset, const guint8 *data, gsize size, GError **error)
{
  while (size > 0)
    {
      gssize put = TEMP_FAILURE_RETRY (pwrite (self->fd, data, size, (off_t) offset));

      if (put < 0)
        return fail (self, errno, "Writing", error);
      offset += (guint64) put;
      data += put;
      size -= (gsize) put;
    }
  return TRUE;
}

static void
complete_block (OnwardBlockFile *self, OnwardBlockResult *inout_result)
{
  Arriving *arriving = &self->arriving;

  if (prove (self, arriving->block, arriving->hasher))
    inout_result->verified++;
  else
    {
      if (inout_result->bad++ == 0)
        {
          inout_result->bad_block = arriving->block;
          inout_result->is_blamed = !arriving->is_mixed;
        }
    }
  onward_block_file_drop_beginning (self);
}

/* Bytes of one block only. Those that do not go on where the block stands are of no use. */
static gboolean
write_to_block (OnwardBlockFile *self, guint64 offset, const guint8 *data, gsize size,
                OnwardBlockResult *inout_result, GError **error)
{
  Arriving *arriving = &self->arriving;
  guint64 block = onward_block_map_find (self->map, offset);
  OnwardRange where = onward_block_map_get_block (self->map, block);
  guint64 skip = 0;

  if (!onward_block_map_is_missing (self->map, block))
    return TRUE;
  if (offset == where.start && (arriving->hasher == NULL || arriving->block != block))
    begin_block (self, block);
  if (arriving->hasher == NULL || arriving->block != block || offset > where.start + arriving->fill)
    return TRUE;

  skip = where.start + arriving->fill - offset;
  if (skip >= size)
    return TRUE;
  if (!write_all (self, offset + skip, data + skip, size - skip, error))
    return FALSE;
  onward_hasher_update (arriving->hasher, data + skip, size - skip);
  arriving->fill += size - skip;
  if (where.start + arriving->fill == where.end)
    complete_block (self, inout_result);
  return TRUE;
}

/**
 * onward_block_file_write:
 * @offset: where in the file @data belongs
 * @data: the bytes
 * @size: how many
 * @inout_result: what came of it is added to this
 * @error: (nullable): where to put why they cannot be stored
 *
 * Stores and hashes what is new of @data. Bytes that are already there or not wanted are passed
 * over, so that an answer may begin anywhere.
 *
 * Returns: whether they are stored; a wrong digest is no error here. Errors: NO_SPACE and others of
 *   the file system.
 */
gboolean
onward_block_file_write (OnwardBlockFile *self, guint64 offset, const guint8 *data, gsize size,
                         OnwardBlockResult *inout_result, GError **error)
{
  while (size > 0)
    {
      OnwardRange where;
      gsize piece = 0;

      if (offset >= onward_block_map_get_size (self->map))
        return TRUE;
      where = onward_block_map_get_block (self->map, onward_block_map_find (self->map, offset));
      piece = (gsize) MIN (where.end - offset, size);
      if (!write_to_block (self, offset, data, piece, inout_result, error))
        return FALSE;
      offset += piece;
      data += piece;
      size -= piece;
    }
  return TRUE;
}

/**
 * onward_block_file_sync:
 * @error: (nullable): where to put why it failed
 *
 * Returns: whether all that was written is on the disk
 */
gboolean
onward_block_file_sync (OnwardBlockFile *self, GError **error)
{
  if (self->fd >= 0 && fdatasync (self->fd) != 0)
    return fail (self, errno, "Saving", error);
  return TRUE;
}

/**
 * onward_block_file_get_beginning:
 * @ret_beginning: (out): where the beginning of the block that is arriving lies
 *
 * Returns: whether a block has begun
 */
gboolean
onward_block_file_get_beginning (OnwardBlockFile *self, OnwardRange *ret_beginning)
{
  if (self->arriving.hasher == NULL)
    return FALSE;
  *ret_beginning = onward_block_map_get_block (self->map, self->arriving.block);
  ret_beginning->end = ret_beginning->start + self->arriving.fill;
  return TRUE;
}

/**
 * onward_block_file_get_received:
 *
 * Returns: (transfer full): the proven blocks and the beginning of the one that is arriving
 */
OnwardRanges *
onward_block_file_get_received (OnwardBlockFile *self)
{
  OnwardRanges *received = onward_ranges_copy (onward_block_map_get_verified (self->map));
  OnwardRange beginning;

  if (onward_block_file_get_beginning (self, &beginning) && beginning.end > beginning.start)
    onward_ranges_add (received, beginning.start, beginning.end);
  return received;
}
