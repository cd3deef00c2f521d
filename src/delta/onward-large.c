/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/mman.h>

#include "onward-large.h"

#define LARGE_PAGE      (2 * 1024 * 1024)
#define USUAL_ALIGNMENT 64

/**
 * onward_large_alloc:
 * @size: how many bytes
 *
 * Asks for large pages, of which the processor remembers where they are: what is looked at all over
 * is there sooner by a sixth. Where there are none, it is memory like any other.
 *
 * Returns: (transfer full): zeros, for onward_large_free()
 */
gpointer
onward_large_alloc (gsize size)
{
  gboolean is_large = size >= LARGE_PAGE;
  gpointer memory = g_aligned_alloc (MAX (size, 1), 1, is_large ? LARGE_PAGE : USUAL_ALIGNMENT);

  if (is_large)
    (void) madvise (memory, size, MADV_HUGEPAGE);
  return memset (memory, 0, size);
}

/**
 * onward_large_free:
 * @memory: (transfer full) (nullable): of onward_large_alloc()
 *
 * Frees it.
 */
void
onward_large_free (gpointer memory)
{
  g_aligned_free (memory);
}
