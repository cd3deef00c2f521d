/* SPDX-License-Identifier: LGPL-2.1-or-later */

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

/* Whether the file grew by a hole; if not, nothing has changed. */
static gboolean
leave_hole (int fd, gsize size)
{
  off_t end = lseek (fd, (off_t) size, SEEK_CUR);

  if (end < 0)
    return FALSE;
  if (TEMP_FAILURE_RETRY (ftruncate (fd, end)) == 0)
    return TRUE;

  (void) lseek (fd, end - (off_t) size, SEEK_SET);
  return FALSE;
}

/**
 * onward_sparse_write:
 * @fd: a file open for writing, at its end
 * @data: bytes
 * @size: how many
 * @error: where to put ONWARD_ERROR
 *
 * Appends to a file. Where all bytes are zero, a hole is left, which is read as zeros but takes no
 * space; where the file system makes files longer by writing alone, they are written. Blocking.
 *
 * Returns: whether they were appended
 */
gboolean
onward_sparse_write (int fd, gconstpointer data, gsize size, GError **error)
{
  g_return_val_if_fail (data != NULL || size == 0, FALSE);

  return (size >= MIN_HOLE && is_zero (data, size) && leave_hole (fd, size)) ||
         onward_file_write_all (fd, data, size, error);
}
