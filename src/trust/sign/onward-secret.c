/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-file.h"

typedef struct
{
  gsize size;
  guint8 data[];
} Memory;

static void
memory_free (Memory *self)
{
  explicit_bzero (self, sizeof *self + self->size);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Memory, memory_free)

static void
free_memory (gpointer data)
{
  memory_free (data);
}

static Memory *
memory_new (gsize size)
{
  Memory *self = g_malloc (sizeof *self + size);

  self->size = size;
  return self;
}

static GBytes *
memory_free_to_bytes (Memory *self, gsize used)
{
  gconstpointer data = self->data;

  return g_bytes_new_with_free_func (data, used, free_memory, self);
}

static int
open_file (const char *path, GError **error)
{
  g_auto (OnwardFd) fd =
      TEMP_FAILURE_RETRY (open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat info;

  if (fd < 0)
    onward_file_set_error (error, errno, "Opening", path);
  else if (fstat (fd, &info) < 0 || !S_ISREG (info.st_mode))
    g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Reading “%s”: not a file", path);
  else
    return g_steal_fd (&fd);
  return -1;
}

/* Into memory that never moves: no copy is left behind. */
static gssize
read_into (Memory *memory, int fd)
{
  gsize used = 0;
  gssize got = 1;

  while (got != 0 && used < memory->size)
    {
      got = TEMP_FAILURE_RETRY (read (fd, memory->data + used, memory->size - used));
      if (got < 0)
        return -1;
      used += (gsize) got;
    }
  return (gssize) used;
}

/**
 * onward_secret_read:
 * @path: a file
 * @max_size: the largest size in bytes that is read
 * @error: return location for a #GError: NOT_FOUND when there is no such file, MALFORMED when it is
 *   no regular file, or too large
 *
 * Reads a file that nobody else is to know. What is returned is wiped when it is freed. Blocking.
 *
 * Returns: (transfer full) (nullable): the contents
 */
GBytes *
onward_secret_read (const char *path, gsize max_size, GError **error)
{
  g_auto (OnwardFd) fd = -1;
  g_autoptr (Memory) memory = NULL;
  gssize used;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  fd = open_file (path, error);
  if (fd < 0)
    return NULL;

  memory = memory_new (max_size + 1);
  used = read_into (memory, fd);
  if (used < 0)
    onward_file_set_error (error, errno, "Reading", path);
  else if ((gsize) used > max_size)
    g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                 "Reading “%s”: larger than %" G_GSIZE_FORMAT " bytes", path, max_size);
  else
    return memory_free_to_bytes (g_steal_pointer (&memory), (gsize) used);
  return NULL;
}

/**
 * onward_secret_decode:
 * @pem: a PEM document
 * @begin: its first line, without the end of that
 * @end: its last line, without the end of that
 *
 * Reads what stands between the two lines, which nobody else wipes.
 *
 * Returns: (transfer full) (nullable): the bytes, wiped when they are freed, or %NULL when the
 *   lines are not there
 */
GBytes *
onward_secret_decode (GBytes *pem, const char *begin, const char *end)
{
  gsize size;
  const char *text = g_bytes_get_data (pem, &size);
  const char *body = g_strstr_len (text, (gssize) size, begin);
  const char *rest;
  Memory *memory;
  gint state = 0;
  guint save = 0;

  if (body == NULL)
    return NULL;
  body += strlen (begin);
  rest = g_strstr_len (body, text + size - body, end);
  if (rest == NULL)
    return NULL;

  memory = memory_new ((gsize) (rest - body) + 3);
  size = g_base64_decode_step (body, (gsize) (rest - body), memory->data, &state, &save);
  return memory_free_to_bytes (memory, size);
}

/* A name that appears when the whole file is on the disk, and never replaces another. */
static gboolean
publish_name (const char *temporary, const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_auto (OnwardFd) dirfd = -1;

  if (renameat2 (AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) != 0)
    {
      onward_file_set_error (error, errno, "Creating the key", path);
      return FALSE;
    }
  dirfd = onward_file_open_dir (AT_FDCWD, parent, error);
  return dirfd >= 0 && onward_file_sync (dirfd, parent, error);
}

/**
 * onward_secret_write:
 * @path: where to; must not exist
 * @contents: what nobody else is to know
 * @error: return location for a #GError
 *
 * Writes a new file that only its owner may read, which appears whole or not at all. Blocking.
 *
 * Returns: whether it is on the disk
 */
gboolean
onward_secret_write (const char *path, GBytes *contents, GError **error)
{
  g_autofree char *temporary = g_strconcat (path, ".new", NULL);
  g_auto (OnwardFd) fd = -1;
  gconstpointer data;
  gsize size;

  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (contents != NULL, FALSE);

  (void) unlink (temporary);
  fd = TEMP_FAILURE_RETRY (
      open (temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (fd < 0)
    {
      onward_file_set_error (error, errno, "Creating the key", path);
      return FALSE;
    }

  data = g_bytes_get_data (contents, &size);
  if (onward_file_write_all (fd, data, size, error) && onward_file_sync (fd, path, error) &&
      publish_name (temporary, path, error))
    return TRUE;
  (void) unlink (temporary);
  return FALSE;
}
