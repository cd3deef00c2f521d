/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <sys/statvfs.h>

#include "onward-content.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-keep.h"
#include "onward-staging-folder.h"
#include "onward-staging-place.h"
#include "onward-staging.h"

/* What stays free for everybody else: 5 % of what is written, and this. */
#define RESERVE        (G_GUINT64_CONSTANT (64) << 20)
#define RESERVED_FILES 64
/* What the smallest file takes. Some file systems report blocks so large that no file has them. */
#define MAX_BLOCK 4096

/* Whether the file will be a hard link, which takes no space. */
static gboolean
is_linkable (OnwardContent *content, const OnwardTreeEntry *entry)
{
  const OnwardTreeEntry *old = onward_content_lookup (content, &entry->digest, entry->size);

  return old != NULL && old->mode == entry->mode;
}

/* In whole blocks of the disk, as many small files take far more than they hold. */
static guint64
measure_new_content (OnwardContent *content, OnwardTree *tree, int dirfd)
{
  struct statvfs info = { .f_frsize = 1 };
  guint64 size = 0, block;

  (void) fstatvfs (dirfd, &info);
  block = CLAMP (info.f_frsize, 1, MAX_BLOCK);
  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);

      if (entry->kind == ONWARD_ENTRY_DIRECTORY)
        size += block;
      else if (entry->kind == ONWARD_ENTRY_FILE && !is_linkable (content, entry))
        size += (entry->size + block - 1) / block * block;
    }

  return size;
}

/* @where: the folder whose disk it is, for the message. */
static gboolean
check_space (const OnwardStagingNeed *need, int dirfd, const char *where, guint64 download,
             guint64 content, GError **error)
{
  guint64 kept = (content + download) / 20 + (need->replaces ? 0 : RESERVE);
  guint64 needed = content + download + kept;
  guint64 available = 0;
  g_autofree char *needed_text = NULL;
  g_autofree char *free_text = NULL;
  g_autofree char *kept_text = NULL;

  if (!onward_file_get_free_space (dirfd, &available, error))
    return FALSE;
  if (available >= needed)
    return TRUE;

  needed_text = g_format_size (needed);
  free_text = g_format_size (available);
  kept_text = g_format_size (kept);
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NO_SPACE,
               "%s needs %s on the disk of “%s” (of which %s are kept free), but only %s are free",
               need->what, needed_text, where, kept_text, free_text);
  return FALSE;
}

/* File systems without a fixed number of files report none at all. */
static gboolean
check_files (const OnwardStagingNeed *need, int dirfd, const char *where, GError **error)
{
  guint64 needed = (guint64) need->n_entries + RESERVED_FILES;
  struct statvfs info;

  if (fstatvfs (dirfd, &info) < 0 || info.f_files == 0 || info.f_favail >= needed)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NO_SPACE,
               "%s needs room for %" G_GUINT64_FORMAT
               " files on the disk of “%s” (of which %d are kept free), but there is room for "
               "%" G_GUINT64_FORMAT " only",
               need->what, needed, where, RESERVED_FILES, (guint64) info.f_favail);
  return FALSE;
}

/* The download counts where it goes: usually, but not always, to the disk of the install. */
static gboolean
check_download (const OnwardStagingNeed *need, OnwardInstall *install, int staging_dirfd,
                guint64 *inout_download, GError **error)
{
  const char *path = onward_paths_get_parts (onward_install_get_paths (install));
  g_auto (OnwardFd) parts = onward_file_open_dir (AT_FDCWD, path, NULL);
  int dirfd = parts >= 0 ? parts : onward_install_get_state_dirfd (install);
  struct stat here, there;

  if (dirfd < 0 || fstat (staging_dirfd, &here) < 0 || fstat (dirfd, &there) < 0 ||
      here.st_dev == there.st_dev)
    return TRUE;

  if (!check_space (need, dirfd, path, *inout_download, 0, error))
    return FALSE;
  *inout_download = 0;
  return TRUE;
}

static gboolean
check_need (OnwardInstall *install, int staging_dirfd, const OnwardStagingNeed *need,
            GError **error)
{
  const char *path = onward_paths_get_install (onward_install_get_paths (install));
  guint64 staged = onward_staging_folder_get_size (staging_dirfd);
  guint64 content = need->content - MIN (need->content, staged) + need->kept;
  guint64 download = need->download;

  return check_download (need, install, staging_dirfd, &download, error) &&
         check_space (need, staging_dirfd, path, download, content, error) &&
         check_files (need, staging_dirfd, path, error);
}

/**
 * onward_staging_preflight_space:
 * @install: an install
 * @need: what is about to be fetched and written
 * @error: where to put ONWARD_ERROR; NO_SPACE with how much is needed, kept and free
 *
 * Finds out, before the first byte is fetched, whether there is room for it. What was staged by a
 * run that was cut off is there already. Blocking.
 *
 * Returns: whether there is
 */
gboolean
onward_staging_preflight_space (OnwardInstall *install, const OnwardStagingNeed *need,
                                GError **error)
{
  g_auto (OnwardFd) staging_dirfd = -1;

  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (need != NULL, FALSE);

  staging_dirfd = onward_staging_folder_open (install, error);
  return staging_dirfd >= 0 && check_need (install, staging_dirfd, need, error);
}

/**
 * onward_staging_preflight:
 * @install: an install
 * @head: the beginning of the pack that will be used
 * @download: bytes still to fetch into the parts folder
 * @shelf: bytes that are made in var/staging before or meanwhile, and removed after
 * @error: where to put ONWARD_ERROR; NO_SPACE, READ_ONLY_INSTALL or NOT_PERMITTED
 *
 * Finds out, before the first byte is fetched, whether the update can be put in place: the install
 * is ours to write, staging is on the disk of the versions, programs can be started from there, and
 * there is room for the download, for everything that is new, and for the user's files, which are
 * copied both on the way there and on the way back. The message says how much is needed, kept and
 * free. Blocking.
 *
 * Returns: FALSE when the update cannot be done here
 */
gboolean
onward_staging_preflight (OnwardInstall *install, OnwardPackHead *head, guint64 download,
                          guint64 shelf, GError **error)
{
  g_autoptr (OnwardContent) content = NULL;
  g_auto (OnwardFd) staging_dirfd = -1;
  OnwardTree *tree;
  OnwardStagingNeed need = { .what = "The update", .download = download };

  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (head != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!onward_staging_place_check_writable (install, error))
    return FALSE;
  staging_dirfd = onward_staging_folder_open (install, error);
  if (staging_dirfd < 0)
    return FALSE;
  content = onward_content_new (install, error);
  if (content == NULL)
    return FALSE;

  tree = onward_pack_head_get_tree (head);
  need.content = measure_new_content (content, tree, staging_dirfd) + shelf;
  need.kept = onward_keep_measure (install);
  need.n_entries = onward_tree_get_n_entries (tree);
  return onward_staging_place_check_executable (install, staging_dirfd, tree, error) &&
         check_need (install, staging_dirfd, &need, error);
}
