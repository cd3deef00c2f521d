/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "onward-error.h"
#include "onward-file.h"

#define MAX_READ        (G_GUINT64_CONSTANT (1) << 30)
#define TEMPORARY_TRIES 100
#define TEMPORARY_SIZE  32

static OnwardError
code_for_errno (int errno_value)
{
  switch (errno_value)
    {
    case ENOSPC:
    case EDQUOT:
      return ONWARD_ERROR_NO_SPACE;
    case EROFS:
      return ONWARD_ERROR_READ_ONLY_INSTALL;
    case EACCES:
    case EPERM:
      return ONWARD_ERROR_NOT_PERMITTED;
    case ENOENT:
      return ONWARD_ERROR_NOT_FOUND;
    default:
      return ONWARD_ERROR_FAILED;
    }
}

/**
 * onward_file_set_error:
 * @error: where to put ONWARD_ERROR
 * @errno_value: why a system call failed
 * @doing: what was tried, as in "Opening"
 * @path: (nullable): on what
 *
 * Says 'DOING “PATH”: why'. The code is NO_SPACE, READ_ONLY_INSTALL, NOT_PERMITTED or NOT_FOUND
 * where @errno_value means that, else FAILED.
 */
void
onward_file_set_error (GError **error, int errno_value, const char *doing, const char *path)
{
  g_autofree char *shown = NULL;
  OnwardError code = code_for_errno (errno_value);

  g_return_if_fail (doing != NULL);

  if (path == NULL)
    {
      g_set_error (error, ONWARD_ERROR, code, "%s: %s", doing, g_strerror (errno_value));
      return;
    }

  shown = g_filename_display_name (path);
  g_set_error (error, ONWARD_ERROR, code, "%s “%s”: %s", doing, shown, g_strerror (errno_value));
}

/**
 * onward_file_is_clean_path:
 * @path: what may be a path
 *
 * Returns: whether @path is relative and has no empty, "." or ".." component nor one over 255 bytes
 */
gboolean
onward_file_is_clean_path (const char *path)
{
  g_return_val_if_fail (path != NULL, FALSE);

  if (strlen (path) >= PATH_MAX)
    return FALSE;

  for (;; path++)
    {
      gsize size = strcspn (path, "/");

      if (size == 0 || size > NAME_MAX || (size <= 2 && strncmp (path, "..", size) == 0))
        return FALSE;
      path += size;
      if (*path == '\0')
        return TRUE;
    }
}

static gboolean
sync_fd (int fd)
{
  return TEMP_FAILURE_RETRY (fsync (fd)) == 0;
}

static gboolean
write_fd (int fd, const guint8 *data, gsize size)
{
  while (size > 0)
    {
      gssize written = TEMP_FAILURE_RETRY (write (fd, data, MIN (size, G_MAXINT32)));

      if (written < 0)
        return FALSE;
      data += written;
      size -= (gsize) written;
    }

  return TRUE;
}

static gboolean
make_dirs_beneath (int dirfd, const char *path)
{
  g_auto (GStrv) components = g_strsplit (path, "/", -1);
  g_auto (OnwardFd) fd = TEMP_FAILURE_RETRY (openat (dirfd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));

  for (guint i = 0; fd >= 0 && components[i] != NULL; i++)
    {
      g_auto (OnwardFd) parent = fd;

      fd = -1;
      if (mkdirat (parent, components[i], 0755) < 0 && errno != EEXIST)
        return FALSE;
      fd = TEMP_FAILURE_RETRY (
          openat (parent, components[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    }

  return fd >= 0;
}

/* GLib takes a folder that it cannot look at for something else. */
static gboolean
make_dirs (const char *path)
{
  struct stat info;

  if (g_mkdir_with_parents (path, 0755) == 0)
    return TRUE;
  return errno == ENOTDIR && stat (path, &info) == 0 && S_ISDIR (info.st_mode);
}

/**
 * onward_file_make_dir:
 * @dirfd: a folder, or AT_FDCWD
 * @path: a clean path below it; any path with AT_FDCWD
 * @error: where to put ONWARD_ERROR
 *
 * Makes a folder and those on the way to it, mode 0755; what exists stays as it is.
 *
 * Returns: FALSE when @path is not a folder in the end
 */
gboolean
onward_file_make_dir (int dirfd, const char *path, GError **error)
{
  gboolean made;

  g_return_val_if_fail (path != NULL, FALSE);

  errno = EINVAL;
  if (dirfd == AT_FDCWD)
    made = make_dirs (path);
  else
    made = onward_file_is_clean_path (path) && make_dirs_beneath (dirfd, path);

  if (!made)
    onward_file_set_error (error, errno, "Making folder", path);
  return made;
}

/* Does not wait for the other end of a FIFO. */
static int
open_for_reading (int dirfd, const char *path, GError **error)
{
  int fd;

  if (dirfd != AT_FDCWD)
    return onward_file_open_beneath (dirfd, path, O_RDONLY | O_NONBLOCK, 0, error);

  fd = TEMP_FAILURE_RETRY (open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (fd < 0)
    onward_file_set_error (error, errno, "Opening", path);
  return fd;
}

/* Reads to the end, but no more than one byte beyond @max_size. */
static GByteArray *
read_fd (int fd, gsize expected, gsize max_size)
{
  g_autoptr (GByteArray) contents = g_byte_array_new ();
  gsize used = 0;

  while (used <= max_size)
    {
      gsize room = CLAMP (expected - MIN (used, expected), 4096, G_MAXINT32);
      gssize got;

      g_byte_array_set_size (contents, (guint) (used + room));
      got = TEMP_FAILURE_RETRY (read (fd, contents->data + used, room));
      if (got < 0)
        return NULL;
      if (got == 0)
        break;
      used += (gsize) got;
    }

  g_byte_array_set_size (contents, (guint) used);
  return g_steal_pointer (&contents);
}

/**
 * onward_file_read:
 * @dirfd: a folder, or AT_FDCWD
 * @path: a clean path below it; any path with AT_FDCWD
 * @max_size: the largest size in bytes that is read, at most 1 GiB
 * @error: where to put ONWARD_ERROR
 *
 * Reads a whole regular file. MALFORMED says that it is none, or larger than @max_size.
 *
 * Returns: (transfer full) (nullable): the contents
 */
GBytes *
onward_file_read (int dirfd, const char *path, gsize max_size, GError **error)
{
  g_auto (OnwardFd) fd = -1;
  g_autoptr (GByteArray) contents = NULL;
  struct stat info;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (max_size <= MAX_READ, NULL);

  fd = open_for_reading (dirfd, path, error);
  if (fd < 0)
    return NULL;

  if (fstat (fd, &info) < 0)
    {
      onward_file_set_error (error, errno, "Reading", path);
      return NULL;
    }
  if (!S_ISREG (info.st_mode))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Reading “%s”: not a file", path);
      return NULL;
    }

  if ((guint64) info.st_size <= max_size)
    {
      contents = read_fd (fd, (gsize) info.st_size + 1, max_size);
      if (contents == NULL)
        {
          onward_file_set_error (error, errno, "Reading", path);
          return NULL;
        }
    }

  if (contents == NULL || contents->len > max_size)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                   "Reading “%s”: larger than %" G_GSIZE_FORMAT " bytes", path, max_size);
      return NULL;
    }

  return g_byte_array_free_to_bytes (g_steal_pointer (&contents));
}

/**
 * onward_file_write_all:
 * @fd: an open file
 * @data: what to write
 * @size: how many bytes
 * @error: where to put ONWARD_ERROR
 *
 * Writes all of @data at the present position.
 *
 * Returns: FALSE on failure, after which some of it may have been written
 */
gboolean
onward_file_write_all (int fd, gconstpointer data, gsize size, GError **error)
{
  g_return_val_if_fail (data != NULL || size == 0, FALSE);

  if (write_fd (fd, data, size))
    return TRUE;

  onward_file_set_error (error, errno, "Writing", NULL);
  return FALSE;
}

static void
make_temporary_name (char name[TEMPORARY_SIZE])
{
  g_snprintf (name, TEMPORARY_SIZE, ".onward-%08x%08x", g_random_int (), g_random_int ());
}

static int
make_temporary (int dirfd, char name[TEMPORARY_SIZE])
{
  int fd = -1;

  for (guint i = 0; fd < 0 && i < TEMPORARY_TRIES; i++)
    {
      make_temporary_name (name);
      fd = TEMP_FAILURE_RETRY (
          openat (dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
      if (fd < 0 && errno != EEXIST)
        break;
    }

  return fd;
}

/* Gives the temporary its final name, or takes it away. */
static gboolean
put_in_place (int dirfd, const char *temporary, const char *name)
{
  int why;

  if (renameat (dirfd, temporary, dirfd, name) == 0)
    return TRUE;

  why = errno;
  (void) unlinkat (dirfd, temporary, 0);
  errno = why;
  return FALSE;
}

static gboolean
replace (int dirfd, const char *name, GBytes *contents, mode_t mode)
{
  g_auto (OnwardFd) fd = -1;
  char temporary[TEMPORARY_SIZE];
  gconstpointer data;
  gsize size;
  int why;

  fd = make_temporary (dirfd, temporary);
  if (fd < 0)
    return FALSE;

  data = g_bytes_get_data (contents, &size);
  if (write_fd (fd, data, size) && fchmod (fd, mode) == 0 && sync_fd (fd))
    return put_in_place (dirfd, temporary, name);

  why = errno;
  (void) unlinkat (dirfd, temporary, 0);
  errno = why;
  return FALSE;
}

/**
 * onward_file_write:
 * @dirfd: a folder, or AT_FDCWD
 * @name: a clean path below it; any path with AT_FDCWD
 * @contents: what to write
 * @mode: the mode, whatever the umask
 * @error: where to put ONWARD_ERROR
 *
 * Makes or replaces a file in one step that survives a power cut: afterwards the old or the new
 * contents are there, whole, and after success the new ones are on the disk. A link of that name
 * is replaced, not followed.
 *
 * Returns: FALSE on failure
 */
gboolean
onward_file_write (int dirfd, const char *name, GBytes *contents, mode_t mode, GError **error)
{
  g_auto (OnwardFd) parent = -1;
  const char *base;

  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (contents != NULL, FALSE);

  parent = onward_file_open_parent (dirfd, name, &base, error);
  if (parent < 0)
    return FALSE;

  if (!replace (parent, base, contents, mode) || !sync_fd (parent))
    {
      onward_file_set_error (error, errno, "Writing", name);
      return FALSE;
    }

  return TRUE;
}

static gboolean
replace_link (int dirfd, const char *target, const char *name)
{
  char temporary[TEMPORARY_SIZE];

  for (guint i = 0; i < TEMPORARY_TRIES; i++)
    {
      make_temporary_name (temporary);
      if (symlinkat (target, dirfd, temporary) == 0)
        return put_in_place (dirfd, temporary, name);
      if (errno != EEXIST)
        return FALSE;
    }

  return FALSE;
}

/**
 * onward_file_link_over:
 * @dirfd: a folder, or AT_FDCWD
 * @target: what the link says
 * @name: a clean path below @dirfd; any path with AT_FDCWD
 * @error: where to put ONWARD_ERROR
 *
 * Makes or replaces a symbolic link in one step that survives a power cut: at no moment is there
 * no link, and after success the new one is on the disk.
 *
 * Returns: FALSE on failure
 */
gboolean
onward_file_link_over (int dirfd, const char *target, const char *name, GError **error)
{
  g_auto (OnwardFd) parent = -1;
  const char *base;

  g_return_val_if_fail (target != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  parent = onward_file_open_parent (dirfd, name, &base, error);
  if (parent < 0)
    return FALSE;

  if (!replace_link (parent, target, base) || !sync_fd (parent))
    {
      onward_file_set_error (error, errno, "Linking", name);
      return FALSE;
    }

  return TRUE;
}

/**
 * onward_file_read_link:
 * @dirfd: a folder, or AT_FDCWD
 * @name: a clean path below it; any path with AT_FDCWD
 * @error: where to put ONWARD_ERROR
 *
 * Returns: (transfer full) (nullable): what the symbolic link says
 */
char *
onward_file_read_link (int dirfd, const char *name, GError **error)
{
  g_auto (OnwardFd) parent = -1;
  char target[PATH_MAX];
  const char *base;
  gssize size;

  g_return_val_if_fail (name != NULL, NULL);

  parent = onward_file_open_parent (dirfd, name, &base, error);
  if (parent < 0)
    return NULL;

  size = readlinkat (parent, base, target, sizeof target);
  if (size < 0 || (gsize) size == sizeof target)
    {
      onward_file_set_error (error, size < 0 ? errno : ENAMETOOLONG, "Reading link", name);
      return NULL;
    }

  return g_strndup (target, (gsize) size);
}

/**
 * onward_file_sync:
 * @fd: a file or a folder
 * @path: (nullable): its name, for the message
 * @error: where to put ONWARD_ERROR
 *
 * Waits until @fd is on the disk.
 *
 * Returns: FALSE on failure
 */
gboolean
onward_file_sync (int fd, const char *path, GError **error)
{
  if (sync_fd (fd))
    return TRUE;

  onward_file_set_error (error, errno, "Syncing", path);
  return FALSE;
}

/**
 * onward_file_sync_system:
 * @dirfd: a folder
 * @path: (nullable): its name, for the message
 * @error: where to put ONWARD_ERROR
 *
 * Waits until everything on the file system of @dirfd is on the disk. For many files this is ten
 * times faster than syncing each.
 *
 * Returns: FALSE on failure
 */
gboolean
onward_file_sync_system (int dirfd, const char *path, GError **error)
{
  if (TEMP_FAILURE_RETRY (syncfs (dirfd)) == 0)
    return TRUE;

  onward_file_set_error (error, errno, "Syncing", path);
  return FALSE;
}

/**
 * onward_file_get_free_space:
 * @dirfd: a folder
 * @ret_bytes: (out): the bytes that this user can still write there
 * @error: where to put ONWARD_ERROR
 *
 * Returns: FALSE on failure
 */
gboolean
onward_file_get_free_space (int dirfd, guint64 *ret_bytes, GError **error)
{
  struct statvfs info;

  g_return_val_if_fail (ret_bytes != NULL, FALSE);

  if (TEMP_FAILURE_RETRY (fstatvfs (dirfd, &info)) < 0)
    {
      onward_file_set_error (error, errno, "Measuring free space", NULL);
      return FALSE;
    }

  *ret_bytes = (guint64) info.f_bavail * info.f_frsize;
  return TRUE;
}
