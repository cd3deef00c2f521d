/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-repository-private.h"

#define STAGE  "pending"
#define FOLDER STAGE "/metadata"

/**
 * onward_repository_stage_load:
 * @self: a repository
 *
 * Finds what was signed where the online keys are not, and waits for them. For the files of the
 * repository only.
 */
void
onward_repository_stage_load (OnwardRepository *self)
{
  g_autofree char *folder = g_build_filename (self->folder, FOLDER, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (FOLDER, name, NULL);
      GBytes *bytes;

      if (!g_str_has_suffix (name, ".json"))
        continue;
      bytes = onward_file_read (self->dirfd, file, ONWARD_REPOSITORY_MAX_METADATA, NULL);
      if (bytes != NULL)
        g_hash_table_insert (self->staged, g_strdup (file + strlen (STAGE "/")), bytes);
    }
}

static gint64
get_staged_version (OnwardRepository *self, const char *role)
{
  GHashTableIter iter;
  gpointer path;
  gint64 highest = 0;

  g_hash_table_iter_init (&iter, self->staged);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    highest = MAX (highest, onward_repository_parse_version (strrchr (path, '/') + 1, role));
  return highest;
}

/**
 * onward_repository_stage_get_version:
 * @self: a repository
 * @role: root or targets
 *
 * Returns: the version of the role that waits for a snapshot and a timestamp, or 0
 */
gint64
onward_repository_stage_get_version (OnwardRepository *self, const char *role)
{
  gint64 version = get_staged_version (self, role);

  return version > onward_repository_get_published (self, role) ? version : 0;
}

static void
merge (OnwardRepository *self, const char *role, gint64 version)
{
  g_autofree char *path = g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".%s.json", version, role);
  GBytes *bytes = g_hash_table_lookup (self->staged, path);

  if (bytes != NULL)
    onward_repository_put (self, path, bytes);
}

/**
 * onward_repository_stage_merge:
 * @self: a repository
 * @with_targets: whether the targets that wait are to be published, too; not when they are replaced
 *
 * Collects what waited for the timestamp that is about to be signed.
 */
void
onward_repository_stage_merge (OnwardRepository *self, gboolean with_targets)
{
  gint64 last = onward_repository_stage_get_version (self, "root");

  if (with_targets)
    merge (self, "targets", onward_repository_stage_get_version (self, "targets"));
  for (gint64 version = onward_repository_get_published (self, "root") + 1; version <= last;
       version++)
    merge (self, "root", version);
}

/**
 * onward_repository_stage_write:
 * @self: a repository
 * @error: return location
 *
 * Writes what was collected without a timestamp: documents that only the timestamp makes visible
 * where they belong, and metadata aside, until the online keys sign for it. For the files of the
 * repository only.
 */
gboolean
onward_repository_stage_write (OnwardRepository *self, GError **error)
{
  for (guint i = 0; i < self->order->len; i++)
    {
      const char *path = g_ptr_array_index (self->order, i);
      GBytes *bytes = g_hash_table_lookup (self->pending, path);
      gboolean is_metadata = g_str_has_prefix (path, "metadata/");
      g_autofree char *staged =
          is_metadata ? g_build_filename (STAGE, path, NULL) : g_strdup (path);
      g_autofree char *parent = g_path_get_dirname (staged);

      if (!onward_repository_make_folder (self, parent, error) ||
          !onward_file_write (self->dirfd, staged, bytes, 0644, error))
        {
          g_prefix_error (error, "Publishing in “%s”: ", self->folder);
          return FALSE;
        }
      if (is_metadata)
        g_hash_table_replace (self->staged, g_strdup (path), g_bytes_ref (bytes));
    }

  g_hash_table_remove_all (self->pending);
  g_ptr_array_set_size (self->order, 0);
  return TRUE;
}

/**
 * onward_repository_stage_drop:
 * @self: a repository whose new timestamp is there
 *
 * Removes what no longer waits. What could not be removed does no harm: its versions are published
 * or passed. For the files of the repository only.
 */
void
onward_repository_stage_drop (OnwardRepository *self)
{
  (void) onward_file_remove_tree (self->dirfd, STAGE, NULL, NULL);
  g_hash_table_remove_all (self->staged);
}
