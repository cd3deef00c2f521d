/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "onward-launch-current.h"
#include "onward-launch-start.h"
#include "onward-launch-supervisor.h"

/* What is meant for the application, wherever it is sent. */
static const int passed_on[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };

/* What the application is started with, as it was when the launcher began. */
typedef struct
{
  sigset_t watched;
  sigset_t mask;
  struct sigaction on_child;
} Signals;

static void
watch_signals (Signals *self)
{
  const struct sigaction plain = { .sa_handler = SIG_DFL };

  sigemptyset (&self->watched);
  sigaddset (&self->watched, SIGCHLD);
  for (size_t i = 0; i < sizeof passed_on / sizeof passed_on[0]; i++)
    sigaddset (&self->watched, passed_on[i]);
  sigprocmask (SIG_BLOCK, &self->watched, &self->mask);
  /* Where children are ignored nobody is told of their end. */
  sigaction (SIGCHLD, &plain, &self->on_child);
}

static void
leave_signals (const Signals *self)
{
  sigaction (SIGCHLD, &self->on_child, NULL);
  sigprocmask (SIG_SETMASK, &self->mask, NULL);
}

/* Starts the program in a process of its own; -1 with errno when it could not be started. */
static pid_t
spawn (const OnwardLaunchInstall *install, char **argv, const Signals *signals)
{
  int ends[2];
  int reason = 0;
  pid_t child;

  if (pipe2 (ends, O_CLOEXEC) != 0)
    return -1;

  child = fork ();
  reason = child < 0 ? errno : 0;
  if (child == 0)
    {
      leave_signals (signals);
      onward_launch_start_become (install, argv);
      reason = errno;
      (void) !write (ends[1], &reason, sizeof reason);
      _exit (127);
    }

  close (ends[1]);
  if (child > 0 && read (ends[0], &reason, sizeof reason) == (ssize_t) sizeof reason)
    {
      waitpid (child, NULL, 0);
      child = -1;
    }
  close (ends[0]);
  errno = reason;
  return child;
}

static time_t
get_seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

/* What the terminal sends reaches the application by itself; what somebody sends to the launcher
 * does not. Returns: whether the application was asked to end. */
static bool
pass_on (pid_t child, const siginfo_t *info)
{
  if (info->si_signo == SIGCHLD || info->si_pid == child)
    return false;
  if (info->si_code <= 0)
    kill (child, info->si_signo);
  return info->si_signo != SIGUSR1 && info->si_signo != SIGUSR2;
}

/* Waits for the program to end, and marks the version good when it has lived long enough. */
static int
stay (OnwardLaunchInstall *install, const OnwardLaunchTrial *trial, pid_t child,
      const sigset_t *watched, bool *ret_was_asked)
{
  bool was_asked = false;
  bool is_timed = install->good_after > 0;
  time_t end = get_seconds () + install->good_after + 1;
  struct timespec rest = { 0, 0 };
  siginfo_t info;
  int status = 0;

  while (waitpid (child, &status, WNOHANG) == 0)
    {
      rest.tv_sec = end - get_seconds ();
      if (is_timed && rest.tv_sec <= 0)
        {
          is_timed = false;
          onward_launch_trial_mark_good (trial, install);
        }
      else if (sigtimedwait (watched, &info, is_timed ? &rest : NULL) > 0)
        was_asked = pass_on (child, &info) || was_asked;
    }
  *ret_was_asked = was_asked;
  return status;
}

/* Whoever was told to end by the user or the session has not failed. */
static bool
is_failure (int status)
{
  static const int asked[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGKILL, SIGPIPE };

  if (!WIFSIGNALED (status))
    return WEXITSTATUS (status) != 0;
  for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
    {
      if (WTERMSIG (status) == asked[i])
        return false;
    }
  return true;
}

/* Whether the trial is still what it was when the version was started; an updater or the
 * application itself may have ended it. */
static bool
is_on_trial (OnwardLaunchInstall *install, const OnwardLaunchTrial *trial)
{
  OnwardLaunchTrial now;

  return onward_launch_current_read (install) && onward_launch_trial_read (&now, install) &&
         strcmp (now.version, trial->version) == 0;
}

/**
 * onward_launch_supervisor_run:
 * @install: an install whose current version is known
 * @trial: its trial
 * @argv: the arguments
 * @ret_status: what waitpid() tells of the program
 *
 * Starts the version on trial in a process of its own and stays beside it until it ends; marks it
 * good when it has lived long enough, and passes signals on. Blocking.
 *
 * Returns: how the start has ended
 */
OnwardLaunchOutcome
onward_launch_supervisor_run (OnwardLaunchInstall *install, const OnwardLaunchTrial *trial,
                              char **argv, int *ret_status)
{
  OnwardLaunchOutcome outcome = ONWARD_LAUNCH_NOT_STARTED;
  Signals signals;
  pid_t child;
  bool was_asked = false;
  int reason;

  watch_signals (&signals);
  child = spawn (install, argv, &signals);
  reason = errno;
  if (child > 0)
    {
      onward_launch_install_unlock (install);
      *ret_status = stay (install, trial, child, &signals.watched, &was_asked);
      onward_launch_install_lock (install);
      /* Asked to end, a program may say so by a status of its own. */
      outcome = !was_asked && is_failure (*ret_status) && is_on_trial (install, trial)
                    ? ONWARD_LAUNCH_FAILED
                    : ONWARD_LAUNCH_ENDED;
    }
  leave_signals (&signals);
  errno = reason;
  return outcome;
}

/**
 * onward_launch_supervisor_end:
 * @status: what waitpid() told
 *
 * Ends as the program has ended. A signal is passed on as one, so that whoever started this sees
 * it; the core is dumped already.
 */
void
onward_launch_supervisor_end (int status)
{
  const struct rlimit none = { 0, 0 };

  if (!WIFSIGNALED (status))
    _exit (WEXITSTATUS (status));

  setrlimit (RLIMIT_CORE, &none);
  signal (WTERMSIG (status), SIG_DFL);
  raise (WTERMSIG (status));
  _exit (128 + WTERMSIG (status));
}
