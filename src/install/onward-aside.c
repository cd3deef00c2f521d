/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>

#include "onward-aside.h"
#include "onward-file.h"
#include "onward-staging-folder.h"
#include "onward-verify.h"

/* Whether nothing is lost with a folder: all of it is in the version that a receipt lists, too. */
static gboolean
is_superfluous (OnwardInstall *install, const char *path, const char *version)
{
  g_autoptr (OnwardTree) tree = onward_install_load_receipt (install, version, NULL);
  g_auto (OnwardFd) fd = onward_file_open_dir (onward_install_get_dirfd (install), path, NULL);
  g_autoptr (OnwardDifferences) differences = NULL;

  if (tree != NULL && fd >= 0)
    differences = onward_verify_folder (fd, tree, NULL, ONWARD_VERIFY_CONTENTS, NULL, NULL);
  return differences != NULL && differences->changed->len + differences->extra->len == 0;
}

/**
 * onward_aside_put:
 * @install: an install, whose lock is held
 * @path: a clean path below it; nobody uses what lies there
 * @version: (nullable): the version that it may be a copy of
 * @error: where to put ONWARD_ERROR
 *
 * Takes something out of the way that somebody else has put where a folder of ours belongs, by hand
 * or from a backup. What holds nothing but what the receipt of @version lists is removed; anything
 * else may be the only copy, and gets another name beside it. Blocking.
 *
 * Returns: FALSE when it is still in the way
 */
gboolean
onward_aside_put (OnwardInstall *install, const char *path, const char *version, GError **error)
{
  int dirfd = onward_install_get_dirfd (install);
  g_autofree char *aside = g_strdup_printf ("%s.aside-%08x", path, g_random_int ());
  g_auto (OnwardFd) staging = -1;

  if (version != NULL && is_superfluous (install, path, version))
    {
      staging = onward_staging_folder_open (install, error);
      return staging >= 0 && onward_staging_folder_discard (staging, dirfd, path, NULL, error);
    }
  if (renameat (dirfd, path, dirfd, aside) == 0)
    return TRUE;

  onward_file_set_error (error, errno, "Moving", path);
  return FALSE;
}
