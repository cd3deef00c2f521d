/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-block-content.h"
#include "onward-digest.h"

/**
 * onward_block_content_make:
 * @size: how many bytes
 *
 * Returns: (transfer full): random bytes, the same in every run
 */
GBytes *
onward_block_content_make (gsize size)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (42);
  guint8 *data = g_malloc (size + 4);

  for (gsize i = 0; i < size; i += 4)
    {
      guint32 word = g_rand_int (random);

      memcpy (data + i, &word, sizeof word);
    }
  return g_bytes_new_take (data, size);
}

/**
 * onward_block_content_digest:
 * @data: what the file holds
 * @size: how many bytes
 * @block_size: the size of its blocks
 *
 * Returns: (transfer full): the concatenated digests of the blocks
 */
GBytes *
onward_block_content_digest (gconstpointer data, gsize size, guint32 block_size)
{
  g_autoptr (GByteArray) digests = g_byte_array_new ();

  for (gsize start = 0; start < size; start += block_size)
    {
      OnwardDigest digest;

      onward_digest_of_data ((const guint8 *) data + start, MIN (block_size, size - start),
                             &digest);
      g_byte_array_append (digests, digest.bytes, sizeof digest.bytes);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&digests));
}

/**
 * onward_block_content_open_file:
 * @dir: where the file is to be; it is called "part"
 * @data: what it has to become
 * @size: how many bytes
 * @block_size: the size of its blocks
 *
 * Returns: (transfer full): the file, open
 */
OnwardBlockFile *
onward_block_content_open_file (const char *dir, gconstpointer data, gsize size, guint32 block_size)
{
  g_autofree char *path = g_build_filename (dir, "part", NULL);
  g_autoptr (GBytes) digests = onward_block_content_digest (data, size, block_size);
  OnwardBlockGrid grid = { size, block_size };
  OnwardBlockFile *file = onward_block_file_new (path, &grid, digests);
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_block_file_open (file, &error));
  g_assert_no_error (error);
  return file;
}
