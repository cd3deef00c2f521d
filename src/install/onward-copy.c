/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "onward-copy.h"
#include "onward-file.h"

/* What is copied between two looks at the cancellable. */
#define CHUNK       (8 * 1024 * 1024)
#define BUFFER_SIZE (128 * 1024)

/* 0 at the end, else the bytes moved, or -1. */
static gssize
copy_in_kernel (int from, int to)
{
  return TEMP_FAILURE_RETRY (copy_file_range (from, NULL, to, NULL, CHUNK, 0));
}

static gssize
copy_by_hand (int from, int to, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (BUFFER_SIZE);
  gssize n = TEMP_FAILURE_RETRY (read (from, buffer, BUFFER_SIZE));

  if (n < 0)
    onward_file_set_error (error, errno, "Reading", NULL);
  else if (n > 0 && !onward_file_write_all (to, buffer, (gsize) n, error))
    n = -1;
  return n;
}

/* Not every pair of file systems can copy in the kernel. */
static gboolean
is_unsupported (int reason)
{
  return reason == EXDEV || reason == EINVAL || reason == ENOSYS || reason == EOPNOTSUPP ||
         reason == EPERM || reason == EBADF;
}

/**
 * onward_copy_data:
 * @from: a file open for reading
 * @to: an empty file open for writing
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR
 *
 * Copies from the beginning of @from to its end. Blocking.
 *
 * Returns: FALSE when the copy is not complete
 */
gboolean
onward_copy_data (int from, int to, GCancellable *cancellable, GError **error)
{
  gboolean by_hand = FALSE;
  gssize n = 1;

  if (lseek (from, 0, SEEK_SET) < 0)
    {
      onward_file_set_error (error, errno, "Reading", NULL);
      return FALSE;
    }

  while (n > 0)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (by_hand)
        {
          n = copy_by_hand (from, to, error);
          continue;
        }

      n = copy_in_kernel (from, to);
      if (n < 0 && !is_unsupported (errno))
        {
          onward_file_set_error (error, errno, "Copying", NULL);
          return FALSE;
        }
      by_hand = n < 0;
      n = n < 0 ? 1 : n;
    }

  return n == 0;
}
