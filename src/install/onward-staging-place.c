/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <linux/stat.h>
#include <pwd.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-staging-place.h"

/* Whose install it is, as people of this computer call them. */
static char *
dup_owner (OnwardInstall *install)
{
  struct stat info = { 0 };
  struct passwd entry;
  struct passwd *found = NULL;
  char buffer[4096];

  if (fstat (onward_install_get_dirfd (install), &info) == 0 &&
      getpwuid_r (info.st_uid, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL)
    return g_strdup (found->pw_name);
  return g_strdup_printf ("user %u", (guint) info.st_uid);
}

static gboolean
refuse (OnwardInstall *install, int reason, GError **error)
{
  const char *path = onward_paths_get_install (onward_install_get_paths (install));
  g_autofree char *owner = dup_owner (install);

  if (reason == EROFS)
    g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_READ_ONLY_INSTALL,
                 "Updating “%s”: it is on a disk that is mounted read-only; mount it for writing, "
                 "or install the application elsewhere",
                 path);
  else if (reason == EACCES || reason == EPERM)
    g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_READ_ONLY_INSTALL,
                 "Updating “%s”: this copy belongs to another user; %s can update it", path, owner);
  else
    onward_file_set_error (error, reason, "Updating", path);
  return FALSE;
}

/**
 * onward_staging_place_check_writable:
 * @install: an install
 * @error: where to put ONWARD_ERROR; READ_ONLY_INSTALL when it is not this user's to change, or on
 *   a disk that nobody can change
 *
 * Asks the kernel, so that a read-only mount and missing rights are told apart.
 *
 * Returns: whether an update could be written here
 */
gboolean
onward_staging_place_check_writable (OnwardInstall *install, GError **error)
{
  static const char *const folders[] = { ".", "versions", "receipts", "var", "current" };
  int dirfd = onward_install_get_dirfd (install);

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      /* Who may not write a folder may not give it another one's place, either. */
      if (faccessat (dirfd, folders[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
          faccessat (dirfd, folders[i], W_OK | X_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) < 0)
        return refuse (install, errno, error);
    }

  return TRUE;
}

static gboolean
has_program (OnwardTree *tree)
{
  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);

      if (entry->kind == ONWARD_ENTRY_FILE && (entry->mode & 0111) != 0)
        return TRUE;
    }

  return FALSE;
}

/**
 * onward_staging_place_check_executable:
 * @install: an install
 * @dirfd: a folder on the disk of its versions
 * @tree: what is to be installed
 * @error: where to put ONWARD_ERROR; NOT_PERMITTED
 *
 * Returns: FALSE when @tree has programs, and none could be started from there
 */
gboolean
onward_staging_place_check_executable (OnwardInstall *install, int dirfd, OnwardTree *tree,
                                       GError **error)
{
  struct statvfs info;

  if (fstatvfs (dirfd, &info) < 0 || (info.f_flag & ST_NOEXEC) == 0 || !has_program (tree))
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
               "Updating “%s”: it is on a disk from which no program may be started (noexec); "
               "mount it without that option, or install the application elsewhere",
               onward_paths_get_install (onward_install_get_paths (install)));
  return FALSE;
}

/* Which mount a folder belongs to; where the kernel does not say, 0. */
static guint64
get_mount (int dirfd)
{
  struct statx info = { 0 };

  if (syscall (SYS_statx, dirfd, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) < 0 ||
      (info.stx_mask & STATX_MNT_ID) == 0)
    return 0;
  return info.stx_mnt_id;
}

/**
 * onward_staging_place_check_same_system:
 * @versions: the folder of the versions
 * @staging: var/staging
 * @error: where to put ONWARD_ERROR
 *
 * No rename leads from one file system, nor from one mount of it, to another.
 *
 * Returns: whether a folder can be moved from @staging to @versions
 */
gboolean
onward_staging_place_check_same_system (int versions, int staging, GError **error)
{
  guint64 mount = get_mount (versions);
  guint64 other = get_mount (staging);
  struct stat a, b;

  if (fstat (versions, &a) < 0 || fstat (staging, &b) < 0)
    {
      onward_file_set_error (error, errno, "Examining", "versions");
      return FALSE;
    }
  if (a.st_dev == b.st_dev && (mount == other || mount == 0 || other == 0))
    return TRUE;

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                       "“var/staging” and “versions” lie on different file systems; an update can "
                       "only be put in place when both are on the same one: unmount one of them");
  return FALSE;
}
