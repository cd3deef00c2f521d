/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The launcher, copied into an install under the application's own name. It starts the version that
 * `current` points at, counts the starts of a version on trial, and goes back to the version before
 * when the new one cannot start. Nothing but libc, nothing that blocks; whatever fails for reasons
 * of the updater's own (a full disk, a read-only install, a damaged file) is ignored and the
 * application is started all the same. */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION_SIZE 256

typedef struct
{
  int fd;                 /* the install folder */
  int var_fd;             /* its var folder, or -1 */
  bool may_write;         /* whether no updater is at work on var and `current` */
  char path[PATH_MAX];    /* the install folder, absolute */
  char command[PATH_MAX]; /* the program, below a version's folder */
  char current[VERSION_SIZE];
} Install;

typedef struct
{
  char version[VERSION_SIZE];
  char previous[VERSION_SIZE];
  int tries_left;
} Trial;

static bool
is_version (const char *text)
{
  size_t length =
      strspn (text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+-");

  return length > 0 && length < VERSION_SIZE && text[length] == '\0' && text[0] != '.';
}

/* Opens the folder of @version, or returns -1. */
static int
open_version (const Install *install, const char *version)
{
  char path[sizeof "versions/" + VERSION_SIZE];

  snprintf (path, sizeof path, "versions/%s", version);
  return openat (install->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool
has_version (const Install *install, const char *version)
{
  int fd = open_version (install, version);

  return fd >= 0 && close (fd) == 0;
}

/* Reads a small file as text, cut at @size; O_NONBLOCK so that even a planted pipe cannot stall. */
static bool
read_text (int dirfd, const char *name, char *buffer, size_t size)
{
  int fd = openat (dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  size_t length = 0;
  ssize_t n = -1;

  if (fd < 0)
    return false;
  while (length < size - 1 && (n = read (fd, buffer + length, size - 1 - length)) > 0)
    length += (size_t) n;
  buffer[length] = '\0';
  close (fd);
  return n >= 0;
}

/* Replaces a small file below var atomically and durably. The name of the temporary file carries
 * the process, so that two launchers never write into one. */
static bool
write_text (const Install *install, const char *name, const char *text)
{
  char temporary[64];
  size_t length = strlen (text);
  int fd;
  bool written;

  snprintf (temporary, sizeof temporary, ".%s.%ld", name, (long) getpid ());
  fd = openat (install->var_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
               0644);
  if (fd < 0)
    return false;
  written = write (fd, text, length) == (ssize_t) length && fsync (fd) == 0;
  close (fd);
  if (written && renameat (install->var_fd, temporary, install->var_fd, name) == 0)
    return fsync (install->var_fd) == 0;
  unlinkat (install->var_fd, temporary, 0);
  return false;
}

/* The folder this program lies in, whatever links led to it. */
static bool
find_install (Install *install)
{
  ssize_t length = readlink ("/proc/self/exe", install->path, sizeof install->path - 1);
  char *slash;

  if (length > 0)
    install->path[length] = '\0';
  else if (realpath ((const char *) getauxval (AT_EXECFN), install->path) == NULL)
    return false;

  slash = strrchr (install->path, '/');
  if (slash == NULL)
    return false;
  *slash = '\0';
  install->fd =
      open (slash == install->path ? "/" : install->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (install->fd < 0)
    return false;

  install->var_fd = openat (install->fd, "var", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  /* An updater that holds this lock is about to change what is read and written here. */
  install->may_write = install->var_fd >= 0 && flock (install->var_fd, LOCK_EX | LOCK_NB) == 0;
  return true;
}

/* Finds Command in the group [Application]; as in every key file the last one counts. */
static bool
read_command (Install *install)
{
  char text[65536];
  char value[PATH_MAX] = "";
  char *rest = text, *line;
  bool in_group = false;

  if (!read_text (install->fd, "onward.ini", text, sizeof text))
    return false;
  while ((line = strsep (&rest, "\n")) != NULL)
    {
      if (line[0] == '[')
        in_group = strncmp (line, "[Application]", 13) == 0;
      else if (in_group)
        sscanf (line, " Command = %4095[^\r\n]", value);
    }

  /* Only a path that stays below the version's folder. */
  snprintf (install->command, sizeof install->command, "%s", value);
  return value[0] != '\0' && value[0] != '/' && strncmp (value, "../", 3) != 0 &&
         strstr (value, "/../") == NULL;
}

static bool
read_current (Install *install)
{
  char target[sizeof "versions/" + VERSION_SIZE];
  ssize_t length = readlinkat (install->fd, "current", target, sizeof target - 1);

  if (length < 0)
    return false;
  target[length] = '\0';
  if (strncmp (target, "versions/", 9) != 0 || !is_version (target + 9))
    return false;
  strcpy (install->current, target + 9);
  return true;
}

/* Whether the current version is on trial, with one to go back to. A damaged one counts as none. */
static bool
read_trial (const Install *install, Trial *trial)
{
  char text[3 * VERSION_SIZE];
  int end = 0;

  return install->var_fd >= 0 && read_text (install->var_fd, "trial", text, sizeof text) &&
         sscanf (text, "%255[^\n]\n%255[^\n]\n%1d%n", trial->version, trial->previous,
                 &trial->tries_left, &end) == 3 &&
         (text[end] == '\n' || text[end] == '\0') && trial->tries_left >= 0 &&
         strcmp (trial->version, install->current) == 0 && is_version (trial->previous) &&
         strcmp (trial->previous, trial->version) != 0 && has_version (install, trial->previous);
}

/* Whether a copy of the current version runs: while it lives, another start says nothing of it. */
static bool
is_running (const Install *install)
{
  int fd = open_version (install, install->current);
  bool is_locked = fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) != 0;

  return (fd < 0 || close (fd) == 0) && is_locked;
}

/* Counts a start before it happens, so that a version that takes the computer down counts too. */
static void
count_try (const Install *install, const Trial *trial)
{
  char text[3 * VERSION_SIZE];

  snprintf (text, sizeof text, "%s\n%s\n%d\n", trial->version, trial->previous,
            trial->tries_left - 1);
  if (install->may_write)
    write_text (install, "trial", text);
}

/* Points `current` back at the version before. What is said of it is written first: interrupted
 * here, the next start finds the same trial and comes here again. */
static void
fall_back (Install *install, const Trial *trial)
{
  char text[2 * VERSION_SIZE + 2];
  char target[sizeof "versions/" + VERSION_SIZE];
  char temporary[64];

  strcpy (install->current, trial->previous);
  if (!install->may_write)
    return;

  snprintf (text, sizeof text, "%s\n%s\n", trial->version, trial->previous);
  snprintf (target, sizeof target, "versions/%s", trial->previous);
  snprintf (temporary, sizeof temporary, ".current.%ld", (long) getpid ());
  write_text (install, "reverted", text);
  unlinkat (install->fd, temporary, 0);
  if (symlinkat (target, install->fd, temporary) == 0 &&
      renameat (install->fd, temporary, install->fd, "current") == 0 && fsync (install->fd) == 0)
    unlinkat (install->var_fd, "trial", 0);
  unlinkat (install->fd, temporary, 0);
}

/* Becomes the current version's program; returns only when that fails, with errno set. The folder's
 * shared lock is inherited: for as long as the version runs, nobody removes it. The descriptor is
 * moved out of the way of the standard ones, which may be closed. */
static void
start (const Install *install, char **argv)
{
  char program[PATH_MAX];
  int length = snprintf (program, sizeof program, "%s/versions/%s/%s", install->path,
                         install->current, install->command);
  int folder = fcntl (open_version (install, install->current), F_DUPFD, 10);
  char *name = argv[0];

  if (folder >= 0)
    (void) flock (folder, LOCK_SH | LOCK_NB);
  argv[0] = program;
  setenv ("ONWARD_VERSION", install->current, 1);
  errno = ENAMETOOLONG;
  if (length > 0 && length < (int) sizeof program)
    execv (program, argv);
  argv[0] = name;
  if (folder >= 0)
    close (folder);
}

/* Whether a version that cannot be started with this error is to blame for it. */
static bool
is_fault_of_version (int reason)
{
  return reason != E2BIG && reason != ENOMEM && reason != EAGAIN && reason != EMFILE &&
         reason != ENFILE && reason != ETXTBSY && reason != ENAMETOOLONG;
}

int
main (int argc, char **argv)
{
  Install install = { .fd = -1, .var_fd = -1 };
  Trial trial;
  char *no_arguments[] = { NULL, NULL };
  char **arguments = argc > 0 ? argv : no_arguments;
  bool on_trial;

  if (!find_install (&install))
    err (127, "cannot find the folder of this program");
  if (!read_command (&install))
    errx (127, "no usable Command in “%s/onward.ini”", install.path);
  if (!read_current (&install))
    errx (127, "“%s/current” does not name a version", install.path);

  on_trial = read_trial (&install, &trial) && !is_running (&install);
  if (on_trial && trial.tries_left > 0)
    count_try (&install, &trial);
  else if (on_trial)
    fall_back (&install, &trial);

  setenv ("ONWARD_INSTALL", install.path, 1);
  start (&install, arguments);
  if (on_trial && trial.tries_left > 0 && is_fault_of_version (errno))
    {
      fall_back (&install, &trial);
      start (&install, arguments);
    }
  err (errno == ENOENT || errno == ENOTDIR ? 127 : 126, "cannot start “%s” of version %s",
       install.command, install.current);
}
