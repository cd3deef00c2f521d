/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "onward-launch-witness.h"

/* Where no kernel closes all descriptors at once. */
#define MANY_DESCRIPTORS 1024

/* Nobody waits for the witness: whoever reads what the application writes must not, either. */
static void
close_all_but (int kept[2])
{
  int nowhere;

  /* Out of the way first: both lie above the standard descriptors. */
  kept[0] = fcntl (kept[0], F_DUPFD, 10);
  kept[1] = fcntl (kept[1], F_DUPFD, 10);
  for (int fd = 0; fd < MANY_DESCRIPTORS; fd++)
    {
      if (fd != kept[0] && fd != kept[1])
        close (fd);
    }
  nowhere = open ("/dev/null", O_RDWR);
  if (nowhere == 0)
    (void) !dup2 (nowhere, 1), (void) !dup2 (nowhere, 2);
}

/* Whether the process lived that long. */
static bool
has_lived (int process, int seconds)
{
  struct pollfd poll_fd = { .fd = process, .events = POLLIN };

  return poll (&poll_fd, 1, seconds * 1000) == 0;
}

static void
bear_witness (const OnwardLaunchInstall *install, const OnwardLaunchTrial *trial, int process)
{
  OnwardLaunchInstall own = *install;
  int kept[2] = { process, install->fd };

  setsid ();
  close_all_but (kept);
  own.fd = kept[1];
  own.may_write = false;
  if (!has_lived (kept[0], own.good_after))
    return;

  /* A descriptor of its own: the launcher's shares its lock. */
  own.var_fd = openat (own.fd, "var", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  onward_launch_trial_mark_good (trial, &own);
}

/**
 * onward_launch_witness_leave:
 * @install: an install whose current version is known
 * @trial: its trial
 *
 * Leaves a process behind that marks the version good when this process, which becomes the
 * application, has lived long enough. Where the kernel cannot watch a process the version is good
 * at once: one that nobody marks good would be taken back after three starts.
 */
void
onward_launch_witness_leave (const OnwardLaunchInstall *install, const OnwardLaunchTrial *trial)
{
  int process = (int) syscall (SYS_pidfd_open, getpid (), 0);
  pid_t child;

  if (process < 0)
    {
      if (install->may_write)
        (void) unlinkat (install->var_fd, "trial", 0);
      return;
    }

  child = fork ();
  if (child == 0)
    {
      if (fork () == 0)
        bear_witness (install, trial, process);
      _exit (0);
    }
  close (process);
  if (child > 0)
    (void) waitpid (child, NULL, 0);
}
