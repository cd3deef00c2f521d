/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "onward-copy.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-keep.h"
#include "onward-walk.h"

/* A copy of kept files from one version into another. */
typedef struct
{
  const char *const *keep;
  OnwardTree *from_tree; /* (nullable): what the user's files are told from */
  OnwardTree *to_tree;   /* what is never written over */
  int to_dirfd;
  GCancellable *cancellable; /* (nullable) */
} CarryOver;

/**
 * onward_keep_matches:
 * @keep: (nullable): globs, in which * does not match a slash
 * @path: a path below a version's folder
 *
 * Returns: whether a glob matches @path, or a folder on the way to it
 */
gboolean
onward_keep_matches (const char *const *keep, const char *path)
{
  g_return_val_if_fail (path != NULL, FALSE);

  for (guint i = 0; keep != NULL && keep[i] != NULL; i++)
    {
      if (fnmatch (keep[i], path, FNM_PATHNAME | FNM_LEADING_DIR) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Whether @path or a file or link on the way to it belongs to the other version. */
static gboolean
is_taken (OnwardTree *tree, const char *path)
{
  g_autofree char *part = g_strdup (path);
  char *slash;

  if (onward_tree_lookup (tree, path) != NULL)
    return TRUE;

  while ((slash = strrchr (part, '/')) != NULL)
    {
      const OnwardTreeEntry *entry;

      *slash = '\0';
      entry = onward_tree_lookup (tree, part);
      if (entry != NULL && entry->kind != ONWARD_ENTRY_DIRECTORY)
        return TRUE;
    }

  return FALSE;
}

/* The same size and time: carried over before, and not changed since. */
static gboolean
is_current_copy (int dirfd, const char *name, const struct stat *info)
{
  struct stat present;

  return fstatat (dirfd, name, &present, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (present.st_mode) &&
         present.st_size == info->st_size && present.st_mtim.tv_sec == info->st_mtim.tv_sec &&
         present.st_mtim.tv_nsec == info->st_mtim.tv_nsec;
}

static gboolean
fill_copy (int from, int to, const struct stat *info, GCancellable *cancellable, GError **error)
{
  const struct timespec times[2] = { info->st_atim, info->st_mtim };

  if (!onward_copy_data (from, to, cancellable, error))
    return FALSE;
  if (fchmod (to, info->st_mode & 0777) < 0 || futimens (to, times) < 0)
    {
      onward_file_set_error (error, errno, "Copying", NULL);
      return FALSE;
    }
  return onward_file_sync (to, NULL, error);
}

/* Copies under a temporary name and renames, so that an older copy is replaced in one step. */
static gboolean
copy_file (const CarryOver *self, const OnwardWalkEntry *found, int parent, const char *name,
           GError **error)
{
  g_auto (OnwardFd) from = -1;
  g_auto (OnwardFd) to = -1;
  char temporary[32];

  from = onward_file_open_beneath (found->dirfd, found->name, O_RDONLY | O_NONBLOCK, 0, error);
  if (from < 0)
    return FALSE;
  g_snprintf (temporary, sizeof temporary, ".onward-%08x%08x", g_random_int (), g_random_int ());
  to = onward_file_open_beneath (parent, temporary, O_WRONLY | O_CREAT | O_EXCL, 0600, error);
  if (to < 0)
    return FALSE;

  if (!fill_copy (from, to, &found->info, self->cancellable, error))
    {
      (void) unlinkat (parent, temporary, 0);
      return FALSE;
    }
  if (renameat (parent, temporary, parent, name) < 0)
    {
      onward_file_set_error (error, errno, "Keeping", found->path);
      (void) unlinkat (parent, temporary, 0);
      return FALSE;
    }
  return onward_file_sync (parent, found->path, error);
}

static gboolean
carry_file (const CarryOver *self, const OnwardWalkEntry *found, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (found->path);
  g_auto (OnwardFd) parent = -1;

  if (!g_str_equal (folder, ".") && !onward_file_make_dir (self->to_dirfd, folder, error))
    return FALSE;
  parent = onward_file_open_dir (self->to_dirfd, folder, error);
  if (parent < 0)
    return FALSE;

  return is_current_copy (parent, found->name, &found->info) ||
         copy_file (self, found, parent, found->name, error);
}

/* Only the user's regular files are carried over; temporary names of ours are not the user's. */
static OnwardWalkStep
carry_found (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  const CarryOver *self = user_data;

  if (S_ISDIR (found->info.st_mode))
    return ONWARD_WALK_DESCEND;
  if (!S_ISREG (found->info.st_mode) || g_str_has_prefix (found->name, ".onward-") ||
      (self->from_tree != NULL && onward_tree_lookup (self->from_tree, found->path) != NULL) ||
      !onward_keep_matches (self->keep, found->path) || is_taken (self->to_tree, found->path))
    return ONWARD_WALK_SKIP;

  return carry_file (self, found, error) ? ONWARD_WALK_SKIP : ONWARD_WALK_FAIL;
}

/**
 * onward_keep_load:
 * @install: an install
 * @error: where to put ONWARD_ERROR
 *
 * Returns: (transfer full) (nullable): the Keep= globs of onward.ini, maybe none; %NULL on failure
 */
char **
onward_keep_load (OnwardInstall *install, GError **error)
{
  g_autoptr (OnwardApplication) application = NULL;
  const char *const *keep;

  g_return_val_if_fail (install != NULL, NULL);

  application =
      onward_application_load (onward_paths_get_config (onward_install_get_paths (install)), error);
  if (application == NULL)
    return NULL;

  keep = onward_application_get_keep (application);
  return keep != NULL ? g_strdupv ((char **) keep) : g_new0 (char *, 1);
}

/**
 * onward_keep_copy:
 * @keep: globs
 * @from: the folder that was used until now
 * @from_tree: (nullable): what the user's files are told from; without it all that the globs cover
 *   counts as the user's
 * @to: the folder that will be used
 * @to_tree: what is never written over
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR
 *
 * Copies the files that the application or the user made and that @keep covers. Can be repeated:
 * what is already there unchanged is left alone. Blocking.
 *
 * Returns: FALSE when a file could not be kept
 */
gboolean
onward_keep_copy (const char *const *keep, int from, OnwardTree *from_tree, int to,
                  OnwardTree *to_tree, GCancellable *cancellable, GError **error)
{
  CarryOver carry = { keep, from_tree, to_tree, to, cancellable };

  g_return_val_if_fail (keep != NULL, FALSE);
  g_return_val_if_fail (to_tree != NULL, FALSE);

  if (keep[0] == NULL || onward_walk (from, carry_found, &carry, cancellable, error))
    return TRUE;

  g_prefix_error (error, "Keeping the user's files: ");
  return FALSE;
}

/**
 * onward_keep_carry_over:
 * @install: an install
 * @from: the version that was used until now
 * @to: the version that will be used
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR
 *
 * Does onward_keep_copy() between two installed versions. Blocking.
 *
 * Returns: FALSE when a file could not be kept
 */
gboolean
onward_keep_carry_over (OnwardInstall *install, const char *from, const char *to,
                        GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) keep = onward_keep_load (install, error);
  g_autoptr (OnwardTree) from_tree = NULL;
  g_autoptr (OnwardTree) to_tree = NULL;
  g_auto (OnwardFd) from_dirfd = -1;
  g_auto (OnwardFd) to_dirfd = -1;

  if (keep == NULL)
    return FALSE;

  from_dirfd = onward_install_open_version (install, from, NULL);
  if (from_dirfd < 0)
    return TRUE;
  to_dirfd = onward_install_open_version (install, to, error);
  if (to_dirfd < 0)
    return FALSE;
  to_tree = onward_install_load_receipt (install, to, error);
  if (to_tree == NULL)
    return FALSE;

  from_tree = onward_install_load_receipt (install, from, NULL);
  return onward_keep_copy ((const char *const *) keep, from_dirfd, from_tree, to_dirfd, to_tree,
                           cancellable, error);
}
