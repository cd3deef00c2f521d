/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "onward-block-file.h"
#include "onward-error.h"
#include "onward-file.h"

#define COPY_SIZE (256 * 1024)

struct _OnwardBlockFile
{
  char *path; /* (owned) */
  OnwardFd fd;
  GBytes *digests; /* (owned) */
  OnwardBlockGrid grid;
};

static void
block_file_clear (gpointer data)
{
  OnwardBlockFile *self = data;

  if (self->fd >= 0)
    onward_fd_close (self->fd);
  g_bytes_unref (self->digests);
  g_free (self->path);
}

/**
 * onward_block_file_new:
 * @path: the file; nothing is opened yet
 * @grid: its size and that of its blocks
 * @digests: the concatenated SHA-256 of each block
 *
 * Returns: (transfer full): the file
 */
OnwardBlockFile *
onward_block_file_new (const char *path, const OnwardBlockGrid *grid, GBytes *digests)
{
  OnwardBlockFile *self = g_atomic_rc_box_new0 (OnwardBlockFile);

  g_assert (grid->block_size > 0);

  self->path = g_strdup (path);
  self->fd = -1;
  self->digests = g_bytes_ref (digests);
  self->grid = *grid;
  return self;
}

/**
 * onward_block_file_ref:
 *
 * Returns: (transfer full): the same file
 */
OnwardBlockFile *
onward_block_file_ref (OnwardBlockFile *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * onward_block_file_unref:
 * @self: a file, which stays on the disk as it is
 */
void
onward_block_file_unref (OnwardBlockFile *self)
{
  g_atomic_rc_box_release_full (self, block_file_clear);
}

/**
 * onward_block_file_get_grid:
 *
 * Returns: (transfer none): where the blocks lie
 */
const OnwardBlockGrid *
onward_block_file_get_grid (OnwardBlockFile *self)
{
  return &self->grid;
}

static gboolean
fail (OnwardBlockFile *self, int why, const char *doing, GError **error)
{
  onward_file_set_error (error, why, doing, self->path);
  return FALSE;
}

static gboolean
check_digests (OnwardBlockFile *self, GError **error)
{
  gsize size = g_bytes_get_size (self->digests);

  if (self->grid.size <= G_MAXINT64 && size % ONWARD_DIGEST_SIZE == 0 &&
      size / ONWARD_DIGEST_SIZE == onward_block_grid_get_count (&self->grid))
    return TRUE;
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
               "Downloading to “%s”: the digests do not fit the size", self->path);
  return FALSE;
}

/* What cannot even be opened is of no use to anybody, and nobody misses it. */
static int
open_part (const char *path)
{
  int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
  int fd = TEMP_FAILURE_RETRY (open (path, flags, 0644));
  int why = errno;

  if (fd >= 0 || (why != EACCES && why != ELOOP && why != EIO))
    return fd;
  if (unlink (path) == 0)
    return TEMP_FAILURE_RETRY (open (path, flags | O_EXCL, 0644));
  errno = why;
  return -1;
}

/**
 * onward_block_file_open:
 * @error: (nullable): where to put why it cannot be written
 *
 * Opens the file, made sparse at its full size when it is missing or cannot be used. Once open,
 * does nothing.
 *
 * Returns: whether it is open. Errors: MALFORMED (the digests do not fit the size), NO_SPACE,
 *   NOT_PERMITTED and others of the file system.
 */
gboolean
onward_block_file_open (OnwardBlockFile *self, GError **error)
{
  if (self->fd >= 0)
    return TRUE;
  if (!check_digests (self, error))
    return FALSE;

  self->fd = open_part (self->path);
  if (self->fd < 0)
    return fail (self, errno, "Opening", error);
  if (TEMP_FAILURE_RETRY (ftruncate (self->fd, (off_t) self->grid.size)) != 0)
    {
      int why = errno;

      onward_fd_close (self->fd);
      self->fd = -1;
      return fail (self, why, "Making room in", error);
    }
  return TRUE;
}

/**
 * onward_block_file_write:
 * @offset: where in the file @data belongs
 * @data: the bytes
 * @size: how many
 * @error: (nullable): where to put why they cannot be stored
 *
 * Returns: whether they are stored. Errors: NO_SPACE and others of the file system.
 */
gboolean
onward_block_file_write (OnwardBlockFile *self, guint64 offset, const guint8 *data, gsize size,
                         GError **error)
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

/**
 * onward_block_file_read:
 * @offset: where in the file
 * @data: (out caller-allocates): where to put the bytes
 * @size: how many at most
 * @error: (nullable): where to put why they cannot be read
 *
 * Returns: how many were read, 0 on failure. A file that is shorter than it was made is an error.
 */
gsize
onward_block_file_read (OnwardBlockFile *self, guint64 offset, guint8 *data, gsize size,
                        GError **error)
{
  gssize got = TEMP_FAILURE_RETRY (pread (self->fd, data, size, (off_t) offset));

  if (got <= 0)
    (void) fail (self, got < 0 ? errno : EIO, "Reading", error);
  return (gsize) MAX (got, 0);
}

static gboolean
copy_block (OnwardBlockFile *self, OnwardBlockFile *copy, OnwardRange where, guint8 *buffer,
            gsize size, gboolean *ret_is_lost, GError **error)
{
  while (where.start < where.end)
    {
      gsize got = onward_block_file_read (self, where.start, buffer,
                                          (gsize) MIN (size, where.end - where.start), NULL);

      *ret_is_lost = got == 0;
      if (got == 0)
        return TRUE;
      if (!onward_block_file_write (copy, where.start, buffer, got, error))
        return FALSE;
      where.start += got;
    }
  return TRUE;
}

/* Block by block, so that what cannot be read costs no more than its own block. */
static gboolean
copy_range (OnwardBlockFile *self, OnwardBlockFile *copy, const OnwardRange *range,
            OnwardRanges *lost, GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (COPY_SIZE);
  guint64 at = range->start;

  while (at < range->end)
    {
      OnwardRange block =
          onward_block_grid_get_block (&self->grid, onward_block_grid_find (&self->grid, at));
      OnwardRange part = { at, MIN (block.end, range->end) };
      gboolean is_lost = FALSE;

      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !copy_block (self, copy, part, buffer, COPY_SIZE, &is_lost, error))
        return FALSE;
      if (is_lost)
        onward_ranges_add (lost, block.start, block.end);
      at = part.end;
    }
  return TRUE;
}

static gboolean
copy_all (OnwardBlockFile *self, OnwardBlockFile *copy, const OnwardRanges *kept,
          OnwardRanges *lost, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < onward_ranges_get_count (kept); i++)
    if (!copy_range (self, copy, onward_ranges_get (kept, i), lost, cancellable, error))
      return FALSE;
  if (rename (copy->path, self->path) == 0)
    return TRUE;
  return fail (copy, errno, "Renaming", error);
}

/**
 * onward_block_file_renew:
 * @kept: what is worth keeping of it
 * @lost: (inout): the blocks of @kept that could not be kept are added
 * @cancellable: (nullable): stops it; the old file stays as it was
 * @error: (nullable): where to put why there is no new file
 *
 * Puts a new file in the place of one that the disk does not give back: what is written over a
 * place that cannot be read may end in the same place. Where there is no room for both, the old
 * one goes first, with all that it has. For nobody who uses the file at the same time.
 *
 * Returns: whether there is a new file. Errors: NO_SPACE and others of the file system,
 *   `G_IO_ERROR_CANCELLED`.
 */
gboolean
onward_block_file_renew (OnwardBlockFile *self, const OnwardRanges *kept, OnwardRanges *lost,
                         GCancellable *cancellable, GError **error)
{
  g_autofree char *path = g_strconcat (self->path, ".new", NULL);
  g_autoptr (OnwardBlockFile) copy = onward_block_file_new (path, &self->grid, self->digests);
  g_autoptr (GError) unwritten = NULL;

  (void) unlink (path);
  if (!onward_block_file_open (copy, &unwritten) ||
      !copy_all (self, copy, kept, lost, cancellable, &unwritten))
    {
      if (g_error_matches (unwritten, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          (void) unlink (path);
          g_propagate_error (error, g_steal_pointer (&unwritten));
          return FALSE;
        }
      g_debug ("%s, beginning anew", unwritten->message);
      (void) unlink (path);
      (void) unlink (self->path);
      onward_ranges_add (lost, 0, self->grid.size);
      onward_fd_close (self->fd);
      self->fd = -1;
      return onward_block_file_open (self, error);
    }

  onward_fd_close (self->fd);
  self->fd = copy->fd;
  copy->fd = -1;
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
  if (self->fd >= 0 && TEMP_FAILURE_RETRY (fdatasync (self->fd)) != 0)
    return fail (self, errno, "Saving", error);
  return TRUE;
}

/**
 * onward_block_file_is_right:
 * @block: the number of a block
 * @hasher: what has taken in all of its bytes; begins anew
 *
 * Returns: whether the block has the digest it has to have
 */
gboolean
onward_block_file_is_right (OnwardBlockFile *self, guint64 block, OnwardHasher *hasher)
{
  const guint8 *digests = g_bytes_get_data (self->digests, NULL);
  OnwardDigest digest;

  onward_hasher_finish (hasher, &digest);
  return memcmp (digest.bytes, digests + block * ONWARD_DIGEST_SIZE, ONWARD_DIGEST_SIZE) == 0;
}
