/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "onward-launch-current.h"
#include "onward-launch-trial.h"

#define RECORD_SIZE (3 * ONWARD_LAUNCH_VERSION_SIZE)
/* The fourth line, where the version before is below what the publisher has signed as safe. */
#define LAST "last"

static bool
parse (OnwardLaunchTrial *self, const char *text)
{
  int end = 0;

  if (sscanf (text, "%255[^\n]\n%255[^\n]\n%1d%n", self->version, self->previous, &self->tries_left,
              &end) != 3 ||
      (text[end] != '\n' && text[end] != '\0'))
    return false;

  self->is_last = strcmp (text + end, "\n" LAST "\n") == 0;
  return self->tries_left >= 0;
}

/**
 * onward_launch_trial_read:
 * @self: a trial to be filled in
 * @install: an install whose current version is known
 *
 * Returns: whether the current version is on trial, with one to go back to; a damaged record counts
 *   as none
 */
bool
onward_launch_trial_read (OnwardLaunchTrial *self, const OnwardLaunchInstall *install)
{
  char text[RECORD_SIZE];

  return install->var_fd >= 0 &&
         onward_launch_install_read_text (install->var_fd, "trial", text, sizeof text) &&
         parse (self, text) && strcmp (self->version, install->current) == 0 &&
         onward_launch_install_is_version (self->previous) &&
         strcmp (self->previous, self->version) != 0 &&
         onward_launch_install_has_version (install, self->previous);
}

/**
 * onward_launch_trial_count:
 * @self: the trial
 * @install: the install
 *
 * Counts a start before it happens, so that a version that takes the computer down counts too.
 */
void
onward_launch_trial_count (const OnwardLaunchTrial *self, const OnwardLaunchInstall *install)
{
  char text[RECORD_SIZE];

  snprintf (text, sizeof text, "%s\n%s\n%d\n%s", self->version, self->previous,
            self->tries_left - 1, self->is_last ? LAST "\n" : "");
  if (install->may_write)
    onward_launch_install_write_text (install, "trial", text);
}

/**
 * onward_launch_trial_mark_good:
 * @self: the trial
 * @install: the install
 *
 * Ends the trial of a version that lives, unless it ended in another way meanwhile. Waits for an
 * updater at work: nobody who starts the application has to.
 */
void
onward_launch_trial_mark_good (const OnwardLaunchTrial *self, OnwardLaunchInstall *install)
{
  OnwardLaunchTrial now;

  if (install->var_fd < 0 || flock (install->var_fd, LOCK_EX) != 0)
    return;

  install->may_write = true;
  if (onward_launch_current_read (install) && onward_launch_trial_read (&now, install) &&
      strcmp (now.version, self->version) == 0 && unlinkat (install->var_fd, "trial", 0) == 0)
    (void) fsync (install->var_fd);
  onward_launch_install_unlock (install);
}

/**
 * onward_launch_trial_fall_back:
 * @self: the trial
 * @install: the install; not written to any more when that cannot be said
 *
 * Points `current` back at the version before, and says so. What is said of it is written first:
 * interrupted here, or where it cannot be written, the next start finds the same trial and comes
 * here again. Otherwise the updater would not know, and install that version anew.
 */
void
onward_launch_trial_fall_back (const OnwardLaunchTrial *self, OnwardLaunchInstall *install)
{
  char text[RECORD_SIZE];

  warnx ("version %s did not start, version %s is started instead", self->version, self->previous);
  snprintf (text, sizeof text, "%s\n%s\n", self->version, self->previous);
  install->may_write =
      install->may_write && onward_launch_install_write_text (install, "reverted", text);
  if (onward_launch_current_point_at (install, self->previous))
    unlinkat (install->var_fd, "trial", 0);
}
