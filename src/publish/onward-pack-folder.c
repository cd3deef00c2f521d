/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <unistd.h>

#include "onward-file.h"
#include "onward-pack-folder.h"

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
