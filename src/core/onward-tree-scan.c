/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-tree-scan.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-tree-path.h"

typedef struct
{
  GArray *entries;       /* (owned): OnwardTreeEntry */
  GStringChunk *strings; /* (owned): what they point at */
  GCancellable *cancellable;
} Scan;

static void
scan_clear (Scan *self)
{
  g_clear_pointer (&self->entries, g_array_unref);
  g_clear_pointer (&self->strings, g_string_chunk_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scan, scan_clear)

static gboolean
refuse (GError **error, const char *path, const char *why)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "“%s”: %s", shown, why);
  return FALSE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Leaves in errno why reading stopped; 0 at the end. */
static GPtrArray *
read_names (DIR *stream)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  struct dirent *item;

  while (errno = 0, (item = readdir (stream)) != NULL)
    if (!g_str_equal (item->d_name, ".") && !g_str_equal (item->d_name, ".."))
      g_ptr_array_add (names, g_strdup (item->d_name));

  return names;
}

/* Takes @dirfd over for its reading; sorted, so that the first problem named is always the same. */
static GPtrArray *
list_folder (int dirfd, const char *path, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;
  DIR *stream = fdopendir (dirfd);
  int why;

  if (stream == NULL)
    {
      onward_file_set_error (error, errno, "Reading", path);
      onward_fd_close (dirfd);
      return NULL;
    }

  names = read_names (stream);
  why = errno;
  (void) closedir (stream);
  if (why != 0)
    {
      onward_file_set_error (error, why, "Reading", path);
      return NULL;
    }

  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

static gboolean
add_entry (Scan *self, OnwardTreeEntry *entry, GError **error)
{
  if (self->entries->len == ONWARD_TREE_MAX_ENTRIES)
    return refuse (error, entry->path, "there are too many files");

  entry->component = "";
  if (entry->link_target == NULL)
    entry->link_target = "";
  g_array_append_vals (self->entries, entry, 1);
  return TRUE;
}

/* What is opened is looked at again, since it may have been exchanged since it was listed. */
static gboolean
add_file (Scan *self, int dirfd, const char *name, const char *path, GError **error)
{
  g_auto (OnwardFd) fd = -1;
  OnwardTreeEntry entry = { .path = path, .kind = ONWARD_ENTRY_FILE };
  struct stat info;

  fd = onward_file_open_beneath (dirfd, name, O_RDONLY | O_NONBLOCK, 0, error);
  if (fd < 0)
    return FALSE;
  if (fstat (fd, &info) < 0)
    {
      onward_file_set_error (error, errno, "Looking at", path);
      return FALSE;
    }
  if (!S_ISREG (info.st_mode))
    return refuse (error, path, "it is not a file any more");
  if ((info.st_mode & (S_ISUID | S_ISGID | S_ISVTX)) != 0)
    return refuse (error, path, "it would run with the rights of another user");

  if (!onward_digest_of_fd (fd, &entry.size, &entry.digest, self->cancellable, error))
    {
      g_prefix_error (error, "“%s”: ", path);
      return FALSE;
    }
  entry.mode = (info.st_mode & S_IXUSR) != 0 ? 0755 : 0644;
  return add_entry (self, &entry, error);
}

static gboolean
add_symlink (Scan *self, int dirfd, const char *name, const char *path, GError **error)
{
  g_autofree char *target = onward_file_read_link (dirfd, name, error);
  OnwardTreeEntry entry = { .path = path, .kind = ONWARD_ENTRY_SYMLINK, .mode = 0777 };

  if (target == NULL || !onward_tree_path_check_link (path, target, error))
    return FALSE;

  entry.link_target = g_string_chunk_insert (self->strings, target);
  return add_entry (self, &entry, error);
}

static gboolean
add_folder (Scan *self, const char *path, GError **error)
{
  OnwardTreeEntry entry = { .path = path, .kind = ONWARD_ENTRY_DIRECTORY, .mode = 0755 };

  return add_entry (self, &entry, error);
}

/* Adds what stands at @name; @path says the same from the root on. Opens a folder for its
 * contents in @ret_fd. */
static gboolean
scan_one (Scan *self, int dirfd, const char *name, const char *path, OnwardFd *ret_fd,
          GError **error)
{
  struct stat info;

  if (!onward_tree_path_check (path, error) ||
      g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  if (fstatat (dirfd, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
    {
      onward_file_set_error (error, errno, "Looking at", path);
      return FALSE;
    }

  if (S_ISREG (info.st_mode))
    return add_file (self, dirfd, name, path, error);
  if (S_ISLNK (info.st_mode))
    return add_symlink (self, dirfd, name, path, error);
  if (!S_ISDIR (info.st_mode))
    return refuse (error, path, "it is neither a file, a folder nor a link");

  *ret_fd = onward_file_open_dir (dirfd, name, error);
  return *ret_fd >= 0 && add_folder (self, path, error);
}

/* The grammar of paths bounds the depth, and so the recursion. */
static gboolean
scan_folder (Scan *self, int dirfd, const char *prefix, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;
  int list_fd = onward_file_open_dir (dirfd, ".", error);

  if (list_fd < 0)
    return FALSE;
  names = list_folder (list_fd, prefix, error);
  if (names == NULL)
    return FALSE;

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autofree char *joined = g_strconcat (prefix, *prefix != '\0' ? "/" : "", name, NULL);
      const char *path = g_string_chunk_insert (self->strings, joined);
      g_auto (OnwardFd) folder = -1;

      if (!scan_one (self, dirfd, name, path, &folder, error))
        return FALSE;
      if (folder >= 0 && !scan_folder (self, folder, path, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * onward_tree_scan:
 * @dirfd: a folder, which stays the caller's
 * @cancellable: (nullable): asked before each file and while hashing
 * @error: set with %ONWARD_ERROR_MALFORMED for what cannot be part of a release, by the code of
 *   onward_file_set_error() for what cannot be read, or with %G_IO_ERROR_CANCELLED
 *
 * Makes the tree of what a folder holds: files are hashed, no link is followed, and modes become
 * 0755 where the owner may execute, else 0644. Set-user-id files, devices, links that lead out
 * and names outside the rules are refused. The same contents always give the same tree. Blocking.
 *
 * Returns: (transfer full): the tree, with frames and offsets of 0; or %NULL
 */
OnwardTree *
onward_tree_scan (int dirfd, GCancellable *cancellable, GError **error)
{
  g_auto (Scan) scan = { .cancellable = cancellable };
  OnwardTree *tree = NULL;

  g_return_val_if_fail (dirfd >= 0, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  scan.entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
  scan.strings = g_string_chunk_new (64 * 1024);
  if (scan_folder (&scan, dirfd, "", error))
    tree = onward_tree_new (scan.entries, error);
  if (tree == NULL)
    g_prefix_error_literal (error, "Scanning a folder: ");
  return tree;
}
