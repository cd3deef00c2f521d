/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "onward-copy.h"
#include "onward-current.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-keep.h"
#include "onward-walk.h"

#define TEMPORARY ".onward-"
/* What a switch takes: a file that was saved while others were carried over was perhaps missed. */
#define SWITCH_SECONDS 10

/* A copy of kept files from one version into another. */
typedef struct
{
  const char *const *keep;
  OnwardTree *from_tree; /* (nullable): what the user's files are told from */
  OnwardTree *to_tree;   /* what is never written over */
  int to_dirfd;
  GCancellable *cancellable;    /* (nullable) */
  const struct timespec *since; /* (nullable): only what was saved after that, and last */
  guint n_copied;
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

/* What is of a component that was left out of a version is not the user's either. */
static gboolean
is_of_release (OnwardTree *tree, const char *path)
{
  return onward_tree_lookup (onward_tree_get_whole (tree), path) != NULL;
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

/**
 * onward_keep_leads_to:
 * @keep: (nullable): globs
 * @path: a folder below a version's folder
 *
 * Returns: whether a file that a glob matches may lie below @path
 */
gboolean
onward_keep_leads_to (const char *const *keep, const char *path)
{
  g_auto (GStrv) parts = NULL;

  g_return_val_if_fail (path != NULL, FALSE);

  if (onward_keep_matches (keep, path))
    return TRUE;

  parts = g_strsplit (path, "/", -1);
  for (guint i = 0; keep != NULL && keep[i] != NULL; i++)
    {
      g_auto (GStrv) globs = g_strsplit (keep[i], "/", -1);
      guint same = 0;

      while (parts[same] != NULL && globs[same] != NULL &&
             fnmatch (globs[same], parts[same], 0) == 0)
        same++;
      if (parts[same] == NULL)
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_later (const struct timespec *a, const struct timespec *b)
{
  return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* The same size and time: carried over before, and not changed since. */
static gboolean
is_same (const struct stat *a, const struct stat *b)
{
  return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
         a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Whether a file is to replace what is at the other end. Of two that were both written since, the
 * later one counts. */
static gboolean
is_wanted (const CarryOver *self, int dirfd, const char *name, const struct stat *info)
{
  struct stat present;
  gboolean is_there =
      fstatat (dirfd, name, &present, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (present.st_mode);

  if (is_there && is_same (&present, info))
    return FALSE;
  return self->since == NULL || !is_there || is_later (&info->st_mtim, &present.st_mtim);
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
  g_snprintf (temporary, sizeof temporary, TEMPORARY "%08x%08x", g_random_int (), g_random_int ());
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
carry_file (CarryOver *self, const OnwardWalkEntry *found, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (found->path);
  g_auto (OnwardFd) parent = -1;

  if (self->since != NULL && !is_later (&found->info.st_mtim, self->since))
    return TRUE;

  if (!g_str_equal (folder, ".") && !onward_file_make_dir (self->to_dirfd, folder, error))
    return FALSE;
  parent = onward_file_open_dir (self->to_dirfd, folder, error);
  if (parent < 0)
    return FALSE;

  if (!is_wanted (self, parent, found->name, &found->info))
    return TRUE;
  self->n_copied++;
  return copy_file (self, found, parent, found->name, error);
}

/* Only the user's regular files are carried over; temporary names of ours are not the user's. */
static OnwardWalkStep
carry_found (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  CarryOver *self = user_data;

  if (S_ISDIR (found->info.st_mode))
    return onward_keep_leads_to (self->keep, found->path) ? ONWARD_WALK_DESCEND : ONWARD_WALK_SKIP;
  if (!S_ISREG (found->info.st_mode) || g_str_has_prefix (found->name, ".onward-") ||
      (self->from_tree != NULL && is_of_release (self->from_tree, found->path)) ||
      !onward_keep_matches (self->keep, found->path) || is_taken (self->to_tree, found->path))
    return ONWARD_WALK_SKIP;

  return carry_file (self, found, error) ? ONWARD_WALK_SKIP : ONWARD_WALK_FAIL;
}

static gboolean
carry_all (CarryOver *self, int from, GError **error)
{
  if (self->keep[0] == NULL || onward_walk (from, carry_found, self, self->cancellable, error))
    return TRUE;

  g_prefix_error (error, "Keeping the user's files: ");
  return FALSE;
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

  application = onward_install_load_application (install, error);
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
  CarryOver carry = { keep, from_tree, to_tree, to, cancellable, NULL, 0 };

  g_return_val_if_fail (keep != NULL, FALSE);
  g_return_val_if_fail (to_tree != NULL, FALSE);

  return carry_all (&carry, from, error);
}

/* @carry has the globs; the rest is found out here. */
static gboolean
carry_between (CarryOver *carry, OnwardInstall *install, const char *from, const char *to,
               GError **error)
{
  g_autoptr (OnwardTree) from_tree = NULL;
  g_autoptr (OnwardTree) to_tree = NULL;
  g_auto (OnwardFd) from_dirfd = -1;
  g_auto (OnwardFd) to_dirfd = -1;

  if (!onward_install_find_version (install, from, &from_dirfd, error))
    return FALSE;
  if (from_dirfd < 0)
    return TRUE;
  to_dirfd = onward_install_open_version (install, to, error);
  if (to_dirfd < 0)
    return FALSE;
  to_tree = onward_install_load_receipt (install, to, error);
  if (to_tree == NULL)
    return FALSE;

  from_tree = onward_install_load_receipt (install, from, NULL);
  carry->from_tree = from_tree;
  carry->to_tree = to_tree;
  carry->to_dirfd = to_dirfd;
  return carry_all (carry, from_dirfd, error);
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
  CarryOver carry = { (const char *const *) keep, NULL, NULL, -1, cancellable, NULL, 0 };

  return keep != NULL && (keep[0] == NULL || carry_between (&carry, install, from, to, error));
}

/* The time from which on what a version saves was not carried over when it was left: from the
 * switch on, or since this was last done, which the time of its receipt remembers. A version that
 * the launcher has left took everything with it since it was installed. */
static gboolean
find_since (OnwardInstall *install, const char *receipt, gboolean was_reverted,
            struct timespec *ret_since)
{
  int dirfd = onward_install_get_dirfd (install);
  const char *path = onward_current_find_link (dirfd, NULL);
  struct stat link, info;

  if (path == NULL || fstatat (dirfd, path, &link, AT_SYMLINK_NOFOLLOW) < 0 ||
      fstatat (dirfd, receipt, &info, AT_SYMLINK_NOFOLLOW) < 0)
    return FALSE;

  link.st_mtim.tv_sec -= SWITCH_SECONDS;
  *ret_since =
      was_reverted || is_later (&info.st_mtim, &link.st_mtim) ? info.st_mtim : link.st_mtim;
  return TRUE;
}

/**
 * onward_keep_carry_late:
 * @install: an install, whose lock is held
 * @from: a version that is no longer the current one
 * @to: the current version
 * @was_reverted: whether it was the launcher that went back from @from to @to
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR
 *
 * Carries over what was saved in an old version since the switch, by a copy that was still running,
 * or in a version that the launcher has taken back. Of a file that both have written the later one
 * counts. Blocking.
 *
 * Returns: FALSE when a file could not be kept
 */
gboolean
onward_keep_carry_late (OnwardInstall *install, const char *from, const char *to,
                        gboolean was_reverted, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) keep = onward_keep_load (install, error);
  g_autofree char *receipt = g_strconcat ("receipts/", from, NULL);
  struct timespec since;
  struct timespec times[2] = { { 0, UTIME_OMIT }, { 0, 0 } };
  CarryOver carry = { (const char *const *) keep, NULL, NULL, -1, cancellable, &since, 0 };

  if (keep == NULL)
    return FALSE;
  if (keep[0] == NULL || !find_since (install, receipt, was_reverted, &since))
    return TRUE;

  clock_gettime (CLOCK_REALTIME, &times[1]);
  if (!carry_between (&carry, install, from, to, error))
    return FALSE;
  if (carry.n_copied > 0)
    (void) utimensat (onward_install_get_dirfd (install), receipt, times, AT_SYMLINK_NOFOLLOW);
  return TRUE;
}

static OnwardWalkStep
remove_temporary (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  const char *const *keep = user_data;

  if (S_ISDIR (found->info.st_mode))
    return onward_keep_leads_to (keep, found->path) ? ONWARD_WALK_DESCEND : ONWARD_WALK_SKIP;
  if (S_ISREG (found->info.st_mode) && g_str_has_prefix (found->name, TEMPORARY))
    (void) unlinkat (found->dirfd, found->name, 0);
  return ONWARD_WALK_SKIP;
}

/**
 * onward_keep_sweep:
 * @install: an install, whose lock is held
 * @version: an installed version
 * @error: where to put ONWARD_ERROR
 *
 * Removes the temporary names that a carrying over which was cut off has left. Blocking.
 *
 * Returns: FALSE on failure
 */
gboolean
onward_keep_sweep (OnwardInstall *install, const char *version, GError **error)
{
  g_auto (GStrv) keep = onward_keep_load (install, error);
  g_auto (OnwardFd) dirfd = -1;

  if (keep == NULL)
    return FALSE;
  if (keep[0] == NULL)
    return TRUE;

  dirfd = onward_install_open_version (install, version, error);
  return dirfd >= 0 && onward_walk (dirfd, remove_temporary, keep, NULL, error);
}

/* What onward_keep_measure() adds up. */
typedef struct
{
  const char *const *keep;
  OnwardTree *tree; /* (nullable) */
  guint64 size;
} Measure;

static OnwardWalkStep
measure_found (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  Measure *self = user_data;

  if (S_ISDIR (found->info.st_mode))
    return onward_keep_leads_to (self->keep, found->path) ? ONWARD_WALK_DESCEND : ONWARD_WALK_SKIP;
  if (S_ISREG (found->info.st_mode) && onward_keep_matches (self->keep, found->path) &&
      (self->tree == NULL || !is_of_release (self->tree, found->path)))
    self->size += (guint64) found->info.st_size;
  return ONWARD_WALK_SKIP;
}

/**
 * onward_keep_measure:
 * @install: an install
 *
 * Returns: how many bytes it takes to carry the user's files over to another version, and back
 */
guint64
onward_keep_measure (OnwardInstall *install)
{
  g_auto (GStrv) keep = onward_keep_load (install, NULL);
  g_autofree char *current = onward_install_dup_current (install, NULL);
  g_autoptr (OnwardTree) tree = NULL;
  g_auto (OnwardFd) dirfd = -1;
  Measure measure = { (const char *const *) keep, NULL, 0 };

  if (keep == NULL || keep[0] == NULL || current == NULL)
    return 0;

  tree = onward_install_load_receipt (install, current, NULL);
  measure.tree = tree;
  dirfd = onward_install_open_version (install, current, NULL);
  if (dirfd >= 0)
    (void) onward_walk (dirfd, measure_found, &measure, NULL, NULL);
  return 2 * measure.size;
}
