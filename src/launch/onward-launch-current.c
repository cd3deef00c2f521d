/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The one place of the launcher that knows of the two layouts: side by side `current` is a link
 * that says "versions/2.1.0"; in place it is the folder of that version, and the same link lies in
 * it as a mark. The updater does the same by the same steps. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-launch-current.h"

#define MARK ".onward-version"

/* What a link says, when that may be a version; errno is EINVAL where it is no link. */
static bool
read_link (const OnwardLaunchInstall *self, const char *path,
           char target[ONWARD_LAUNCH_FOLDER_SIZE])
{
  ssize_t length = readlinkat (self->fd, path, target, ONWARD_LAUNCH_FOLDER_SIZE - 1);

  if (length < 0)
    return false;
  target[length] = '\0';
  errno = 0;
  return strncmp (target, "versions/", 9) == 0 && onward_launch_install_is_version (target + 9);
}

static bool
read_mark (const OnwardLaunchInstall *self, const char *folder,
           char target[ONWARD_LAUNCH_FOLDER_SIZE])
{
  char path[ONWARD_LAUNCH_FOLDER_SIZE + sizeof "/" MARK];

  snprintf (path, sizeof path, "%s/" MARK, folder);
  return read_link (self, path, target);
}

/* A switch in place that was cut off has left the new folder under the name of the current one. */
static void
name_rightly (const OnwardLaunchInstall *self, const char *current)
{
  char target[ONWARD_LAUNCH_FOLDER_SIZE];

  if (read_mark (self, current, target) && strcmp (target, current) != 0)
    (void) renameat (self->fd, current, self->fd, target);
}

static bool
read_current (OnwardLaunchInstall *self)
{
  char target[ONWARD_LAUNCH_FOLDER_SIZE];
  bool is_known = read_link (self, "current", target);

  self->in_place = !is_known && errno == EINVAL;
  if (self->in_place)
    is_known = read_mark (self, "current", target);
  /* Side by side a folder that says nothing has no business there. */
  self->in_place = self->in_place && (is_known || self->wants_place);
  if (!is_known && !self->in_place)
    return false;

  if (is_known && self->in_place && self->may_write)
    name_rightly (self, target);
  strcpy (self->current, is_known ? target + 9 : "");
  strcpy (self->folder, self->in_place ? "current" : target);
  return onward_launch_install_has_version (self, self->current);
}

/* What strverscmp() orders as SemVer does: 2.0.0-rc.1 comes before 2.0.0, which comes before
 * 2.0.1-rc.1. */
static void
make_key (const char *version, char key[ONWARD_LAUNCH_FOLDER_SIZE])
{
  size_t length = strcspn (version, "+");
  bool is_release = memchr (version, '-', length) == NULL;

  snprintf (key, ONWARD_LAUNCH_FOLDER_SIZE, "%.*s%s", (int) length, version, is_release ? "~" : "");
}

static bool
is_newer (const char *version, const char *than)
{
  char key[ONWARD_LAUNCH_FOLDER_SIZE];
  char other[ONWARD_LAUNCH_FOLDER_SIZE];

  make_key (version, key);
  make_key (than, other);
  return than[0] == '\0' || strverscmp (key, other) > 0;
}

/* Of the versions with a receipt, those that are whole, and for which this holds, the newest. */
static bool
find_newest (OnwardLaunchInstall *self,
             bool (*holds) (const OnwardLaunchInstall *self, const char *version))
{
  int fd = onward_launch_install_open (self->fd, "receipts");
  DIR *stream = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *entry;

  self->current[0] = '\0';
  while (stream != NULL && (entry = readdir (stream)) != NULL)
    {
      if (onward_launch_install_is_version (entry->d_name) && holds (self, entry->d_name) &&
          is_newer (entry->d_name, self->current))
        strcpy (self->current, entry->d_name);
    }
  if (stream != NULL)
    closedir (stream);
  else if (fd >= 0)
    close (fd);
  snprintf (self->folder, sizeof self->folder, "versions/%s", self->current);
  return self->current[0] != '\0';
}

static bool
is_marked (const OnwardLaunchInstall *self, const char *version)
{
  char folder[ONWARD_LAUNCH_FOLDER_SIZE];
  char target[ONWARD_LAUNCH_FOLDER_SIZE];

  snprintf (folder, sizeof folder, "versions/%s", version);
  return read_mark (self, folder, target) && strcmp (target, folder) == 0;
}

/* Where a switch in two steps was cut off between them, what must live at one path is put there. */
static bool
put_in_place (OnwardLaunchInstall *self)
{
  if (!self->wants_place || !self->may_write || !find_newest (self, is_marked) ||
      renameat (self->fd, self->folder, self->fd, "current") != 0)
    return false;
  strcpy (self->folder, "current");
  self->in_place = true;
  return true;
}

/**
 * onward_launch_current_read:
 * @self: an install that was found
 *
 * Finds out which version is current. Where `current` is missing, or points at nothing, that is the
 * newest one; the next updater mends the link. A folder in place that has lost its mark is started
 * without a name, until the updater has found out by its files which version it is.
 *
 * Returns: FALSE when there is no version
 */
bool
onward_launch_current_read (OnwardLaunchInstall *self)
{
  if (read_current (self) || put_in_place (self))
    return true;

  self->in_place = false;
  return find_newest (self, onward_launch_install_has_version);
}

static bool
link_to (const OnwardLaunchInstall *self, const char *target)
{
  char temporary[64];
  bool done;

  snprintf (temporary, sizeof temporary, ".current.%ld", (long) getpid ());
  unlinkat (self->fd, temporary, 0);
  done = symlinkat (target, self->fd, temporary) == 0 &&
         renameat (self->fd, temporary, self->fd, "current") == 0;
  unlinkat (self->fd, temporary, 0);
  return done;
}

/* The time of a mark is that of the switch. */
static bool
mark (const OnwardLaunchInstall *self, const char *target)
{
  int fd = onward_launch_install_open (self->fd, target);
  char present[ONWARD_LAUNCH_FOLDER_SIZE];
  bool done = fd >= 0;

  if (!done)
    return false;
  if (read_mark (self, target, present) && strcmp (present, target) == 0)
    (void) utimensat (fd, MARK, NULL, AT_SYMLINK_NOFOLLOW);
  else
    done = (unlinkat (fd, MARK, 0) == 0 || errno == ENOENT) && symlinkat (target, fd, MARK) == 0;
  done = done && fsync (fd) == 0;
  close (fd);
  return done;
}

static bool
sync_versions (const OnwardLaunchInstall *self)
{
  int fd = onward_launch_install_open (self->fd, "versions");
  bool done = fd >= 0 && fsync (fd) == 0;

  if (fd >= 0)
    close (fd);
  return done;
}

/* The folder of @version gets the name that the current one will have, and the two are exchanged;
 * or, where the file system cannot do that, they change places in two steps. While a copy of either
 * runs nothing does. @folder: where it lies, "current" after that when all went well. */
static void
exchange_with (const OnwardLaunchInstall *self, const char *version,
               char folder[ONWARD_LAUNCH_FOLDER_SIZE])
{
  char target[ONWARD_LAUNCH_FOLDER_SIZE];
  char other[ONWARD_LAUNCH_FOLDER_SIZE];
  int fd = self->fd;

  strcpy (target, folder);
  snprintf (other, sizeof other, "versions/%s", self->current);
  if (onward_launch_install_is_running (self, self->current) ||
      onward_launch_install_is_running (self, version) || !mark (self, target) ||
      renameat (fd, target, fd, other) != 0)
    return;

  strcpy (folder, "current");
  if (sync_versions (self) && renameat2 (fd, other, fd, folder, RENAME_EXCHANGE) == 0)
    return;
  if (renameat (fd, other, fd, target) != 0)
    {
      strcpy (folder, other);
      return;
    }
  if (renameat (fd, folder, fd, other) == 0 && renameat (fd, target, fd, folder) == 0)
    return;

  (void) renameat (fd, other, fd, folder);
  strcpy (folder, target);
}

/**
 * onward_launch_current_point_at:
 * @self: an install whose current version is known
 * @version: another version
 *
 * Makes @version the current one, for this start at least. What cannot be brought to the one path
 * is started from where it is, which is better than not at all.
 *
 * Returns: whether it is that for all to come, and on the disk
 */
bool
onward_launch_current_point_at (OnwardLaunchInstall *self, const char *version)
{
  char target[ONWARD_LAUNCH_FOLDER_SIZE];
  char folder[ONWARD_LAUNCH_FOLDER_SIZE];
  bool done;

  snprintf (target, sizeof target, "versions/%s", version);
  strcpy (folder, target);
  if (self->may_write && self->in_place)
    exchange_with (self, version, folder);
  done = self->may_write &&
         (self->in_place ? strcmp (folder, "current") == 0 : link_to (self, target));
  done = done && (!self->in_place || sync_versions (self)) && fsync (self->fd) == 0;
  self->in_place = strcmp (folder, "current") == 0;
  strcpy (self->current, version);
  strcpy (self->folder, folder);
  return done;
}
