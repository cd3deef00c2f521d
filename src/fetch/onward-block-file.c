/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "onward-block-file.h"
#include "onward-error.h"
#include "onward-file.h"

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
  if (self->fd >= 0)
    return TRUE;
  if (!check_digests (self, error))
    return FALSE;

  self->fd = open (self->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (self->fd < 0)
    return fail (self, errno, "Opening", error);
  if (ftruncate (self->fd, (off_t) self->grid.size) != 0)
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
