/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <errno.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-walk.h"

/* Twice as deep as any tree goes; each level holds a descriptor. */
#define MAX_DEPTH 64

/* A folder that is being listed. */
typedef struct
{
  DIR *stream; /* (owned) */
  char *path;  /* (owned) (nullable): NULL for the folder that is walked */
} Level;

static void
level_free (gpointer data)
{
  Level *level = data;

  closedir (level->stream);
  g_free (level->path);
  g_free (level);
}

static gboolean
push_level (GPtrArray *levels, int dirfd, const char *name, const char *path, GError **error)
{
  Level *level;
  DIR *stream;
  int fd;

  if (levels->len == MAX_DEPTH)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Listing “%s”: too deep", path);
      return FALSE;
    }

  fd = onward_file_open_dir (dirfd, name, error);
  if (fd < 0)
    {
      if (path != NULL)
        g_prefix_error (error, "Listing “%s”: ", path);
      return FALSE;
    }

  stream = fdopendir (fd);
  if (stream == NULL)
    {
      onward_file_set_error (error, errno, "Listing", path != NULL ? path : ".");
      onward_fd_close (fd);
      return FALSE;
    }
  level = g_new0 (Level, 1);
  level->stream = stream;
  level->path = g_strdup (path);
  g_ptr_array_add (levels, level);
  return TRUE;
}

/* The next name of the folder, NULL at its end or with @error. */
static const char *
next_name (const Level *level, GError **error)
{
  const struct dirent *found;

  do
    {
      errno = 0;
      found = readdir (level->stream);
    }
  while (found != NULL && (g_str_equal (found->d_name, ".") || g_str_equal (found->d_name, "..")));

  if (found == NULL && errno != 0)
    onward_file_set_error (error, errno, "Listing", level->path != NULL ? level->path : ".");
  return found != NULL ? found->d_name : NULL;
}

static gboolean
visit (GPtrArray *levels, const Level *level, const char *name, OnwardWalkFunc func,
       gpointer user_data, GError **error)
{
  int fd = dirfd (level->stream);
  g_autofree char *path = NULL;
  OnwardWalkEntry entry = { fd, name, NULL, { 0 } };

  path = level->path != NULL ? g_strconcat (level->path, "/", name, NULL) : g_strdup (name);
  entry.path = path;
  if (fstatat (fd, name, &entry.info, AT_SYMLINK_NOFOLLOW) < 0)
    {
      /* Gone since the folder was read. */
      if (errno == ENOENT)
        return TRUE;
      onward_file_set_error (error, errno, "Examining", path);
      return FALSE;
    }

  switch (func (&entry, user_data, error))
    {
    case ONWARD_WALK_FAIL:
      return FALSE;
    case ONWARD_WALK_SKIP:
      return TRUE;
    case ONWARD_WALK_DESCEND:
      return !S_ISDIR (entry.info.st_mode) || push_level (levels, fd, name, path, error);
    }

  g_return_val_if_reached (FALSE);
}

/**
 * onward_walk:
 * @dirfd: a folder
 * @func: called for every entry below it, a folder before what it holds
 * @user_data: for @func
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR
 *
 * Walks a folder without following links, in no particular order. Blocking.
 *
 * Returns: FALSE when it was stopped or failed
 */
gboolean
onward_walk (int dirfd, OnwardWalkFunc func, gpointer user_data, GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GPtrArray) levels = g_ptr_array_new_with_free_func (level_free);

  g_return_val_if_fail (func != NULL, FALSE);

  if (!push_level (levels, dirfd, ".", NULL, error))
    return FALSE;

  while (levels->len > 0)
    {
      const Level *level = g_ptr_array_index (levels, levels->len - 1);
      g_autoptr (GError) failure = NULL;
      const char *name = next_name (level, &failure);

      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (name == NULL)
        g_ptr_array_set_size (levels, (int) levels->len - 1);
      else if (!visit (levels, level, name, func, user_data, error))
        return FALSE;
    }

  return TRUE;
}
