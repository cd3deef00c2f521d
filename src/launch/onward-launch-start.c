/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "onward-launch-start.h"

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
  setenv ("ONWARD_VERSION", install->current, 1);
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
