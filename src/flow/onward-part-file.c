/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <unistd.h>

#include "onward-file.h"
#include "onward-part-file.h"

/**
 * onward_part_file_dup_path:
 * @paths: the paths of the install
 * @pack: a pack
 *
 * Returns: (transfer full): the local file that the pack is fetched into
 */
char *
onward_part_file_dup_path (OnwardPaths *paths, OnwardPackInfo *pack)
{
  g_autofree char *name = onward_pack_info_dup_file_name (pack);

  return g_build_filename (onward_paths_get_parts (paths), name, NULL);
}

/**
 * onward_part_file_open:
 * @path: the local file
 * @error: return location
 *
 * Returns: an owned descriptor open for reading, or -1
 */
int
onward_part_file_open (const char *path, GError **error)
{
  int fd = TEMP_FAILURE_RETRY (open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));

  if (fd < 0)
    onward_file_set_error (error, errno, "Opening", path);
  return fd;
}

/**
 * onward_part_file_find_blocks:
 * @paths: the paths of the install
 * @pack: a pack
 *
 * Finds the whole blocks that a sparse file holds: the journal, saved once a second, does not know
 * of the last ones when its writer was killed. A block that only looks whole is told by its digest.
 * Blocking.
 *
 * Returns: (transfer full): the bytes that seem to be here
 */
OnwardRanges *
onward_part_file_find_blocks (OnwardPaths *paths, OnwardPackInfo *pack)
{
  g_autofree char *path = onward_part_file_dup_path (paths, pack);
  g_auto (OnwardFd) fd = onward_part_file_open (path, NULL);
  guint64 block = onward_pack_info_get_block_size (pack);
  guint64 size = onward_pack_info_get_size (pack);
  OnwardRanges *ranges = onward_ranges_new ();
  off_t start = 0, end = 0;

  while (fd >= 0 && (guint64) end < size && (start = lseek (fd, end, SEEK_DATA)) >= 0 &&
         (end = lseek (fd, start, SEEK_HOLE)) > start)
    {
      guint64 from = ((guint64) start + block - 1) / block * block;
      guint64 to = (guint64) end >= size ? size : (guint64) end / block * block;

      if (from < to)
        onward_ranges_add (ranges, from, to);
    }
  return ranges;
}

/**
 * onward_part_file_read_head:
 * @path: the local file
 * @pack: what it is fetched from
 * @old_tree: (nullable): for a delta pack: the tree that it starts from
 * @error: return location
 *
 * Reads the head of a pack, of which no more need be here. Blocking.
 *
 * Returns: (transfer full): the head
 */
OnwardPackHead *
onward_part_file_read_head (const char *path, OnwardPackInfo *pack, OnwardTree *old_tree,
                            GError **error)
{
  g_auto (OnwardFd) fd = onward_part_file_open (path, error);
  OnwardPackHead *head = NULL;

  if (fd >= 0)
    head = onward_pack_head_read (fd, pack, old_tree, error);
  if (head == NULL)
    g_prefix_error (error, "Reading the head of “%s”: ", path);
  return head;
}
