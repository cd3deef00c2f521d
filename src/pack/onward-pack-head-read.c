/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-pack-head.h"

/**
 * onward_pack_head_read:
 * @fd: a pack, of which no more than the head need be there
 * @pack: what the release document says of it
 * @old_tree: (nullable): for a delta pack: the tree that it starts from
 * @error: return location; %ONWARD_ERROR_CORRUPT when the file is too short
 *
 * Reads the head of a pack by onward_pack_head_parse(). Blocking.
 *
 * Returns: (transfer full): the head
 */
OnwardPackHead *
onward_pack_head_read (int fd, OnwardPackInfo *pack, OnwardTree *old_tree, GError **error)
{
  gsize size = onward_pack_info_get_head_size (pack);
  g_autofree char *data = g_malloc (size);
  g_autoptr (GBytes) bytes = NULL;
  gssize n = TEMP_FAILURE_RETRY (pread (fd, data, size, 0));

  if (n < 0)
    onward_file_set_error (error, errno, "Reading", "pack");
  else if ((gsize) n < size)
    g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT, "The pack is too short");
  if (n < 0 || (gsize) n < size)
    return NULL;

  bytes = g_bytes_new_take (g_steal_pointer (&data), size);
  return onward_pack_head_parse (bytes, onward_pack_info_get_size (pack), old_tree, error);
}
