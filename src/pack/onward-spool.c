/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-sparse.h"
#include "onward-spool.h"

struct _OnwardSpool
{
  OnwardFd fd; /* (owned) */
  guint64 size;
  guint64 limit;
  gboolean is_full;
};

/* Some file systems cannot make nameless files: there the name is taken away at once. */
static int
open_nameless (int dirfd)
{
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *name = g_strconcat (".spool-", uuid, NULL);
  int fd = TEMP_FAILURE_RETRY (openat (dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));

  if (fd >= 0)
    return fd;

  fd = TEMP_FAILURE_RETRY (
      openat (dirfd, name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd >= 0)
    (void) unlinkat (dirfd, name, 0);
  return fd;
}

/**
 * onward_spool_new_at:
 * @dirfd: the folder on whose disk the bytes are kept
 * @limit: the most bytes it takes
 * @error: return location for an error
 *
 * Returns: (transfer full): an empty spool
 */
OnwardSpool *
onward_spool_new_at (int dirfd, guint64 limit, GError **error)
{
  OnwardSpool *self;
  int fd = open_nameless (dirfd);

  if (fd < 0)
    {
      onward_file_set_error (error, errno, "Making", "a temporary file");
      return NULL;
    }

  self = g_new0 (OnwardSpool, 1);
  self->fd = fd;
  self->limit = limit;
  return self;
}

/**
 * onward_spool_new:
 * @dir: the folder on whose disk the bytes are kept
 * @limit: the most bytes it takes
 * @error: return location for an error
 *
 * Returns: (transfer full): an empty spool
 */
OnwardSpool *
onward_spool_new (const char *dir, guint64 limit, GError **error)
{
  g_auto (OnwardFd) dirfd = onward_file_open_dir (AT_FDCWD, dir, error);

  return dirfd >= 0 ? onward_spool_new_at (dirfd, limit, error) : NULL;
}

/**
 * onward_spool_free:
 * @self: (transfer full) (nullable): a spool
 *
 * Gives the space back, once what was mapped is gone, too.
 */
void
onward_spool_free (OnwardSpool *self)
{
  if (self == NULL)
    return;

  onward_fd_close (self->fd);
  g_free (self);
}

/**
 * onward_spool_write:
 * @data: bytes
 * @size: how many
 * @spool: an #OnwardSpool
 * @error: return location for an error
 *
 * Appends to the spool; an #OnwardDeltaSink. Pieces of zeros take no space. What would go beyond
 * its limit is an error, and onward_spool_is_full() tells that it was this one.
 *
 * Returns: whether they were written
 */
gboolean
onward_spool_write (gconstpointer data, gsize size, gpointer spool, GError **error)
{
  OnwardSpool *self = spool;

  if (size > self->limit - self->size)
    {
      self->is_full = TRUE;
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_FAILED, "Larger than worth it");
      return FALSE;
    }
  if (!onward_sparse_write (self->fd, data, size, error))
    return FALSE;

  self->size += size;
  return TRUE;
}

/**
 * onward_spool_is_full:
 * @self: a spool
 *
 * Returns: whether bytes were refused because of its limit
 */
gboolean
onward_spool_is_full (OnwardSpool *self)
{
  return self->is_full;
}

/**
 * onward_spool_get_size:
 * @self: a spool
 *
 * Returns: how many bytes it holds
 */
guint64
onward_spool_get_size (OnwardSpool *self)
{
  return self->size;
}

/**
 * onward_spool_map:
 * @self: a spool
 * @error: return location for an error
 *
 * Returns: (transfer full): its bytes, which stay valid without it
 */
GBytes *
onward_spool_map (OnwardSpool *self, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new_from_fd (self->fd, FALSE, error);

  return file != NULL ? g_mapped_file_get_bytes (file) : NULL;
}
