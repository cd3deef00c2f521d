/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "onward-file.h"
#include "onward-sparse.h"

/* Smaller holes save nothing: a file system has blocks. */
#define MIN_HOLE 4096

static gboolean
is_zero (const guint8 *data, gsize size)
{
  return data[0] == 0 && memcmp (data, data + 1, size - 1) == 0;
}

/**
 * onward_sparse_write:
 * @fd: a file open for writing, at its end
 * @data: bytes
 * @size: how many
 * @error: where to put ONWARD_ERROR
 *
 * Appends to a file. Where all bytes are zero, a hole is left, which is read as zeros but takes no
 * space. Blocking.
 *
 * Returns: whether they were appended
 */
gboolean
onward_sparse_write (int fd, gconstpointer data, gsize size, GError **error)
{
  off_t end;

  g_return_val_if_fail (data != NULL || size == 0, FALSE);

  if (size < MIN_HOLE || !is_zero (data, size))
    return onward_file_write_all (fd, data, size, error);

  end = lseek (fd, (off_t) size, SEEK_CUR);
  if (end >= 0 && TEMP_FAILURE_RETRY (ftruncate (fd, end)) == 0)
    return TRUE;

  onward_file_set_error (error, errno, "Writing", NULL);
  return FALSE;
}
