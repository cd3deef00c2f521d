/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "onward-current.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-install.h"
#include "onward-leftovers.h"
#include "onward-session.h"
#include "onward-version.h"

#define MAX_VERSION_LENGTH 200

struct _OnwardInstall
{
  OnwardPaths *paths; /* (owned) */
  int dirfd;          /* (owned): the install folder */
  int state_dirfd;    /* (owned): where its state lives, or -1 where there is none */
  GError *no_state;   /* (owned) (nullable): why there is none */
  GMutex holding;     /* guards the three below: several threads may hold the lock together */
  int lock_fd;        /* (owned): var/lock while the lock is held, else -1 */
  guint lock_count;
  char *session; /* (owned) (nullable): while the lock is held */
};

typedef DIR OnwardDirStream;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardDirStream, closedir)

static void
clear_fd (int *fd)
{
  if (*fd >= 0)
    onward_fd_close (*fd);
  *fd = -1;
}

/**
 * onward_install_open:
 * @paths: where its parts live
 * @error: where to put ONWARD_ERROR
 *
 * Opens an install for reading; what changes it takes the lock. State that cannot be made (on a
 * read-only home) is no error here. Blocking.
 *
 * Returns: (transfer full) (nullable): the install
 */
OnwardInstall *
onward_install_open (OnwardPaths *paths, GError **error)
{
  g_autoptr (OnwardInstall) self = NULL;
  const char *state;

  g_return_val_if_fail (paths != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_new0 (OnwardInstall, 1);
  self->paths = onward_paths_ref (paths);
  self->state_dirfd = -1;
  self->lock_fd = -1;
  g_mutex_init (&self->holding);
  self->dirfd = onward_file_open_dir (AT_FDCWD, onward_paths_get_install (paths), error);
  if (self->dirfd < 0)
    return NULL;

  state = onward_paths_get_state (paths);
  if (onward_file_make_dir (AT_FDCWD, state, &self->no_state))
    self->state_dirfd = onward_file_open_dir (AT_FDCWD, state, &self->no_state);

  return g_steal_pointer (&self);
}

/**
 * onward_install_free:
 * @self: (transfer full): an install
 *
 * Closes @self; a lock that is still held is released.
 */
void
onward_install_free (OnwardInstall *self)
{
  g_return_if_fail (self != NULL);

  clear_fd (&self->lock_fd);
  clear_fd (&self->state_dirfd);
  clear_fd (&self->dirfd);
  g_clear_error (&self->no_state);
  onward_paths_unref (self->paths);
  g_free (self->session);
  g_mutex_clear (&self->holding);
  g_free (self);
}

/**
 * onward_install_get_paths:
 * @self: an install
 *
 * Returns: (transfer none): where its parts live
 */
OnwardPaths *
onward_install_get_paths (OnwardInstall *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->paths;
}

/**
 * onward_install_get_dirfd:
 * @self: an install
 *
 * Returns: a borrowed descriptor of the install folder
 */
int
onward_install_get_dirfd (OnwardInstall *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->dirfd;
}

/**
 * onward_install_get_state_dirfd:
 * @self: an install
 *
 * Returns: a borrowed descriptor of the state folder, or -1 where none could be made
 */
int
onward_install_get_state_dirfd (OnwardInstall *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->state_dirfd;
}

/**
 * onward_install_is_version:
 * @version: what may be a version
 *
 * Returns: whether @version may name a folder below versions/; the launcher has the same rule
 */
gboolean
onward_install_is_version (const char *version)
{
  g_return_val_if_fail (version != NULL, FALSE);

  return strlen (version) <= MAX_VERSION_LENGTH && onward_version_is_valid (version);
}

static gboolean
check_version (const char *version, GError **error)
{
  if (onward_install_is_version (version))
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "“%s” is not a version", version);
  return FALSE;
}

/**
 * onward_install_open_version:
 * @self: an install
 * @version: a version
 * @error: where to put ONWARD_ERROR; NOT_FOUND when it is not installed
 *
 * Returns: an owned descriptor of the folder of @version, or -1
 */
int
onward_install_open_version (OnwardInstall *self, const char *version, GError **error)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (self != NULL, -1);

  if (!check_version (version, error))
    return -1;

  path = onward_current_dup_folder (self, version, error);
  return path != NULL ? onward_file_open_dir (self->dirfd, path, error) : -1;
}

/**
 * onward_install_dup_current:
 * @self: an install
 * @error: where to put ONWARD_ERROR; NOT_FOUND when there is no current version
 *
 * Returns: (transfer full) (nullable): the version that `current` points at, or is
 */
char *
onward_install_dup_current (OnwardInstall *self, GError **error)
{
  g_autofree char *target = NULL;
  const char *link;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  link = onward_current_find_link (self->dirfd, error);
  target = link != NULL ? onward_file_read_link (self->dirfd, link, error) : NULL;
  if (target == NULL)
    return NULL;

  if (!g_str_has_prefix (target, "versions/") ||
      !onward_install_is_version (target + strlen ("versions/")))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                   "Reading link “current”: “%s” is not a version's folder", target);
      return NULL;
    }

  return g_strdup (target + strlen ("versions/"));
}

/**
 * onward_install_get_time:
 * @self: an install
 * @version: a version
 *
 * A receipt gets a later time when what an older version saved is carried over, and an earlier one
 * from who copies an install: the first of what is known counts.
 *
 * Returns: when @version was put here, seconds since 1970, by the clock of then. 0 when there is no
 *   receipt
 */
gint64
onward_install_get_time (OnwardInstall *self, const char *version)
{
  g_autofree char *path = NULL;
  struct statx info;
  gint64 time;

  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (version != NULL, 0);

  if (!onward_install_is_version (version))
    return 0;
  path = g_strconcat ("receipts/", version, NULL);
  if (statx (self->dirfd, path, AT_SYMLINK_NOFOLLOW, STATX_MTIME | STATX_BTIME, &info) < 0)
    return 0;
  time = info.stx_mtime.tv_sec;
  if ((info.stx_mask & STATX_BTIME) != 0)
    time = MIN (time, info.stx_btime.tv_sec);
  return MAX (time, 0);
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  return onward_version_compare (*(const char *const *) b, *(const char *const *) a);
}

static gboolean
is_folder (int dirfd, const char *name)
{
  struct stat info;

  return fstatat (dirfd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (info.st_mode);
}

/* A version that nobody can look at is not one that is missing: the wrong one would be removed in
 * its stead. */
static gboolean
read_versions (DIR *stream, GPtrArray *versions)
{
  const struct dirent *entry;
  struct stat info;

  while (errno = 0, (entry = readdir (stream)) != NULL)
    {
      if (!onward_install_is_version (entry->d_name))
        continue;
      if (fstatat (dirfd (stream), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) < 0)
        {
          if (errno != ENOENT)
            return FALSE;
        }
      else if (S_ISDIR (info.st_mode))
        g_ptr_array_add (versions, g_strdup (entry->d_name));
    }
  return errno == 0;
}

/**
 * onward_install_list_versions:
 * @self: an install
 * @error: where to put ONWARD_ERROR
 *
 * Lists the folders below versions/ that are named like versions, and the current one.
 *
 * Returns: (transfer full) (nullable): a %NULL-terminated array, newest first
 */
char **
onward_install_list_versions (OnwardInstall *self, GError **error)
{
  g_autoptr (GPtrArray) versions = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (OnwardDirStream) stream = NULL;
  g_autofree char *elsewhere = NULL;
  int fd;

  g_return_val_if_fail (self != NULL, NULL);

  fd = onward_file_open_dir (self->dirfd, "versions", error);
  if (fd < 0)
    return NULL;
  stream = fdopendir (fd);
  if (stream == NULL)
    {
      onward_file_set_error (error, errno, "Listing", "versions");
      onward_fd_close (fd);
      return NULL;
    }

  if (!read_versions (stream, versions))
    {
      onward_file_set_error (error, errno, "Listing", "versions");
      return NULL;
    }
  if (is_folder (self->dirfd, "current"))
    elsewhere = onward_install_dup_current (self, NULL);
  if (elsewhere != NULL &&
      !g_ptr_array_find_with_equal_func (versions, elsewhere, g_str_equal, NULL))
    g_ptr_array_add (versions, g_steal_pointer (&elsewhere));

  g_ptr_array_sort (versions, compare_newest_first);
  g_ptr_array_add (versions, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&versions), FALSE);
}

/**
 * onward_install_clear_folder:
 * @dirfd: a folder of the install
 * @name: a clean path below it, of a file or link of ours
 * @error: where to put ONWARD_ERROR
 *
 * Takes a folder away that lies where a file or a link belongs: nobody uses it, and it would be in
 * the way for ever.
 *
 * Returns: FALSE when it is still there
 */
gboolean
onward_install_clear_folder (int dirfd, const char *name, GError **error)
{
  return !is_folder (dirfd, name) || onward_file_remove_tree (dirfd, name, NULL, error);
}

/* The process in var/lock serves the message only: the lock itself is the kernel's. */
static void
set_busy (int fd, GError **error)
{
  char text[24] = "";
  gssize length = TEMP_FAILURE_RETRY (pread (fd, text, sizeof text - 1, 0));
  gint64 pid = length > 0 ? g_ascii_strtoll (text, NULL, 10) : 0;

  if (pid > 0)
    g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY,
                 "Another updater (process %" G_GINT64_FORMAT ") works on this install", pid);
  else
    g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_BUSY,
                         "Another updater works on this install");
}

/* What a killed updater or launcher has left half done is put right first; when that fails nothing
 * else is done, and whoever takes the lock next tries again. Who may not write here changes nothing
 * in any case. */
static gboolean
settle (OnwardInstall *self, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_auto (OnwardFd) var_dirfd = -1;

  if (onward_current_is_settled (self))
    return TRUE;
  var_dirfd = onward_install_lock_var (self, &failure);
  if ((var_dirfd >= 0 && onward_current_settle (self, &failure)) ||
      g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED) ||
      g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_READ_ONLY_INSTALL))
    return TRUE;

  g_propagate_prefixed_error (error, g_steal_pointer (&failure), "Putting “current” in order: ");
  return FALSE;
}

static void
end_hold (OnwardInstall *self)
{
  clear_fd (&self->lock_fd);
  g_clear_pointer (&self->session, g_free);
}

static gboolean
lock_file (int fd, GError **error)
{
  int result = TEMP_FAILURE_RETRY (flock (fd, LOCK_EX | LOCK_NB));

  if (result < 0 && errno == EWOULDBLOCK)
    set_busy (fd, error);
  else if (result < 0)
    onward_file_set_error (error, errno, "Locking", "lock");

  return result == 0;
}

/* With the mutex. */
static gboolean
begin_hold (OnwardInstall *self, GError **error)
{
  g_auto (OnwardFd) fd = -1;

  if (self->state_dirfd < 0)
    {
      g_propagate_error (error, g_error_copy (self->no_state));
      return FALSE;
    }
  fd = onward_file_open_beneath (self->state_dirfd, "lock", O_RDWR | O_CREAT, 0644, error);
  if (fd < 0 || !lock_file (fd, error))
    return FALSE;

  self->session = onward_session_begin (fd);
  self->lock_fd = fd;
  fd = -1;
  onward_leftovers_remove (self->state_dirfd);
  if (settle (self, error))
    return TRUE;
  end_hold (self);
  return FALSE;
}

/**
 * onward_install_lock:
 * @self: an install
 * @error: where to put ONWARD_ERROR; BUSY when another process holds the lock
 *
 * Makes this the one updater that works on the install, until onward_install_unlock() was called
 * as often as this, or the process ends. Never waits.
 *
 * Returns: FALSE when the lock could not be had
 */
gboolean
onward_install_lock (OnwardInstall *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  locker = g_mutex_locker_new (&self->holding);
  if (self->lock_count == 0 && !begin_hold (self, error))
    return FALSE;

  self->lock_count++;
  return TRUE;
}

/**
 * onward_install_unlock:
 * @self: an install whose lock is held
 *
 * Undoes one onward_install_lock().
 */
void
onward_install_unlock (OnwardInstall *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (self != NULL);

  locker = g_mutex_locker_new (&self->holding);
  g_return_if_fail (self->lock_count > 0);
  if (--self->lock_count == 0)
    end_hold (self);
}

/**
 * onward_install_get_session:
 * @self: an install
 *
 * Returns: (transfer none) (nullable): what tells this hold of the lock from all others, while
 *   there is one
 */
const char *
onward_install_get_session (OnwardInstall *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->session;
}

/**
 * onward_install_dup_other_session:
 * @self: an install
 *
 * Finds out who is at work without ever taking the lock. Blocking.
 *
 * Returns: (transfer full) (nullable): the session of the process that holds the lock; %NULL when
 *   nobody does, or this very @self
 */
char *
onward_install_dup_other_session (OnwardInstall *self)
{
  g_auto (OnwardFd) fd = -1;

  g_return_val_if_fail (self != NULL, NULL);

  if (self->lock_count > 0 || self->state_dirfd < 0)
    return NULL;
  fd = onward_file_open_beneath (self->state_dirfd, "lock", O_RDONLY, 0, NULL);
  return fd < 0 ? NULL : onward_session_find (fd);
}

/**
 * onward_install_acquire:
 * @self: an install
 * @error: where to put ONWARD_ERROR
 *
 * Takes the lock for the length of a scope, as a g_autoptr.
 *
 * Returns: (transfer full) (nullable): @self as the lock
 */
OnwardInstallLock *
onward_install_acquire (OnwardInstall *self, GError **error)
{
  return onward_install_lock (self, error) ? self : NULL;
}

/**
 * onward_install_open_var:
 * @self: an install
 * @error: where to put ONWARD_ERROR
 *
 * Returns: an owned descriptor of INSTALL/var, which the launcher reads, or -1
 */
int
onward_install_open_var (OnwardInstall *self, GError **error)
{
  g_return_val_if_fail (self != NULL, -1);

  return onward_file_open_dir (self->dirfd, "var", error);
}

/**
 * onward_install_lock_var:
 * @self: an install
 * @error: where to put ONWARD_ERROR
 *
 * Keeps launchers and other updaters from writing var/trial and `current` until the descriptor is
 * closed; they hold it for moments only, so this waits.
 *
 * Returns: an owned descriptor of INSTALL/var, or -1
 */
int
onward_install_lock_var (OnwardInstall *self, GError **error)
{
  g_auto (OnwardFd) fd = onward_install_open_var (self, error);

  if (fd < 0)
    return -1;
  if (TEMP_FAILURE_RETRY (flock (fd, LOCK_EX)) < 0)
    {
      onward_file_set_error (error, errno, "Locking", "var");
      return -1;
    }

  return g_steal_fd (&fd);
}
