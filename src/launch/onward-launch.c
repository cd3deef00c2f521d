/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The launcher, copied into an install under the application's own name. It starts the version that
 * `current` points at, counts the starts of a version on trial, and goes back to the version before
 * when the new one cannot start. Nothing but libc; whatever fails for reasons of the updater's own
 * (a full disk, a read-only install, a damaged file) is ignored and the application is started all
 * the same. */

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "onward-launch-current.h"
#include "onward-launch-libraries.h"
#include "onward-launch-start.h"
#include "onward-launch-supervisor.h"

/* The version on trial can be started as far as anybody can tell without starting it. */
static bool
is_complete (const OnwardLaunchInstall *install)
{
  char program[PATH_MAX];

  return !onward_launch_install_get_program (install, program) ||
         onward_launch_libraries_are_found (program);
}

/* Starts a version on trial. Returns, with errno, when it cannot be started; whether the version
 * before is to be started instead. */
static bool
try_version (OnwardLaunchInstall *install, const OnwardLaunchTrial *trial, char **argv)
{
  OnwardLaunchOutcome outcome;
  int status = 0;

  onward_launch_trial_count (trial, install);
  if (!install->supervise)
    {
      if (install->good_after > 0)
        onward_launch_start_leave_witness (install, trial);
      onward_launch_start_become (install, argv);
      return onward_launch_start_is_fault (errno);
    }

  outcome = onward_launch_supervisor_run (install, trial, argv, &status);
  if (outcome == ONWARD_LAUNCH_ENDED || (outcome == ONWARD_LAUNCH_FAILED && trial->is_last))
    onward_launch_supervisor_end (status);
  return outcome == ONWARD_LAUNCH_FAILED || onward_launch_start_is_fault (errno);
}

/* Starts the current version, whatever becomes of it. */
static void
start (const OnwardLaunchInstall *install, char **argv)
{
  onward_launch_start_become (install, argv);
  err (errno == ENOENT || errno == ENOTDIR ? 127 : 126, "cannot start “%s” of version %s",
       install->command, install->current);
}

/* There is a version before, but the publisher has signed that it must not be used: whoever wants
 * it all the same has to say so. */
static void
start_last (OnwardLaunchInstall *install, const OnwardLaunchTrial *trial, char **argv)
{
  if (trial->tries_left > 0)
    (void) try_version (install, trial, argv);
  warnx ("version %s does not start; version %s is not safe any more and is only started after "
         "“onward rollback --install %s”",
         trial->version, trial->previous, install->path);
  start (install, argv);
}

static void
find (OnwardLaunchInstall *install)
{
  if (!onward_launch_install_find (install))
    err (127, "cannot find the folder of this program");
  errno = 0;
  if (!onward_launch_install_read_config (install))
    (errno != 0 ? err : errx) (127, "no usable Command in “%s/onward.ini”", install->path);
  onward_launch_install_lock (install);
  if (!onward_launch_current_read (install))
    errx (127, "“%s/current” does not name a version", install->path);
}

int
main (int argc, char **argv)
{
  OnwardLaunchInstall install = { .fd = -1, .var_fd = -1 };
  OnwardLaunchTrial trial;
  char *no_arguments[] = { NULL, NULL };
  char **arguments = argc > 0 ? argv : no_arguments;

  find (&install);
  setenv ("ONWARD_INSTALL", install.path, 1);
  /* While a copy of it lives, another start says nothing of a version. */
  if (!onward_launch_trial_read (&trial, &install) ||
      onward_launch_install_is_running (&install, install.current))
    start (&install, arguments);

  if (trial.is_last)
    start_last (&install, &trial, arguments);
  if (trial.tries_left == 0 || !is_complete (&install) || try_version (&install, &trial, arguments))
    onward_launch_trial_fall_back (&trial, &install);
  start (&install, arguments);
}
