/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Side by side, `current` is a link that says "versions/2.1.0". In place it is the folder of that
 * version itself, and the same link lies in it as a mark, so that what is said changes in the one
 * step in which the folder does. Nothing else knows of the two layouts.
 *
 * A switch in place first gives the new folder, in versions/, the name that the old one will have
 * there, then exchanges the two: from that moment on every folder has the name that its mark says,
 * and until then only the new one does not, which the mark puts right. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "onward-aside.h"
#include "onward-current.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-running.h"
#include "onward-tree-path.h"
#include "onward-verify.h"
#include "onward-version.h"
#include "onward-walk.h"

#define CURRENT       "current"
#define VERSIONS      "versions/"
#define HOLD_TRIES    20
#define HOLD_PAUSE_US (10 * 1000)
#define MARK          CURRENT "/" ONWARD_TREE_PATH_MARK

static gboolean
is_folder (int dirfd, const char *path)
{
  struct stat info;

  return fstatat (dirfd, path, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (info.st_mode);
}

/**
 * onward_current_find_link:
 * @dirfd: the install folder
 * @error: where to put ONWARD_ERROR
 *
 * Returns: (nullable): the path of the link that says which version is current: `current`, or its
 *   mark where that is a folder. The time of the link is that of the switch
 */
const char *
onward_current_find_link (int dirfd, GError **error)
{
  struct stat info;

  if (fstatat (dirfd, CURRENT, &info, AT_SYMLINK_NOFOLLOW) == 0)
    return S_ISDIR (info.st_mode) ? MARK : CURRENT;
  if (errno == ENOENT)
    return CURRENT;

  onward_file_set_error (error, errno, "Examining", CURRENT);
  return NULL;
}

/**
 * onward_current_dup_folder:
 * @install: an install
 * @version: a version
 * @error: where to put ONWARD_ERROR, when it cannot be told just now which version is current
 *
 * Returns: (transfer full) (nullable): the path of its folder below the install
 */
char *
onward_current_dup_folder (OnwardInstall *install, const char *version, GError **error)
{
  g_autofree char *current = NULL;
  const char *link;

  g_return_val_if_fail (install != NULL, NULL);
  g_return_val_if_fail (version != NULL, NULL);

  link = onward_current_find_link (onward_install_get_dirfd (install), error);
  if (link == NULL ||
      (g_str_equal (link, MARK) && !onward_install_find_current (install, &current, error)))
    return NULL;
  return g_strcmp0 (current, version) == 0 ? g_strdup (CURRENT)
                                           : g_strconcat (VERSIONS, version, NULL);
}

/**
 * onward_current_is_in_place:
 * @install: an install
 * @ret_is_in_place: (out): whether onward.ini says that `current` is to be a folder
 * @error: where to put ONWARD_ERROR
 *
 * Returns: FALSE when it is not known
 */
gboolean
onward_current_is_in_place (OnwardInstall *install, gboolean *ret_is_in_place, GError **error)
{
  g_autoptr (OnwardApplication) application = NULL;

  g_return_val_if_fail (install != NULL, FALSE);

  application = onward_install_load_application (install, error);
  if (application == NULL)
    return FALSE;

  *ret_is_in_place = onward_application_get_layout (application) == ONWARD_LAYOUT_IN_PLACE;
  return TRUE;
}

static gboolean
fail (const char *doing, const char *path, GError **error)
{
  onward_file_set_error (error, errno, doing, path);
  return FALSE;
}

static gboolean
move (int dirfd, const char *from, const char *to, GError **error)
{
  return renameat (dirfd, from, dirfd, to) == 0 || fail ("Moving", from, error);
}

static gboolean
sync_names (int dirfd, GError **error)
{
  g_auto (OnwardFd) versions = onward_file_open_dir (dirfd, "versions", error);

  return versions >= 0 && onward_file_sync (versions, "versions", error) &&
         onward_file_sync (dirfd, CURRENT, error);
}

/* What the mark of a folder says, when it may be a version. */
static char *
dup_marked (int dirfd, const char *folder)
{
  g_autofree char *path = g_strconcat (folder, "/" ONWARD_TREE_PATH_MARK, NULL);
  g_autofree char *target = onward_file_read_link (dirfd, path, NULL);

  if (target == NULL || !g_str_has_prefix (target, VERSIONS) ||
      !onward_install_is_version (target + strlen (VERSIONS)))
    return NULL;
  return g_steal_pointer (&target);
}

/* The time of a mark is that of the switch. */
static gboolean
mark (int dirfd, const char *folder, const char *target, GError **error)
{
  g_autofree char *present = dup_marked (dirfd, folder);
  g_auto (OnwardFd) fd = onward_file_open_dir (dirfd, folder, error);

  if (fd < 0)
    return FALSE;
  if (g_strcmp0 (present, target) == 0)
    (void) utimensat (fd, ONWARD_TREE_PATH_MARK, NULL, AT_SYMLINK_NOFOLLOW);
  else if ((unlinkat (fd, ONWARD_TREE_PATH_MARK, 0) < 0 && errno != ENOENT) ||
           symlinkat (target, fd, ONWARD_TREE_PATH_MARK) < 0)
    return fail ("Marking", folder, error);
  return onward_file_sync (fd, folder, error);
}

static void
refuse_running (OnwardInstall *install, const char *folder, GError **error)
{
  g_autoptr (OnwardRunning) copy =
      folder != NULL ? onward_running_find (install, folder + strlen (VERSIONS)) : NULL;
  g_autofree char *label = copy != NULL ? onward_running_dup_label (copy) : NULL;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY,
               "%s is running; it can only be exchanged when it is closed",
               label != NULL ? label : "The application");
}

/* No copy that runs may find another version where it was started from, or none. Somebody who only
 * looks holds the lock for an instant; a launcher that comes now waits for var. @other: (nullable):
 * the name that the folder of its version has side by side. */
static int
hold (OnwardInstall *install, const char *folder, const char *other, GError **error)
{
  g_auto (OnwardFd) fd = onward_file_open_dir (onward_install_get_dirfd (install), folder, error);
  int held;

  if (fd < 0)
    return -1;
  for (int tries = 1; flock (fd, LOCK_EX | LOCK_NB) < 0; tries++)
    {
      if (tries == HOLD_TRIES)
        {
          refuse_running (install, other, error);
          return -1;
        }
      g_usleep (HOLD_PAUSE_US);
    }

  held = fd;
  fd = -1;
  return held;
}

static gboolean
cannot_exchange (int reason)
{
  return reason == EINVAL || reason == ENOSYS || reason == EOPNOTSUPP || reason == EXDEV ||
         reason == EPERM;
}

/* Where the file system cannot exchange: for a moment there is no `current`, which the launcher and
 * the next updater put right. */
static gboolean
replace_in_two_steps (int dirfd, const char *target, const char *other, GError **error)
{
  if (renameat (dirfd, CURRENT, dirfd, other) < 0)
    {
      int reason = errno;

      fail ("Moving", CURRENT, error);
      if (reason == EXDEV || reason == EBUSY)
        g_prefix_error (error, "This disk, or the image of the computer that “current” came with, "
                               "cannot give it another place; install the application elsewhere: ");
      return FALSE;
    }
  if (move (dirfd, target, CURRENT, error))
    return TRUE;

  (void) renameat (dirfd, other, dirfd, CURRENT);
  return FALSE;
}

/* @other is where the current version goes. The file system is asked by trying: what it can do
 * depends on the very folders. */
static gboolean
exchange (int dirfd, const char *target, const char *other, GError **error)
{
  int reason;

  if (!move (dirfd, target, other, error) || !sync_names (dirfd, error))
    return FALSE;
  if (renameat2 (dirfd, other, dirfd, CURRENT, RENAME_EXCHANGE) == 0)
    return TRUE;

  reason = errno;
  if (!move (dirfd, other, target, error))
    return FALSE;
  if (cannot_exchange (reason))
    return replace_in_two_steps (dirfd, target, other, error);
  errno = reason;
  return fail ("Exchanging", CURRENT, error);
}

/* The name that the folder `current` has side by side: none where it is no folder, or does not say
 * which version it is. */
static gboolean
find_other (OnwardInstall *install, gboolean *ret_is_folder, char **ret_other, GError **error)
{
  const char *link = onward_current_find_link (onward_install_get_dirfd (install), error);
  g_autofree char *current = NULL;

  if (link == NULL)
    return FALSE;
  *ret_is_folder = g_str_equal (link, MARK);
  if (*ret_is_folder && !onward_install_find_current (install, &current, error))
    return FALSE;
  *ret_other = current != NULL ? g_strconcat (VERSIONS, current, NULL) : NULL;
  return TRUE;
}

static gboolean
refuse_unmarked (GError **error)
{
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                       "Finding out which version “current” is: its mark is gone, and its files "
                       "are not those of any receipt; say it yourself (ln -s versions/VERSION "
                       "current/" ONWARD_TREE_PATH_MARK "), or install the application anew");
  return FALSE;
}

/* What is no folder is a link of the other layout, or nothing. No folder takes the place of a link
 * in one step: where it cannot come at all, the link comes back. */
static gboolean
replace_link (int dirfd, const char *target, GError **error)
{
  g_autofree char *link = onward_file_read_link (dirfd, CURRENT, NULL);

  (void) unlinkat (dirfd, CURRENT, 0);
  if (move (dirfd, target, CURRENT, error))
    return sync_names (dirfd, error);

  if (link != NULL)
    (void) symlinkat (link, dirfd, CURRENT);
  return FALSE;
}

static gboolean
put_in_place (OnwardInstall *install, const char *target, GError **error)
{
  int dirfd = onward_install_get_dirfd (install);
  g_autofree char *other = NULL;
  gboolean is_real = FALSE;
  g_auto (OnwardFd) held = -1;
  g_auto (OnwardFd) next = -1;

  if (!find_other (install, &is_real, &other, error) || !mark (dirfd, target, target, error))
    return FALSE;
  /* The launcher starts a version from there when it may not exchange it. */
  next = hold (install, target, target, error);
  if (next < 0)
    return FALSE;
  if (!is_real)
    return replace_link (dirfd, target, error);
  if (other == NULL)
    return refuse_unmarked (error);
  held = hold (install, CURRENT, other, error);
  return held >= 0 && exchange (dirfd, target, other, error) && sync_names (dirfd, error);
}

/* A folder of the other layout goes where it belongs side by side; any other one is in the way, and
 * may still be what somebody runs. */
static gboolean
put_away (OnwardInstall *install, GError **error)
{
  int dirfd = onward_install_get_dirfd (install);
  g_autofree char *other = NULL;
  gboolean is_real = FALSE;
  g_auto (OnwardFd) held = -1;

  if (!find_other (install, &is_real, &other, error))
    return FALSE;
  if (!is_real)
    return TRUE;

  held = hold (install, CURRENT, other, error);
  if (held < 0)
    return FALSE;
  return (other != NULL ? move (dirfd, CURRENT, other, error)
                        : onward_aside_put (install, CURRENT, NULL, error)) &&
         sync_names (dirfd, error);
}

/* What has the name that the folder `current` will need: nothing else has a right to it. */
static char *
find_in_the_way (int dirfd)
{
  g_autofree char *name = dup_marked (dirfd, CURRENT);
  struct stat info;

  if (name == NULL || fstatat (dirfd, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
    return NULL;
  return g_steal_pointer (&name);
}

/* The new folder has it when a switch was cut off before it exchanged the two: the name that its
 * mark says is free, and what it ought to have. */
static char *
dup_right_name (int dirfd, const char *name)
{
  g_autofree char *right = name != NULL ? dup_marked (dirfd, name) : NULL;

  return right == NULL || is_folder (dirfd, right) ? NULL : g_steal_pointer (&right);
}

/* What has it all the same was put there by somebody: a second copy of the current version. Whoever
 * waits for copies to end knows of none that runs there, so that this is not BUSY. */
static gboolean
clear_the_way (OnwardInstall *install, GError **error)
{
  int dirfd = onward_install_get_dirfd (install);
  g_autofree char *name = find_in_the_way (dirfd);
  g_autoptr (GError) failure = NULL;
  g_auto (OnwardFd) held = -1;

  if (name == NULL)
    return TRUE;
  if (is_folder (dirfd, name))
    {
      held = hold (install, name, NULL, &failure);
      if (held < 0)
        {
          g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                       "“%s”, a second copy of the current version, is in the way: %s", name,
                       failure->message);
          return FALSE;
        }
    }
  return onward_aside_put (install, name, name + strlen (VERSIONS), error);
}

/* Which version a folder is, by its files. A receipt alone says nothing: it is written before the
 * folder gets its name, and goes after it. */
typedef struct
{
  OnwardInstall *install;
  int folder;    /* (unowned) */
  char *version; /* (owned) (nullable): of several with the same files the newest */
} Search;

static gboolean
has_files (const Search *self, OnwardTree *tree, OnwardVerifyDepth depth)
{
  g_autoptr (OnwardDifferences) differences =
      onward_verify_folder (self->folder, tree, NULL, depth, NULL, NULL);

  return differences != NULL && differences->changed->len + differences->missing->len == 0;
}

static gboolean
is_version (const Search *self, const char *version)
{
  g_autoptr (OnwardTree) tree = onward_install_load_receipt (self->install, version, NULL);

  return tree != NULL && has_files (self, tree, ONWARD_VERIFY_SHAPE) &&
         has_files (self, tree, ONWARD_VERIFY_CONTENTS);
}

static OnwardWalkStep
try_receipt (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  Search *self = user_data;

  if (S_ISREG (found->info.st_mode) && onward_install_is_version (found->name) &&
      (self->version == NULL || onward_version_compare (found->name, self->version) > 0) &&
      is_version (self, found->name))
    {
      g_free (self->version);
      self->version = g_strdup (found->name);
    }
  return ONWARD_WALK_SKIP;
}

/* Side by side, a folder that is no version of ours is put out of the way by the next switch. */
static gboolean
leave_unmarked (OnwardInstall *install, GError **error)
{
  gboolean is_in_place = FALSE;

  if (!onward_current_is_in_place (install, &is_in_place, error))
    return FALSE;
  return !is_in_place || refuse_unmarked (error);
}

/* Somebody has removed the mark. */
static gboolean
mark_again (OnwardInstall *install, GError **error)
{
  int dirfd = onward_install_get_dirfd (install);
  g_auto (OnwardFd) receipts = onward_file_open_dir (dirfd, "receipts", error);
  g_auto (OnwardFd) folder = onward_file_open_dir (dirfd, CURRENT, receipts >= 0 ? error : NULL);
  Search search = { install, folder, NULL };
  g_autofree char *version = NULL;
  g_autofree char *target = NULL;

  if (receipts < 0 || folder < 0 || !onward_walk (receipts, try_receipt, &search, NULL, error))
    return FALSE;

  version = search.version;
  if (version == NULL)
    return leave_unmarked (install, error);
  target = g_strconcat (VERSIONS, version, NULL);
  return mark (dirfd, CURRENT, target, error);
}

/* Not where it cannot be told just now. */
static gboolean
is_unmarked (OnwardInstall *install)
{
  g_autofree char *current = NULL;

  return is_folder (onward_install_get_dirfd (install), CURRENT) &&
         onward_install_find_current (install, &current, NULL) && current == NULL;
}

/**
 * onward_current_is_settled:
 * @install: an install
 *
 * Returns: whether onward_current_settle() has nothing to do, as far as is known
 */
gboolean
onward_current_is_settled (OnwardInstall *install)
{
  g_autofree char *name = NULL;
  g_autofree char *right = NULL;
  int dirfd;

  g_return_val_if_fail (install != NULL, TRUE);

  dirfd = onward_install_get_dirfd (install);
  name = find_in_the_way (dirfd);
  right = dup_right_name (dirfd, name);
  return right == NULL && !is_unmarked (install);
}

/**
 * onward_current_settle:
 * @install: an install, whose lock is held and whose var is locked
 * @error: where to put ONWARD_ERROR
 *
 * Undoes a switch in place that was cut off between its steps, and marks a `current` again that has
 * lost its mark. What `current` is, is found out by its files, never guessed. Blocking.
 *
 * Returns: FALSE on failure
 */
gboolean
onward_current_settle (OnwardInstall *install, GError **error)
{
  int dirfd = onward_install_get_dirfd (install);
  g_autofree char *name = NULL;
  g_autofree char *right = NULL;

  if (is_unmarked (install) && !mark_again (install, error))
    return FALSE;
  name = find_in_the_way (dirfd);
  right = dup_right_name (dirfd, name);
  return right == NULL || (move (dirfd, name, right, error) && sync_names (dirfd, error));
}

/**
 * onward_current_point_at:
 * @install: an install, whose lock is held and whose var is locked
 * @version: a version that is complete
 * @error: where to put ONWARD_ERROR; BUSY when a copy of the current version runs, and the
 *   application must live at one path
 *
 * Makes @version the current one, in one step that survives a power cut. A second copy of what was
 * current is taken out of the way before. Blocking.
 *
 * Returns: FALSE when what was current still is, or when in place there is none for the moment
 */
gboolean
onward_current_point_at (OnwardInstall *install, const char *version, GError **error)
{
  g_autofree char *target = g_strconcat (VERSIONS, version, NULL);
  int dirfd = onward_install_get_dirfd (install);
  gboolean is_in_place = FALSE;

  g_return_val_if_fail (install != NULL, FALSE);

  if (!onward_current_settle (install, error) || !clear_the_way (install, error) ||
      !onward_current_is_in_place (install, &is_in_place, error))
    return FALSE;
  if (is_in_place)
    return put_in_place (install, target, error);
  return put_away (install, error) && onward_file_link_over (dirfd, target, CURRENT, error);
}
