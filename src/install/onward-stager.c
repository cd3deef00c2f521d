/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "onward-copy.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-stager.h"
#include "onward-verify.h"
#include "onward-walk.h"

struct _OnwardStager
{
  OnwardTree *tree;          /* (owned) */
  int dirfd;                 /* (owned) */
  GCancellable *cancellable; /* (owned) (nullable) */

  guint8 *done; /* (owned): whether, for each entry: of files and links only */
  guint files_done;

  OnwardStagingProgress progress; /* (nullable) */
  gpointer progress_data;

  /* Entries come sorted: the folder of the last one is likely that of the next. */
  char *parent_path; /* (owned) (nullable) */
  int parent_fd;     /* (owned): or -1 */
};

static int
open_folder (int staging_dirfd, const char *version, GError **error)
{
  int dirfd;

  if (!onward_file_make_dir (staging_dirfd, version, error))
    return -1;

  dirfd = onward_file_open_dir (staging_dirfd, version, error);
  if (dirfd >= 0 && fchmod (dirfd, 0755) < 0)
    {
      onward_file_set_error (error, errno, "Making folder", version);
      onward_fd_close (dirfd);
      return -1;
    }
  return dirfd;
}

/**
 * onward_stager_new:
 * @staging_dirfd: var/staging
 * @version: the version to build
 * @tree: what it consists of
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR
 *
 * Opens or makes var/staging/@version. Blocking, as are all calls of a stager.
 *
 * Returns: (transfer full) (nullable): a stager
 */
OnwardStager *
onward_stager_new (int staging_dirfd, const char *version, OnwardTree *tree,
                   GCancellable *cancellable, GError **error)
{
  int dirfd = open_folder (staging_dirfd, version, error);
  OnwardStager *self;

  if (dirfd < 0)
    return NULL;

  self = g_new0 (OnwardStager, 1);
  self->tree = onward_tree_ref (tree);
  self->dirfd = dirfd;
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  self->done = g_new0 (guint8, onward_tree_get_n_entries (tree));
  self->parent_fd = -1;
  return self;
}

static void
forget_parent (OnwardStager *self)
{
  g_clear_pointer (&self->parent_path, g_free);
  if (self->parent_fd >= 0)
    onward_fd_close (self->parent_fd);
  self->parent_fd = -1;
}

/**
 * onward_stager_free:
 * @self: (transfer full): a stager
 *
 * Frees @self; the folder stays for the next run.
 */
void
onward_stager_free (OnwardStager *self)
{
  g_return_if_fail (self != NULL);

  forget_parent (self);
  onward_fd_close (self->dirfd);
  onward_tree_unref (self->tree);
  g_free (self->done);
  g_clear_object (&self->cancellable);
  g_free (self);
}

/**
 * onward_stager_set_progress:
 * @self: a stager
 * @progress: (nullable): told of every file that is done
 * @user_data: for @progress
 *
 * Sets who is told.
 */
void
onward_stager_set_progress (OnwardStager *self, OnwardStagingProgress progress, gpointer user_data)
{
  self->progress = progress;
  self->progress_data = user_data;
}

/**
 * onward_stager_get_dirfd:
 * @self: a stager
 *
 * Returns: a borrowed descriptor of the folder
 */
int
onward_stager_get_dirfd (OnwardStager *self)
{
  return self->dirfd;
}

/**
 * onward_stager_is_done:
 * @self: a stager
 * @entry: a file or link of its tree
 *
 * Returns: whether it is there and was checked
 */
gboolean
onward_stager_is_done (OnwardStager *self, const OnwardTreeEntry *entry)
{
  return self->done[onward_tree_get_index (self->tree, entry)] != 0;
}

static void
mark_done (OnwardStager *self, const OnwardTreeEntry *entry)
{
  guint8 *is_done = &self->done[onward_tree_get_index (self->tree, entry)];

  if (*is_done != 0)
    return;
  *is_done = 1;
  if (entry->kind != ONWARD_ENTRY_FILE)
    return;

  self->files_done++;
  if (self->progress != NULL)
    self->progress (self->files_done, onward_tree_get_n_files (self->tree), self->progress_data);
}

/* The folder of @entry (borrowed) and its name there. */
static int
open_parent (OnwardStager *self, const OnwardTreeEntry *entry, const char **ret_name,
             GError **error)
{
  const char *slash = strrchr (entry->path, '/');
  gsize length = slash != NULL ? (gsize) (slash - entry->path) : 0;

  *ret_name = slash != NULL ? slash + 1 : entry->path;
  if (slash == NULL)
    return self->dirfd;
  if (self->parent_fd >= 0 && strlen (self->parent_path) == length &&
      memcmp (self->parent_path, entry->path, length) == 0)
    return self->parent_fd;

  forget_parent (self);
  self->parent_path = g_strndup (entry->path, length);
  self->parent_fd = onward_file_open_dir (self->dirfd, self->parent_path, error);
  return self->parent_fd;
}

static gboolean
fail (const OnwardTreeEntry *entry, const char *doing, GError **error)
{
  onward_file_set_error (error, errno, doing, entry->path);
  return FALSE;
}

/* Keeps folders of the tree, and files and links that are exactly what the tree says. */
static OnwardWalkStep
resume_found (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  OnwardStager *self = user_data;
  const OnwardTreeEntry *entry = onward_tree_lookup (self->tree, found->path);

  if (entry != NULL && entry->kind == ONWARD_ENTRY_DIRECTORY && S_ISDIR (found->info.st_mode))
    return ONWARD_WALK_DESCEND;
  if (entry != NULL && entry->kind != ONWARD_ENTRY_DIRECTORY &&
      onward_verify_entry (found->dirfd, found->name, &found->info, entry, ONWARD_VERIFY_CONTENTS,
                           self->cancellable))
    {
      mark_done (self, entry);
      return ONWARD_WALK_SKIP;
    }

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
      !onward_file_remove_tree (found->dirfd, found->name, self->cancellable, error))
    return ONWARD_WALK_FAIL;
  return ONWARD_WALK_SKIP;
}

static gboolean
make_folder (OnwardStager *self, const OnwardTreeEntry *entry, GError **error)
{
  g_auto (OnwardFd) fd = -1;
  const char *name = NULL;
  int parent = open_parent (self, entry, &name, error);

  if (parent < 0)
    return FALSE;
  if (mkdirat (parent, name, 0755) < 0 && errno != EEXIST)
    return fail (entry, "Making folder", error);

  /* Whatever the umask. */
  fd = onward_file_open_dir (parent, name, error);
  if (fd < 0)
    return FALSE;
  return fchmod (fd, entry->mode) == 0 || fail (entry, "Making folder", error);
}

/**
 * onward_stager_resume:
 * @self: a stager
 * @error: where to put ONWARD_ERROR
 *
 * Goes through what an earlier run left: whatever is not exactly what the tree says, by its
 * digest, is removed. Then makes the folders of the tree.
 *
 * Returns: FALSE on failure
 */
gboolean
onward_stager_resume (OnwardStager *self, GError **error)
{
  if (!onward_walk (self->dirfd, resume_found, self, self->cancellable, error))
    return FALSE;

  for (guint i = 0; i < onward_tree_get_n_entries (self->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->tree, i);

      if (entry->kind == ONWARD_ENTRY_DIRECTORY && !make_folder (self, entry, error))
        return FALSE;
    }

  return TRUE;
}

/* Reasons that another name cannot be had, though a copy can. */
static gboolean
is_unlinkable (int reason)
{
  return reason == EXDEV || reason == EMLINK || reason == EPERM || reason == EACCES ||
         reason == ENOENT || reason == EOPNOTSUPP || reason == ENOSYS;
}

/* Older kernels want a privilege for the short way. */
static gboolean
link_descriptor (int fd, int parent, const char *name)
{
  char source[sizeof "/proc/self/fd/-2147483648"];

  if (linkat (fd, "", parent, name, AT_EMPTY_PATH) == 0)
    return TRUE;
  if (errno != ENOENT)
    return FALSE;

  g_snprintf (source, sizeof source, "/proc/self/fd/%d", fd);
  return linkat (AT_FDCWD, source, parent, name, AT_SYMLINK_FOLLOW) == 0;
}

/**
 * onward_stager_link_file:
 * @self: a stager
 * @entry: a file that is not done
 * @fd: a file with its content
 * @error: where to put ONWARD_ERROR; left alone when it is a copy that is needed
 *
 * Links the very file that was hashed, through its descriptor. A hard link shares its mode: where
 * that differs a copy is needed.
 *
 * Returns: whether the file is done
 */
gboolean
onward_stager_link_file (OnwardStager *self, const OnwardTreeEntry *entry, int fd, GError **error)
{
  const char *name = NULL;
  struct stat info;
  int parent;

  if (fstat (fd, &info) < 0)
    return fail (entry, "Examining", error);
  if ((info.st_mode & 07777) != entry->mode)
    return FALSE;

  parent = open_parent (self, entry, &name, error);
  if (parent < 0)
    return FALSE;
  if (!link_descriptor (fd, parent, name))
    return is_unlinkable (errno) ? FALSE : fail (entry, "Linking", error);

  mark_done (self, entry);
  return TRUE;
}

/**
 * onward_stager_create_file:
 * @self: a stager
 * @entry: a file that is not done
 * @error: where to put ONWARD_ERROR
 *
 * Makes the file, empty and for its owner only; never opens one that exists.
 *
 * Returns: an owned descriptor open for reading and writing, or -1
 */
int
onward_stager_create_file (OnwardStager *self, const OnwardTreeEntry *entry, GError **error)
{
  const char *name = NULL;
  int parent = open_parent (self, entry, &name, error);
  int fd;

  if (parent < 0)
    return -1;

  fd = onward_file_open_beneath (parent, name, O_RDWR | O_CREAT | O_EXCL, 0600, error);
  if (fd < 0)
    g_prefix_error (error, "Making “%s”: ", entry->path);
  return fd;
}

/**
 * onward_stager_finish_file:
 * @self: a stager
 * @entry: a file made by onward_stager_create_file()
 * @fd: its descriptor, which stays the caller's
 * @digest: what was written
 * @error: where to put ONWARD_ERROR; CORRUPT when that is not what the tree says
 *
 * Gives the file its mode.
 *
 * Returns: whether the file is done
 */
gboolean
onward_stager_finish_file (OnwardStager *self, const OnwardTreeEntry *entry, int fd,
                           const OnwardDigest *digest, GError **error)
{
  if (!onward_digest_equal (digest, &entry->digest))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
                   "Unpacking “%s”: the bytes differ from the signed digest", entry->path);
      return FALSE;
    }
  if (fchmod (fd, entry->mode) < 0)
    return fail (entry, "Making", error);

  mark_done (self, entry);
  return TRUE;
}

/**
 * onward_stager_make_empty_file:
 * @self: a stager
 * @entry: a file of size 0
 * @error: where to put ONWARD_ERROR
 *
 * Makes a file that no pack needs to carry. Blocking.
 *
 * Returns: FALSE on failure
 */
gboolean
onward_stager_make_empty_file (OnwardStager *self, const OnwardTreeEntry *entry, GError **error)
{
  g_auto (OnwardFd) fd = onward_stager_create_file (self, entry, error);
  OnwardDigest digest;

  onward_digest_of_data ("", 0, &digest);
  return fd >= 0 && onward_stager_finish_file (self, entry, fd, &digest, error);
}

/**
 * onward_stager_abandon_file:
 * @self: a stager
 * @entry: a file made by onward_stager_create_file()
 *
 * Takes the unfinished file away.
 */
void
onward_stager_abandon_file (OnwardStager *self, const OnwardTreeEntry *entry)
{
  const char *name = NULL;
  int parent = open_parent (self, entry, &name, NULL);

  if (parent >= 0 && !onward_stager_is_done (self, entry))
    (void) unlinkat (parent, name, 0);
}

static gboolean
fill_copy (OnwardStager *self, const OnwardTreeEntry *entry, int from, int to, GError **error)
{
  OnwardDigest digest;

  return onward_copy_data (from, to, self->cancellable, error) &&
         onward_digest_of_fd (to, NULL, &digest, self->cancellable, error) &&
         onward_stager_finish_file (self, entry, to, &digest, error);
}

/**
 * onward_stager_copy_file:
 * @self: a stager
 * @entry: a file that is not done
 * @fd: a file with its content
 * @error: where to put ONWARD_ERROR
 *
 * Copies a file and hashes the copy.
 *
 * Returns: whether the file is done
 */
gboolean
onward_stager_copy_file (OnwardStager *self, const OnwardTreeEntry *entry, int fd, GError **error)
{
  g_auto (OnwardFd) copy = onward_stager_create_file (self, entry, error);

  if (copy < 0)
    return FALSE;
  if (fill_copy (self, entry, fd, copy, error))
    return TRUE;

  onward_stager_abandon_file (self, entry);
  g_prefix_error (error, "Copying “%s”: ", entry->path);
  return FALSE;
}

/**
 * onward_stager_open_file:
 * @self: a stager
 * @entry: a file that is done
 * @error: where to put ONWARD_ERROR
 *
 * Returns: an owned descriptor open for reading, or -1
 */
int
onward_stager_open_file (OnwardStager *self, const OnwardTreeEntry *entry, GError **error)
{
  return onward_file_open_beneath (self->dirfd, entry->path, O_RDONLY, 0, error);
}

/**
 * onward_stager_make_links:
 * @self: a stager whose files are all done
 * @error: where to put ONWARD_ERROR
 *
 * Makes the symbolic links of the tree.
 *
 * Returns: FALSE on failure
 */
gboolean
onward_stager_make_links (OnwardStager *self, GError **error)
{
  for (guint i = 0; i < onward_tree_get_n_entries (self->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->tree, i);
      const char *name = NULL;
      int parent;

      if (entry->kind != ONWARD_ENTRY_SYMLINK || onward_stager_is_done (self, entry))
        continue;
      parent = open_parent (self, entry, &name, error);
      if (parent < 0)
        return FALSE;
      if (symlinkat (entry->link_target, parent, name) < 0)
        return fail (entry, "Linking", error);
      mark_done (self, entry);
    }

  return TRUE;
}
