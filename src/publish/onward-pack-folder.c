/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <unistd.h>

#include "onward-file.h"
#include "onward-pack-folder.h"
#include "onward-pack-need.h"

/* Beginnings of the names that the writer of packs gives to what is not finished. */
static const char *const unfinished[] = { ".pack-", ".spool-" };

struct _OnwardPackFolder
{
  char *path;        /* (owned) */
  GHashTable *names; /* (owned): what was there before */
};

static gboolean
is_unfinished (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (unfinished); i++)
    if (g_str_has_prefix (name, unfinished[i]))
      return TRUE;
  return FALSE;
}

/**
 * onward_pack_folder_open:
 * @repository: a repository that is locked
 * @error: return location
 *
 * Looks at what is there, and removes what a run that was killed did not finish.
 *
 * Returns: (transfer full): the folder of the packs
 */
OnwardPackFolder *
onward_pack_folder_open (OnwardRepository *repository, GError **error)
{
  g_autoptr (OnwardPackFolder) self = g_new0 (OnwardPackFolder, 1);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  self->path = g_build_filename (onward_repository_get_folder (repository), "packs", NULL);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!onward_file_make_dir (onward_repository_get_dirfd (repository), "packs", error))
    return NULL;
  dir = g_dir_open (self->path, 0, error);
  if (dir == NULL)
    return NULL;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      if (is_unfinished (name))
        {
          g_autofree char *path = g_build_filename (self->path, name, NULL);

          (void) unlink (path);
        }
      else
        g_hash_table_add (self->names, g_strdup (name));
    }
  return g_steal_pointer (&self);
}

/**
 * onward_pack_folder_free:
 * @self: (transfer full) (nullable): a folder of packs
 *
 * Frees it; the packs stay.
 */
void
onward_pack_folder_free (OnwardPackFolder *self)
{
  if (self == NULL)
    return;

  g_free (self->path);
  g_hash_table_unref (self->names);
  g_free (self);
}

/**
 * onward_pack_folder_get_path:
 * @self: a folder of packs
 *
 * Returns: its absolute path
 */
const char *
onward_pack_folder_get_path (OnwardPackFolder *self)
{
  return self->path;
}

static OnwardPackHead *
read_head (OnwardPackFolder *self, OnwardPackInfo *pack, GError **error)
{
  g_autofree char *name = onward_pack_info_dup_file_name (pack);
  g_autofree char *path = g_build_filename (self->path, name, NULL);
  g_auto (OnwardFd) fd = TEMP_FAILURE_RETRY (open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));

  if (fd >= 0)
    return onward_pack_head_read (fd, pack, NULL, error);

  onward_file_set_error (error, errno, "Opening", path);
  return NULL;
}

/**
 * onward_pack_folder_measure:
 * @self: a folder of packs
 * @full: a full pack that was written there
 * @old_tree: what a client has
 * @ret_size: (out): what the client would fetch of the pack: the blocks with what it lacks
 * @error: return location
 *
 * Finds out what a delta has to be compared with. Blocking.
 *
 * Returns: whether the pack's head could be read
 */
gboolean
onward_pack_folder_measure (OnwardPackFolder *self, OnwardPackInfo *full, OnwardTree *old_tree,
                            guint64 *ret_size, GError **error)
{
  g_autoptr (OnwardPackHead) head = read_head (self, full, error);
  g_autoptr (OnwardRanges) ranges = onward_ranges_new ();
  g_autoptr (GHashTable) here = onward_pack_need_list (old_tree);
  g_autoptr (GHashTable) wanted = NULL;
  g_autoptr (GHashTable) made = NULL;

  if (head == NULL)
    return FALSE;

  wanted = onward_pack_need_list (onward_pack_head_get_tree (head));
  onward_pack_need_remove (wanted, here);
  made = onward_pack_need_take (head, here, wanted, FALSE, ranges);
  onward_ranges_add (ranges, 0, onward_pack_info_get_head_size (full));
  *ret_size = onward_pack_need_count (full, ranges, NULL);
  return TRUE;
}

/**
 * onward_pack_folder_discard:
 * @self: a folder of packs
 * @pack: a pack that was written there
 *
 * Removes the pack, unless it was there before: the same content may belong to another release.
 */
void
onward_pack_folder_discard (OnwardPackFolder *self, OnwardPackInfo *pack)
{
  g_autofree char *name = onward_pack_info_dup_file_name (pack);
  g_autofree char *path = g_build_filename (self->path, name, NULL);

  if (!g_hash_table_contains (self->names, name))
    (void) unlink (path);
}
