/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "onward-launch-start.h"

#define MANY_DESCRIPTORS 1024
#define WATCHED          3

/**
 * onward_launch_start_become:
 * @install: an install whose current version is known
 * @argv: the arguments
 *
 * Becomes the current version's program. The shared lock of its folder is inherited: for as long as
 * it is held, nobody removes the version. The descriptor is moved out of the way of the standard
 * ones, which may be closed. Returns only when the program cannot be started, with errno.
 */
void
onward_launch_start_become (const OnwardLaunchInstall *install, char **argv)
{
  char program[PATH_MAX];
  int opened = onward_launch_install_open_version (install, install->current);
  int folder = fcntl (opened, F_DUPFD, 10);
  char *name = argv[0];
  int reason = ENAMETOOLONG;

  if (opened >= 0)
    close (opened);
  /* Somebody who only looks holds the lock for an instant. */
  if (folder >= 0)
    (void) onward_launch_install_flock (folder, LOCK_SH, 1);
  argv[0] = program;
  if (install->current[0] != '\0')
    setenv ("ONWARD_VERSION", install->current, 1);
  else
    unsetenv ("ONWARD_VERSION");
  if (onward_launch_install_get_program (install, program))
    {
      execv (program, argv);
      reason = errno;
    }
  argv[0] = name;
  if (folder >= 0)
    close (folder);
  errno = reason;
}

/**
 * onward_launch_start_is_fault:
 * @reason: why a program could not be started
 *
 * Returns: whether its version is to blame for that
 */
bool
onward_launch_start_is_fault (int reason)
{
  return reason != E2BIG && reason != ENOMEM && reason != EAGAIN && reason != EMFILE &&
         reason != ENFILE && reason != ETXTBSY && reason != ENAMETOOLONG;
}

/* Marks the version good when the process lives long enough. Nobody waits for the witness: whoever
 * reads what the application writes must not, either, so that it closes all that it has. */
static void
bear_witness (const OnwardLaunchInstall *install, const OnwardLaunchTrial *trial, int process)
{
  OnwardLaunchInstall own = *install;
  struct pollfd watched = { .fd = WATCHED, .events = POLLIN };

  setsid ();
  dup2 (process, WATCHED);
  for (int fd = 0; fd < MANY_DESCRIPTORS; fd++)
    {
      if (fd != WATCHED)
        close (fd);
    }
  if (poll (&watched, 1, own.good_after * 1000) != 0)
    return;

  /* Descriptors of its own: the launcher's share its lock. */
  own.fd = onward_launch_install_open (AT_FDCWD, own.path);
  own.var_fd = onward_launch_install_open (own.fd, "var");
  onward_launch_trial_mark_good (trial, &own);
}

/**
 * onward_launch_start_leave_witness:
 * @install: an install whose current version is known
 * @trial: its trial
 *
 * Leaves a process behind that marks the version good when this process, which becomes the
 * application, has lived long enough. Where the kernel cannot watch a process the version is good
 * at once: one that nobody marks good would be taken back after three starts.
 */
void
onward_launch_start_leave_witness (const OnwardLaunchInstall *install,
                                   const OnwardLaunchTrial *trial)
{
  int process = (int) syscall (SYS_pidfd_open, getpid (), 0);
  pid_t child = process >= 0 ? fork () : -1;

  if (process < 0 && install->may_write)
    (void) unlinkat (install->var_fd, "trial", 0);
  if (child == 0)
    {
      if (fork () == 0)
        bear_witness (install, trial, process);
      _exit (0);
    }
  if (child > 0)
    (void) waitpid (child, NULL, 0);
  if (process >= 0)
    close (process);
}
