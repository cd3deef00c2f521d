/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <glib/gstdio.h>

#include "onward-file.h"
#include "onward-work-folder.h"

static gboolean
make_anew (const char *path, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR) &&
      !onward_file_remove_tree (AT_FDCWD, path, NULL, error))
    return FALSE;
  if (g_mkdir (path, 0700) == 0)
    return TRUE;

  onward_file_set_error (error, errno, "Making", path);
  return FALSE;
}

/**
 * onward_work_folder_new:
 * @repository: a repository that is locked
 * @error: return location
 *
 * Makes ".NAME.onward-work" beside the repository: on a disk that has room for releases, which the
 * folder for temporary files often has not, and outside of what is uploaded. What a run that was
 * killed left there is removed. Where nothing can be made beside the repository the folder for
 * temporary files has to do.
 *
 * Returns: (transfer full): an empty folder that only its owner may enter
 */
OnwardWorkFolder *
onward_work_folder_new (OnwardRepository *repository, GError **error)
{
  const char *folder = onward_repository_get_folder (repository);
  g_autofree char *parent = g_path_get_dirname (folder);
  g_autofree char *base = g_path_get_basename (folder);
  g_autofree char *name = g_strdup_printf (".%s.onward-work", base);
  g_autofree char *path = g_build_filename (parent, name, NULL);

  if (make_anew (path, NULL))
    return g_steal_pointer (&path);
  return g_dir_make_tmp ("onward-work-XXXXXX", error);
}

/**
 * onward_work_folder_free:
 * @self: (transfer full) (nullable): a folder
 *
 * Removes it.
 */
void
onward_work_folder_free (OnwardWorkFolder *self)
{
  if (self == NULL)
    return;

  (void) onward_file_remove_tree (AT_FDCWD, self, NULL, NULL);
  g_free (self);
}
