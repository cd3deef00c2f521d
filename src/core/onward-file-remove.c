/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "onward-error.h"
#include "onward-file.h"

typedef DIR OnwardDirStream;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardDirStream, closedir)

/* One removal. However deep the tree, only its top and one folder of it are open at a time: a
 * folder's own folders are moved up into the top, which is then emptied in rounds. */
typedef struct
{
  int top;
  GCancellable *cancellable; /* (nullable) */
  const char *name;          /* for messages */
} Removal;

static gboolean
fail (const Removal *removal, GError **error)
{
  onward_file_set_error (error, errno, "Removing", removal->name);
  return FALSE;
}

/* Lets its owner list and change a folder that a release made read-only. The way over /proc serves
 * folders that cannot even be opened; neither way follows a link. */
static int
open_for_emptying (int dirfd, const char *name)
{
  g_auto (OnwardFd) handle = -1;
  g_autofree char *path = NULL;
  struct stat info;

  handle = TEMP_FAILURE_RETRY (openat (dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (handle < 0 || fstat (handle, &info) < 0)
    return -1;

  path = g_strdup_printf ("/proc/self/fd/%d", handle);
  if ((info.st_mode & 0700) != 0700)
    (void) chmod (path, 0700);
  return TEMP_FAILURE_RETRY (openat (handle, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/* What is gone is no folder; FALSE, with errno, when nobody can tell. */
static gboolean
look_at (int dirfd, const char *name, gboolean *ret_is_folder)
{
  struct stat info = { 0 };

  if (fstatat (dirfd, name, &info, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
    return FALSE;

  *ret_is_folder = S_ISDIR (info.st_mode);
  return TRUE;
}

/* Moves a folder up into the top; a folder must be writable for that, since its ".." changes. */
static gboolean
move_up (const Removal *removal, int dirfd, const char *name)
{
  g_auto (OnwardFd) made_writable = open_for_emptying (dirfd, name);
  char unused[32];

  if (made_writable < 0)
    return FALSE;

  g_snprintf (unused, sizeof unused, ".onward-%08x%08x", g_random_int (), g_random_int ());
  return renameat (dirfd, name, removal->top, unused) == 0;
}

typedef gboolean (*FolderFunc) (const Removal *removal, int dirfd, const char *name,
                                GError **error);

/* Unlinks what is no folder; folders are handed to @on_folder. */
static gboolean
sweep_one (const Removal *removal, int dirfd, const char *name, FolderFunc on_folder,
           GError **error)
{
  gboolean is_folder;

  if (g_cancellable_set_error_if_cancelled (removal->cancellable, error))
    return FALSE;
  if (!look_at (dirfd, name, &is_folder))
    return fail (removal, error);
  if (is_folder)
    return on_folder (removal, dirfd, name, error);
  return unlinkat (dirfd, name, 0) == 0 || errno == ENOENT || fail (removal, error);
}

static gboolean
sweep (const Removal *removal, int dirfd, FolderFunc on_folder, gboolean *ret_found, GError **error)
{
  g_auto (OnwardFd) fd =
      TEMP_FAILURE_RETRY (openat (dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  g_autoptr (OnwardDirStream) stream = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *entry;

  if (stream == NULL)
    return fail (removal, error);
  fd = -1;

  while (errno = 0, (entry = readdir (stream)) != NULL)
    {
      if (g_str_equal (entry->d_name, ".") || g_str_equal (entry->d_name, ".."))
        continue;
      *ret_found = TRUE;
      if (!sweep_one (removal, dirfd, entry->d_name, on_folder, error))
        return FALSE;
    }

  return errno == 0 || fail (removal, error);
}

static gboolean
on_inner_folder (const Removal *removal, int dirfd, const char *name, GError **error)
{
  return move_up (removal, dirfd, name) || fail (removal, error);
}

static gboolean
on_top_folder (const Removal *removal, int dirfd, const char *name, GError **error)
{
  g_auto (OnwardFd) fd = open_for_emptying (dirfd, name);
  gboolean found = FALSE;

  if (fd < 0)
    return fail (removal, error);
  if (!sweep (removal, fd, on_inner_folder, &found, error))
    return FALSE;

  return unlinkat (dirfd, name, AT_REMOVEDIR) == 0 || fail (removal, error);
}

static gboolean
empty (const Removal *removal, GError **error)
{
  gboolean found;

  do
    {
      found = FALSE;
      if (!sweep (removal, removal->top, on_top_folder, &found, error))
        return FALSE;
    }
  while (found);

  return TRUE;
}

/**
 * onward_file_remove_tree:
 * @dirfd: a folder, or AT_FDCWD
 * @name: a clean path below it; any path with AT_FDCWD
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR
 *
 * Removes a file, a link, or a folder with all it holds. Links are removed, never followed;
 * read-only folders are made writable first; what is not there is fine. Needs the same few
 * descriptors for any tree, and can be run again after it was cut off. Blocking.
 *
 * Returns: FALSE on failure or cancellation, when some of it may be gone
 */
gboolean
onward_file_remove_tree (int dirfd, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) missing = NULL;
  g_auto (OnwardFd) parent = -1;
  g_auto (OnwardFd) top = -1;
  Removal removal = { -1, cancellable, name };
  gboolean is_folder;
  const char *base;

  g_return_val_if_fail (name != NULL, FALSE);

  parent = onward_file_open_parent (dirfd, name, &base, &missing);
  if (g_error_matches (missing, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    return TRUE;
  if (parent < 0)
    {
      g_propagate_error (error, g_steal_pointer (&missing));
      return FALSE;
    }

  if (!look_at (parent, base, &is_folder))
    return fail (&removal, error);
  if (!is_folder)
    return unlinkat (parent, base, 0) == 0 || errno == ENOENT || fail (&removal, error);

  top = open_for_emptying (parent, base);
  if (top < 0)
    return fail (&removal, error);

  removal.top = top;
  return empty (&removal, error) &&
         (unlinkat (parent, base, AT_REMOVEDIR) == 0 || fail (&removal, error));
}
