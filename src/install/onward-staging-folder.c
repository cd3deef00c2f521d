/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-shelf.h"
#include "onward-staging-folder.h"
#include "onward-staging-place.h"
#include "onward-walk.h"

/**
 * onward_staging_folder_open:
 * @install: an install
 * @error: where to put ONWARD_ERROR
 *
 * Returns: an owned descriptor of var/staging, or -1
 */
int
onward_staging_folder_open (OnwardInstall *install, GError **error)
{
  static const char *const folders[] = { "versions", "receipts", "var/staging" };
  g_auto (OnwardFd) versions = -1;
  int dirfd = onward_install_get_dirfd (install);
  int staging;

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      if (!onward_file_make_dir (dirfd, folders[i], error))
        return -1;
    }

  versions = onward_file_open_dir (dirfd, "versions", error);
  if (versions < 0)
    return -1;
  staging = onward_file_open_dir (dirfd, "var/staging", error);
  if (staging >= 0 && !onward_staging_place_check_same_system (versions, staging, error))
    {
      onward_fd_close (staging);
      return -1;
    }

  return staging;
}

static void
make_trash_name (char name[32])
{
  g_snprintf (name, 32, ".trash-%08x%08x", g_random_int (), g_random_int ());
}

/**
 * onward_staging_folder_try_discard:
 * @staging_dirfd: var/staging
 * @dirfd: a folder on the same file system
 * @path: a clean path below it
 * @ret_is_fixed: (out): set when it failed because the folder cannot be moved
 * @cancellable: (nullable): stops in the middle; the next prune goes on
 * @error: where to put ONWARD_ERROR
 *
 * Removes a folder such that nobody ever sees half of it in its place. Blocking.
 *
 * Returns: FALSE on failure; what is not there is fine
 */
gboolean
onward_staging_folder_try_discard (int staging_dirfd, int dirfd, const char *path,
                                   gboolean *ret_is_fixed, GCancellable *cancellable,
                                   GError **error)
{
  g_auto (OnwardFd) parent = -1;
  const char *name = NULL;
  char trash[32];

  parent = onward_file_open_parent (dirfd, path, &name, error);
  if (parent < 0)
    return FALSE;

  make_trash_name (trash);
  if (renameat (parent, name, staging_dirfd, trash) < 0)
    {
      if (errno == ENOENT)
        return TRUE;
      *ret_is_fixed = errno == EXDEV;
      onward_file_set_error (error, errno, "Removing", path);
      return FALSE;
    }

  return onward_file_sync (parent, path, error) &&
         onward_file_remove_tree (staging_dirfd, trash, cancellable, error);
}

/**
 * onward_staging_folder_discard:
 * @staging_dirfd: var/staging
 * @dirfd: a folder on the same file system
 * @path: a clean path below it
 * @cancellable: (nullable): stops in the middle; the next prune goes on
 * @error: where to put ONWARD_ERROR
 *
 * onward_staging_folder_try_discard() where a folder that cannot be moved is as bad as any failure.
 *
 * Returns: FALSE on failure; what is not there is fine
 */
gboolean
onward_staging_folder_discard (int staging_dirfd, int dirfd, const char *path,
                               GCancellable *cancellable, GError **error)
{
  gboolean is_fixed = FALSE;

  return onward_staging_folder_try_discard (staging_dirfd, dirfd, path, &is_fixed, cancellable,
                                            error);
}

/* Where the file system cannot exchange, the old folder is moved away first; should the second
 * step fail it is put back. */
static gboolean
replace_in_two_steps (int staging_dirfd, int versions, const char *version)
{
  char trash[32];
  int reason;

  make_trash_name (trash);
  if (renameat (versions, version, staging_dirfd, trash) < 0)
    return FALSE;
  if (renameat (staging_dirfd, version, versions, version) == 0)
    return TRUE;

  reason = errno;
  (void) renameat (staging_dirfd, trash, versions, version);
  errno = reason;
  return FALSE;
}

/* A folder that is there already (a damaged copy of the same version) changes places with the new
 * one, so that `current` never points at nothing. */
static gboolean
put_in_place (int staging_dirfd, int versions, const char *version)
{
  if (renameat2 (staging_dirfd, version, versions, version, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno == EEXIST &&
      renameat2 (staging_dirfd, version, versions, version, RENAME_EXCHANGE) == 0)
    return TRUE;
  /* EPERM is what a sandbox says that forbids the call. */
  if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP && errno != EXDEV && errno != EPERM)
    return FALSE;

  if (renameat (staging_dirfd, version, versions, version) == 0)
    return TRUE;
  return (errno == EEXIST || errno == ENOTEMPTY) &&
         replace_in_two_steps (staging_dirfd, versions, version);
}

/**
 * onward_staging_folder_publish:
 * @staging_dirfd: var/staging
 * @install: an install
 * @version: a version whose staging folder is complete and synced
 * @error: where to put ONWARD_ERROR
 *
 * Gives a finished staging folder its place below versions/, instead of one that may be there
 * already. Blocking.
 *
 * Returns: FALSE when it is still in the staging folder
 */
gboolean
onward_staging_folder_publish (int staging_dirfd, OnwardInstall *install, const char *version,
                               GError **error)
{
  g_auto (OnwardFd) versions =
      onward_file_open_dir (onward_install_get_dirfd (install), "versions", error);

  if (versions < 0)
    return FALSE;

  if (!put_in_place (staging_dirfd, versions, version))
    {
      onward_file_set_error (error, errno, "Putting in place", version);
      return FALSE;
    }

  return onward_file_sync (versions, "versions", error) &&
         onward_file_sync (staging_dirfd, "var/staging", error) &&
         onward_staging_folder_discard (staging_dirfd, staging_dirfd, version, NULL, error);
}

static OnwardWalkStep
add_size (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  guint64 *size = user_data;

  if (S_ISREG (found->info.st_mode) && found->info.st_nlink == 1)
    *size += (guint64) found->info.st_blocks * 512;
  return ONWARD_WALK_DESCEND;
}

/**
 * onward_staging_folder_get_size:
 * @staging_dirfd: var/staging
 *
 * Returns: the bytes on the disk that earlier runs left there: they are used or removed by the next
 */
guint64
onward_staging_folder_get_size (int staging_dirfd)
{
  guint64 size = 0;

  (void) onward_walk (staging_dirfd, add_size, &size, NULL, NULL);
  return size;
}

/* What onward_staging_folder_clear() goes by. */
typedef struct
{
  const char *version;
  GCancellable *cancellable; /* (nullable) */
} Clearing;

static OnwardWalkStep
clear_other (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  const Clearing *clearing = user_data;

  if ((g_str_equal (found->name, clearing->version) ||
       g_str_equal (found->name, ONWARD_SHELF_NAME)) &&
      S_ISDIR (found->info.st_mode))
    return ONWARD_WALK_SKIP;
  return onward_file_remove_tree (found->dirfd, found->name, clearing->cancellable, error)
             ? ONWARD_WALK_SKIP
             : ONWARD_WALK_FAIL;
}

/**
 * onward_staging_folder_clear:
 * @staging_dirfd: var/staging
 * @version: the version that is about to be built
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR
 *
 * Removes everything but the folder of @version and the shelf: one version is built at a time.
 * Blocking.
 *
 * Returns: FALSE on failure
 */
gboolean
onward_staging_folder_clear (int staging_dirfd, const char *version, GCancellable *cancellable,
                             GError **error)
{
  Clearing clearing = { version, cancellable };

  return onward_walk (staging_dirfd, clear_other, &clearing, cancellable, error);
}
