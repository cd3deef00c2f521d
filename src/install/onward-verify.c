/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-file.h"
#include "onward-keep.h"
#include "onward-tree-path.h"
#include "onward-verify.h"
#include "onward-walk.h"

typedef struct
{
  OnwardTree *tree;
  const char *const *keep; /* (nullable) */
  OnwardVerifyDepth depth;
  GCancellable *cancellable; /* (nullable) */

  guint8 *seen; /* (owned): whether, for each entry of the tree */
  OnwardDifferences *differences;
} Comparison;

/**
 * onward_differences_free:
 * @self: (transfer full): differences
 *
 * Frees @self.
 */
void
onward_differences_free (OnwardDifferences *self)
{
  g_return_if_fail (self != NULL);

  g_ptr_array_unref (self->changed);
  g_ptr_array_unref (self->missing);
  g_ptr_array_unref (self->extra);
  g_free (self);
}

static OnwardDifferences *
differences_new (void)
{
  OnwardDifferences *self = g_new0 (OnwardDifferences, 1);

  self->changed = g_ptr_array_new_with_free_func (g_free);
  self->missing = g_ptr_array_new_with_free_func (g_free);
  self->extra = g_ptr_array_new_with_free_func (g_free);
  return self;
}

static gboolean
has_content (int dirfd, const char *name, const OnwardTreeEntry *entry, GCancellable *cancellable)
{
  g_auto (OnwardFd) fd = onward_file_open_beneath (dirfd, name, O_RDONLY | O_NONBLOCK, 0, NULL);
  OnwardDigest digest;
  guint64 size = 0;

  return fd >= 0 && onward_digest_of_fd (fd, &size, &digest, cancellable, NULL) &&
         size == entry->size && onward_digest_equal (&digest, &entry->digest);
}

static gboolean
has_target (int dirfd, const char *name, const OnwardTreeEntry *entry)
{
  g_autofree char *target = onward_file_read_link (dirfd, name, NULL);

  return g_strcmp0 (target, entry->link_target) == 0;
}

/**
 * onward_verify_entry:
 * @dirfd: the folder it lies in
 * @name: its name there
 * @info: what it is
 * @entry: what it ought to be
 * @depth: whether to hash it
 * @cancellable: (nullable): ends the hashing early, with FALSE
 *
 * Returns: whether it is what @entry says
 */
gboolean
onward_verify_entry (int dirfd, const char *name, const struct stat *info,
                     const OnwardTreeEntry *entry, OnwardVerifyDepth depth,
                     GCancellable *cancellable)
{
  mode_t mode = info->st_mode & 07777;

  switch (entry->kind)
    {
    case ONWARD_ENTRY_DIRECTORY:
      return S_ISDIR (info->st_mode) && mode == entry->mode;
    case ONWARD_ENTRY_FILE:
      return S_ISREG (info->st_mode) && mode == entry->mode && info->st_size >= 0 &&
             (guint64) info->st_size == entry->size &&
             (depth == ONWARD_VERIFY_SHAPE || has_content (dirfd, name, entry, cancellable));
    case ONWARD_ENTRY_SYMLINK:
      return S_ISLNK (info->st_mode) && has_target (dirfd, name, entry);
    }

  g_return_val_if_reached (FALSE);
}

/**
 * onward_verify_path:
 * @dirfd: the folder of a version
 * @entry: an entry of its tree
 * @depth: whether to hash it
 * @cancellable: (nullable): ends the hashing early, with FALSE
 *
 * Returns: whether what is there is what @entry says
 */
gboolean
onward_verify_path (int dirfd, const OnwardTreeEntry *entry, OnwardVerifyDepth depth,
                    GCancellable *cancellable)
{
  g_auto (OnwardFd) parent = -1;
  const char *name = NULL;
  struct stat info;

  parent = onward_file_open_parent (dirfd, entry->path, &name, NULL);
  return parent >= 0 && fstatat (parent, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         onward_verify_entry (parent, name, &info, entry, depth, cancellable);
}

/**
 * onward_verify_has_content:
 * @dirfd: the folder of a version
 * @entry: a file of its tree
 * @cancellable: (nullable): ends the hashing early, with FALSE
 *
 * Returns: whether a file with the content of @entry is there, whatever its mode
 */
gboolean
onward_verify_has_content (int dirfd, const OnwardTreeEntry *entry, GCancellable *cancellable)
{
  g_auto (OnwardFd) parent = -1;
  const char *name = NULL;
  struct stat info;

  parent = onward_file_open_parent (dirfd, entry->path, &name, NULL);
  return parent >= 0 && fstatat (parent, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG (info.st_mode) && (guint64) info.st_size == entry->size &&
         has_content (parent, name, entry, cancellable);
}

/* What no receipt lists. A folder of it is looked into only for what Keep= may cover. What is still
 * here of a component that was removed will go. */
static OnwardWalkStep
compare_extra (Comparison *self, const OnwardWalkEntry *found)
{
  const OnwardTreeEntry *left =
      onward_tree_lookup (onward_tree_get_whole (self->tree), found->path);
  gboolean may_hold_kept = self->keep != NULL && self->keep[0] != NULL;

  if (left != NULL)
    return left->kind == ONWARD_ENTRY_DIRECTORY && S_ISDIR (found->info.st_mode)
               ? ONWARD_WALK_DESCEND
               : ONWARD_WALK_SKIP;
  if ((may_hold_kept && onward_keep_matches (self->keep, found->path)) ||
      g_str_equal (found->path, ONWARD_TREE_PATH_MARK))
    return ONWARD_WALK_SKIP;
  if (S_ISDIR (found->info.st_mode) && may_hold_kept)
    return ONWARD_WALK_DESCEND;

  g_ptr_array_add (self->differences->extra, g_strdup (found->path));
  return ONWARD_WALK_SKIP;
}

static OnwardWalkStep
compare_found (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  Comparison *self = user_data;
  const OnwardTreeEntry *entry = onward_tree_lookup (self->tree, found->path);

  if (entry == NULL)
    return compare_extra (self, found);

  self->seen[onward_tree_get_index (self->tree, entry)] = 1;
  if (!onward_verify_entry (found->dirfd, found->name, &found->info, entry, self->depth,
                            self->cancellable))
    {
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return ONWARD_WALK_FAIL;
      g_ptr_array_add (self->differences->changed, g_strdup (found->path));
    }

  return entry->kind == ONWARD_ENTRY_DIRECTORY ? ONWARD_WALK_DESCEND : ONWARD_WALK_SKIP;
}

static void
collect_missing (Comparison *self)
{
  for (guint i = 0; i < onward_tree_get_n_entries (self->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->tree, i);

      if (self->seen[i] == 0)
        g_ptr_array_add (self->differences->missing, g_strdup (entry->path));
    }
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/**
 * onward_verify_folder:
 * @dirfd: a folder; -1 for one that is not there
 * @tree: what it ought to hold
 * @keep: (nullable): globs of what may be there besides
 * @depth: whether to hash the files
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR
 *
 * Compares a folder with a tree. Links are never followed. Blocking.
 *
 * Returns: (transfer full) (nullable): the differences, each list sorted
 */
OnwardDifferences *
onward_verify_folder (int dirfd, OnwardTree *tree, const char *const *keep, OnwardVerifyDepth depth,
                      GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardDifferences) differences = differences_new ();
  g_autofree guint8 *seen = NULL;
  Comparison comparison = { tree, keep, depth, cancellable, NULL, differences };

  g_return_val_if_fail (tree != NULL, NULL);

  seen = g_new0 (guint8, onward_tree_get_n_entries (tree));
  comparison.seen = seen;

  if (dirfd >= 0 && !onward_walk (dirfd, compare_found, &comparison, cancellable, error))
    return NULL;

  collect_missing (&comparison);
  g_ptr_array_sort (differences->changed, compare_paths);
  g_ptr_array_sort (differences->missing, compare_paths);
  g_ptr_array_sort (differences->extra, compare_paths);
  return g_steal_pointer (&differences);
}

/**
 * onward_verify_version:
 * @install: an install
 * @version: an installed version
 * @keep: (nullable): globs of the user's own files
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR; NOT_FOUND when its receipt is not there
 *
 * Compares a version with its receipt, hashing every file. Without its folder, all of it is
 * missing. Blocking.
 *
 * Returns: (transfer full) (nullable): the differences, each list sorted
 */
OnwardDifferences *
onward_verify_version (OnwardInstall *install, const char *version, const char *const *keep,
                       GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardTree) tree = NULL;
  g_auto (OnwardFd) dirfd = -1;

  g_return_val_if_fail (install != NULL, NULL);
  g_return_val_if_fail (version != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  tree = onward_install_load_needed_receipt (install, version, error);
  if (tree == NULL || !onward_install_find_version (install, version, &dirfd, error))
    return NULL;

  return onward_verify_folder (dirfd, tree, keep, ONWARD_VERIFY_CONTENTS, cancellable, error);
}
