/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "onward-launch-install.h"

#define MAX_GOOD_AFTER 3600
#define LOCK_PAUSE_NS  (10 * 1000 * 1000)
#define LOCK_TRIES     100 /* in a second */
#define SWITCH_SECONDS 5
#define TRIAL_SECONDS  1

/**
 * onward_launch_install_is_version:
 * @text: what may be a version
 *
 * Returns: whether @text may name a folder below versions/; the updater has the same rule
 */
bool
onward_launch_install_is_version (const char *text)
{
  size_t length =
      strspn (text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+-");

  return length > 0 && length < ONWARD_LAUNCH_VERSION_SIZE && text[length] == '\0' &&
         text[0] != '.';
}

/**
 * onward_launch_install_open:
 * @dirfd: a folder
 * @path: a folder below it
 *
 * Returns: an owned descriptor, or -1; what is a link is no folder
 */
int
onward_launch_install_open (int dirfd, const char *path)
{
  return openat (dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/**
 * onward_launch_install_open_version:
 * @self: an install
 * @version: a version
 *
 * Returns: an owned descriptor of its folder, or -1
 */
int
onward_launch_install_open_version (const OnwardLaunchInstall *self, const char *version)
{
  char path[ONWARD_LAUNCH_FOLDER_SIZE];

  if (strcmp (version, self->current) == 0)
    strcpy (path, self->folder);
  else
    snprintf (path, sizeof path, "versions/%s", version);
  return onward_launch_install_open (self->fd, path);
}

/**
 * onward_launch_install_has_version:
 * @self: an install
 * @version: a version
 *
 * Returns: whether it has a folder
 */
bool
onward_launch_install_has_version (const OnwardLaunchInstall *self, const char *version)
{
  int fd = onward_launch_install_open_version (self, version);

  return fd >= 0 && close (fd) == 0;
}

/**
 * onward_launch_install_read_text:
 * @dirfd: a folder
 * @name: a small file in it
 * @buffer: where its text goes, cut at @size
 * @size: the size of @buffer in bytes
 *
 * Never stalls: a planted pipe is opened without waiting.
 *
 * Returns: whether it was read
 */
bool
onward_launch_install_read_text (int dirfd, const char *name, char *buffer, size_t size)
{
  const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  int fd = TEMP_FAILURE_RETRY (openat (dirfd, name, flags));
  size_t length = 0;
  ssize_t n = -1;

  if (fd < 0)
    return false;
  while (length < size - 1 &&
         (n = TEMP_FAILURE_RETRY (read (fd, buffer + length, size - 1 - length))) > 0)
    length += (size_t) n;
  buffer[length] = '\0';
  close (fd);
  return n >= 0;
}

/**
 * onward_launch_install_write_text:
 * @self: an install
 * @name: a small file below its var
 * @text: what it is to say
 *
 * Replaces the file atomically and durably. The name of the temporary file carries the process, so
 * that two launchers never write into one.
 *
 * Returns: whether it is on the disk
 */
bool
onward_launch_install_write_text (const OnwardLaunchInstall *self, const char *name,
                                  const char *text)
{
  char temporary[64];
  size_t length = strlen (text);
  int fd;
  bool written;

  snprintf (temporary, sizeof temporary, ".%s.%ld", name, (long) getpid ());
  fd =
      openat (self->var_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0)
    return false;
  written = write (fd, text, length) == (ssize_t) length && fsync (fd) == 0;
  close (fd);
  if (written && renameat (self->var_fd, temporary, self->var_fd, name) == 0)
    return fsync (self->var_fd) == 0;
  unlinkat (self->var_fd, temporary, 0);
  return false;
}

/**
 * onward_launch_install_flock:
 * @fd: a folder
 * @operation: of flock()
 * @seconds: how long to try
 *
 * Takes a lock that others hold for moments. Blocks for up to @seconds.
 *
 * Returns: whether it was taken
 */
bool
onward_launch_install_flock (int fd, int operation, int seconds)
{
  const struct timespec pause = { 0, LOCK_PAUSE_NS };
  int tries = 0;

  while (flock (fd, operation | LOCK_NB) != 0)
    {
      if (errno != EWOULDBLOCK || ++tries > seconds * LOCK_TRIES)
        return false;
      nanosleep (&pause, NULL);
    }
  return true;
}

/**
 * onward_launch_install_lock:
 * @self: an install that was found
 *
 * Keeps updaters and other launchers from writing var and `current`, until it is unlocked or this
 * process ends or becomes another. One that is at work is waited for where there is a trial to be
 * counted; and in place, as long as a slow disk may take for a switch, since what is started must
 * stay what was found to be current. After that nothing is written. Blocks for seconds at most.
 */
void
onward_launch_install_lock (OnwardLaunchInstall *self)
{
  bool has_trial = faccessat (self->var_fd, "trial", F_OK, 0) == 0;
  int seconds = self->wants_place ? SWITCH_SECONDS : has_trial ? TRIAL_SECONDS : 0;

  self->may_write =
      self->var_fd >= 0 && onward_launch_install_flock (self->var_fd, LOCK_EX, seconds);
}

/**
 * onward_launch_install_unlock:
 * @self: an install
 *
 * Undoes onward_launch_install_lock().
 */
void
onward_launch_install_unlock (OnwardLaunchInstall *self)
{
  if (self->may_write)
    (void) flock (self->var_fd, LOCK_UN);
  self->may_write = false;
}

/**
 * onward_launch_install_find:
 * @self: an install to be filled in
 *
 * Finds the folder that this program lies in, whatever links led to it.
 *
 * Returns: FALSE with errno when there is none
 */
bool
onward_launch_install_find (OnwardLaunchInstall *self)
{
  ssize_t length = readlink ("/proc/self/exe", self->path, sizeof self->path - 1);
  char *slash;

  if (length > 0)
    self->path[length] = '\0';
  else if (realpath ((const char *) getauxval (AT_EXECFN), self->path) == NULL)
    return false;

  slash = strrchr (self->path, '/');
  if (slash == NULL)
    return false;
  *slash = '\0';
  self->fd = open (slash == self->path ? "/" : self->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->fd < 0)
    return false;

  self->var_fd = onward_launch_install_open (self->fd, "var");
  return true;
}

/* Takes what a line of the group [Application] says; as in every key file the last one counts. */
static void
read_line (OnwardLaunchInstall *self, const char *line, char command[PATH_MAX])
{
  char word[9] = "";
  int seconds = 0;

  sscanf (line, " Command = %4095[^\r\n]", command);
  if (sscanf (line, " Supervise = %5[a-z]", word) == 1)
    self->supervise = strcmp (word, "true") == 0;
  if (sscanf (line, " Layout = %8[a-z-]", word) == 1)
    self->wants_place = strcmp (word, "in-place") == 0;
  if (sscanf (line, " GoodAfter = %6d", &seconds) == 1)
    self->good_after = seconds > 0 && seconds <= MAX_GOOD_AFTER ? seconds : 0;
}

/**
 * onward_launch_install_read_config:
 * @self: an install that was found
 *
 * Reads what onward.ini says to a launcher.
 *
 * Returns: FALSE when it names no program below a version's folder
 */
bool
onward_launch_install_read_config (OnwardLaunchInstall *self)
{
  char text[65536];
  char value[PATH_MAX] = "";
  char *rest = text, *line;
  bool in_group = false;

  if (!onward_launch_install_read_text (self->fd, "onward.ini", text, sizeof text))
    return false;
  while ((line = strsep (&rest, "\n")) != NULL)
    {
      if (line[0] == '[')
        in_group = strncmp (line, "[Application]", 13) == 0;
      else if (in_group)
        read_line (self, line, value);
    }

  /* Only a path that stays below the version's folder. */
  snprintf (self->command, sizeof self->command, "%s", value);
  return value[0] != '\0' && value[0] != '/' && strncmp (value, "../", 3) != 0 &&
         strstr (value, "/../") == NULL;
}

/**
 * onward_launch_install_is_running:
 * @self: an install whose current version is known
 * @version: a version
 *
 * Returns: whether a copy of @version runs
 */
bool
onward_launch_install_is_running (const OnwardLaunchInstall *self, const char *version)
{
  int fd = onward_launch_install_open_version (self, version);
  /* A copy shares the lock; somebody who only looks has it alone, for an instant. */
  bool is_locked = fd >= 0 && (!onward_launch_install_flock (fd, LOCK_SH, 1) ||
                               flock (fd, LOCK_EX | LOCK_NB) != 0);

  return (fd < 0 || close (fd) == 0) && is_locked;
}

/**
 * onward_launch_install_get_program:
 * @self: an install whose current version is known
 * @program: where its absolute path goes
 *
 * Returns: FALSE when the path is too long
 */
bool
onward_launch_install_get_program (const OnwardLaunchInstall *self, char program[PATH_MAX])
{
  int length = snprintf (program, PATH_MAX, "%s/%s/%s", self->path, self->folder, self->command);

  return length > 0 && length < PATH_MAX;
}
