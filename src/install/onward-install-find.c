/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether something is there, for those who act on it that it is not. What cannot be read just now
 * is no reason to think so. */

#include <errno.h>
#include <string.h>

#include "onward-current.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-install.h"

/* What is not there has no kind. */
static gboolean
examine (OnwardInstall *self, const char *path, struct stat *ret_info, GError **error)
{
  if (fstatat (onward_install_get_dirfd (self), path, ret_info, AT_SYMLINK_NOFOLLOW) == 0)
    return TRUE;

  memset (ret_info, 0, sizeof *ret_info);
  if (errno == ENOENT || errno == ENOTDIR)
    return TRUE;
  onward_file_set_error (error, errno, "Examining", path);
  return FALSE;
}

/**
 * onward_install_find_version:
 * @self: an install
 * @version: a version
 * @ret_dirfd: (out): an owned descriptor of its folder, or -1 when there is no such folder
 * @error: where to put ONWARD_ERROR
 *
 * onward_install_open_version() for those who act on it that there is none.
 *
 * Returns: FALSE when it is not known
 */
gboolean
onward_install_find_version (OnwardInstall *self, const char *version, int *ret_dirfd,
                             GError **error)
{
  g_autofree char *path = NULL;
  struct stat info;
  int dirfd = -1;

  g_return_val_if_fail (self != NULL, FALSE);

  path = onward_current_dup_folder (self, version, error);
  if (path == NULL || !examine (self, path, &info, error))
    return FALSE;
  if (S_ISDIR (info.st_mode))
    {
      dirfd = onward_install_open_version (self, version, error);
      if (dirfd < 0)
        return FALSE;
    }

  *ret_dirfd = dirfd;
  return TRUE;
}

/**
 * onward_install_find_current:
 * @self: an install
 * @ret_version: (out) (transfer full) (nullable): the version that `current` points at; %NULL when
 *   it is missing, or points at what is no version's folder
 * @error: where to put ONWARD_ERROR
 *
 * onward_install_dup_current() for those who act on it that there is none: a link that cannot be
 * read just now is no reason to think so.
 *
 * Returns: FALSE when it is not known
 */
gboolean
onward_install_find_current (OnwardInstall *self, char **ret_version, GError **error)
{
  g_autoptr (GError) failure = NULL;
  const char *link;
  gboolean is_link = FALSE;
  struct stat info;

  g_return_val_if_fail (self != NULL, FALSE);

  link = onward_current_find_link (onward_install_get_dirfd (self), error);
  if (link == NULL || !examine (self, link, &info, error))
    return FALSE;

  is_link = S_ISLNK (info.st_mode);
  *ret_version = is_link ? onward_install_dup_current (self, &failure) : NULL;
  if (!is_link || *ret_version != NULL ||
      g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_MALFORMED))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
