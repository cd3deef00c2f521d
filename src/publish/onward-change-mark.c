/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A repository whose keys were changed looks, with its older documents back in place, as if the
 * change had been cut off. Who stole the former keys can make it look so. What the folder of the
 * keys says, which is never published, tells one from the other. */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "onward-change-mark.h"
#include "onward-digest.h"
#include "onward-error.h"
#include "onward-file.h"

#define MARK_NAME "unfinished-change"
#define MAX_SIZE  1024

static GBytes *
make_text (GBytes *root)
{
  OnwardDigest digest;
  char *text;

  onward_digest_of_bytes (root, &digest);
  text = onward_digest_to_string (&digest);
  return g_bytes_new_take (text, strlen (text));
}

static int
open_keys (OnwardRepository *repository, GError **error)
{
  g_autofree char *keys = onward_repository_dup_keys_path (repository);

  return onward_file_open_dir (AT_FDCWD, keys, error);
}

/**
 * onward_change_mark_set:
 * @repository: a repository
 * @root: the root that is about to be published, with what its keys sign anew
 * @error: return location
 *
 * Notes beside the keys that a change of them begins. Blocking.
 */
gboolean
onward_change_mark_set (OnwardRepository *repository, GBytes *root, GError **error)
{
  g_autofree char *keys = onward_repository_dup_keys_path (repository);
  g_autoptr (GBytes) text = make_text (root);
  g_auto (OnwardFd) dirfd = -1;

  (void) g_mkdir_with_parents (keys, 0700);
  dirfd = open_keys (repository, error);
  if (dirfd >= 0 && onward_file_write (dirfd, MARK_NAME, text, 0600, error))
    return TRUE;
  g_prefix_error (error, "Beginning the change of the keys: ");
  return FALSE;
}

/**
 * onward_change_mark_is_of:
 * @repository: a repository
 * @root: its newest root
 *
 * Returns: whether the change that brought @root was begun with the keys that are here, and not
 *   finished
 */
gboolean
onward_change_mark_is_of (OnwardRepository *repository, GBytes *root)
{
  g_auto (OnwardFd) dirfd = open_keys (repository, NULL);
  g_autoptr (GBytes) text = make_text (root);
  g_autoptr (GBytes) found = dirfd < 0 ? NULL : onward_file_read (dirfd, MARK_NAME, MAX_SIZE, NULL);

  return found != NULL && g_bytes_equal (found, text);
}

/**
 * onward_change_mark_clear:
 * @repository: a repository
 *
 * Forgets a change that ended, one way or the other. A mark that stays does no harm once the keys
 * that it names have signed: there is nothing to finish.
 */
void
onward_change_mark_clear (OnwardRepository *repository)
{
  g_auto (OnwardFd) dirfd = open_keys (repository, NULL);

  if (dirfd >= 0)
    (void) unlinkat (dirfd, MARK_NAME, 0);
}
