/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>

#include "onward-error.h"
#include "onward-file.h"

#define SAFE_FLAGS (O_CLOEXEC | O_NOFOLLOW | O_NOCTTY)

static int
open_at (int dirfd, const char *path, int flags, mode_t mode)
{
  return TEMP_FAILURE_RETRY (openat (dirfd, path, flags | O_CLOEXEC | O_NOCTTY, mode));
}

static int
open_at2 (int dirfd, const char *path, int flags, mode_t mode)
{
  struct open_how how = {
    .flags = (guint64) (flags | SAFE_FLAGS),
    .mode = (flags & O_CREAT) != 0 ? mode : 0,
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };

  return (int) TEMP_FAILURE_RETRY (syscall (SYS_openat2, dirfd, path, &how, sizeof how));
}

static gboolean
check_path (const char *path, GError **error)
{
  g_autofree char *shown = NULL;

  if (onward_file_is_clean_path (path))
    return TRUE;

  shown = g_filename_display_name (path);
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
               "Opening “%s”: not a clean relative path", shown);
  return FALSE;
}

/* Opens the folder that holds the last component of @path and points @ret_name at that. */
static int
walk_to_parent (int dirfd, const char *path, const char **ret_name)
{
  int parent = open_at (dirfd, ".", O_PATH | O_DIRECTORY, 0);
  const char *slash;

  while (parent >= 0 && (slash = strchr (path, '/')) != NULL)
    {
      g_autofree char *component = g_strndup (path, (gsize) (slash - path));
      int next = open_at (parent, component, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
      int why = errno;

      onward_fd_close (parent);
      errno = why;
      parent = next;
      path = slash + 1;
    }

  *ret_name = path;
  return parent;
}

/**
 * onward_file_open_stepwise:
 * @dirfd: a folder
 * @path: a clean path below it
 * @flags: flags of open(2)
 * @mode: the mode of a file that is made
 * @error: where to put ONWARD_ERROR
 *
 * What onward_file_open_beneath() does where openat2() is missing or forbidden: every folder on
 * the way is opened by itself and none may be a link.
 *
 * Returns: an owned descriptor, or -1
 */
int
onward_file_open_stepwise (int dirfd, const char *path, int flags, mode_t mode, GError **error)
{
  g_auto (OnwardFd) parent = -1;
  const char *name;
  int fd = -1;

  g_return_val_if_fail (path != NULL, -1);

  if (!check_path (path, error))
    return -1;

  parent = walk_to_parent (dirfd, path, &name);
  if (parent >= 0)
    fd = open_at (parent, name, flags | SAFE_FLAGS, mode);
  if (fd < 0)
    onward_file_set_error (error, errno, "Opening", path);
  return fd;
}

/**
 * onward_file_open_beneath:
 * @dirfd: a folder
 * @path: a clean path below it
 * @flags: flags of open(2); O_CLOEXEC, O_NOCTTY and O_NOFOLLOW are added
 * @mode: the mode of a file that is made
 * @error: where to put ONWARD_ERROR
 *
 * Opens a file in such a way that no link, nor any name, leads out of @dirfd.
 *
 * Returns: an owned descriptor, or -1
 */
int
onward_file_open_beneath (int dirfd, const char *path, int flags, mode_t mode, GError **error)
{
  int fd;

  g_return_val_if_fail (path != NULL, -1);

  if (!check_path (path, error))
    return -1;

  fd = open_at2 (dirfd, path, flags, mode);
  if (fd >= 0)
    return fd;

  /* An old kernel, a sandbox that forbids the call, and a folder that moved during the look-up. */
  if (errno == ENOSYS || errno == EPERM || errno == EINVAL || errno == EAGAIN)
    return onward_file_open_stepwise (dirfd, path, flags, mode, error);

  onward_file_set_error (error, errno, "Opening", path);
  return -1;
}

/**
 * onward_file_open_dir:
 * @dirfd: a folder, or AT_FDCWD
 * @path: a clean path below it, "." for the folder itself; any path with AT_FDCWD
 * @error: where to put ONWARD_ERROR
 *
 * Returns: an owned descriptor of a folder, or -1
 */
int
onward_file_open_dir (int dirfd, const char *path, GError **error)
{
  int fd;

  g_return_val_if_fail (path != NULL, -1);

  if (dirfd != AT_FDCWD && !g_str_equal (path, "."))
    return onward_file_open_beneath (dirfd, path, O_RDONLY | O_DIRECTORY, 0, error);

  fd = open_at (dirfd, path, O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0)
    onward_file_set_error (error, errno, "Opening", path);
  return fd;
}

/**
 * onward_file_open_parent:
 * @dirfd: a folder, or AT_FDCWD
 * @path: a clean path below it; any path with AT_FDCWD
 * @ret_name: (out) (transfer none): the last component, a part of @path
 * @error: where to put ONWARD_ERROR
 *
 * Opens the folder in which the last component of @path lives.
 *
 * Returns: an owned descriptor of a folder, or -1
 */
int
onward_file_open_parent (int dirfd, const char *path, const char **ret_name, GError **error)
{
  g_autofree char *parent = NULL;
  const char *slash;
  int fd;

  g_return_val_if_fail (path != NULL, -1);
  g_return_val_if_fail (ret_name != NULL, -1);

  slash = strrchr (path, '/');
  if (dirfd != AT_FDCWD && !check_path (path, error))
    return -1;

  parent = slash != NULL ? g_path_get_dirname (path) : g_strdup (".");
  fd = onward_file_open_dir (dirfd, parent, error);
  if (fd >= 0)
    *ret_name = slash != NULL ? slash + 1 : path;
  return fd;
}
