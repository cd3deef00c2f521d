/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a program, counts the steps by which all its threads and children change what lies below a
 * folder, and does something at one of them: kills it, lets a call fail, cuts the power.
 *
 * The report says "steps N", whether the chosen step was "hit", and, with --list, every step.
 * Ends as the program does: with 137 when it was killed. */

#include <errno.h>
#include <fnmatch.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <unistd.h>

#include "onward-step.h"

/* Both file systems answer to it; without a flush of the log. */
#define SHUT_DOWN         _IOR ('X', 125, guint32)
#define WITHOUT_LOG_FLUSH 2
#define KILLED            137
#define OPTIONS                                                                         \
  (PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | \
   PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD)

typedef struct
{
  /* What was asked for. */
  char *below;       /* (owned): a folder */
  char *report_path; /* (owned) (nullable) */
  char *only;        /* (owned) (nullable): a kind of call; the others are no steps */
  char *skip;        /* (owned) (nullable): KIND:GLOB of calls that do nothing, and say they did */
  char *disk;        /* (owned) (nullable): whose power is cut before the program is killed */
  int before, after; /* the step at which it is killed, or 0 */
  int fail;          /* the step that fails, or 0 */
  int error;         /* with what */
  gboolean for_ever; /* all after it fail as well */
  gboolean is_listed;
  gboolean with_reads; /* whether calls that change nothing are steps as well */
  gboolean is_plain;   /* whether it has a kernel and a disk that can do little */
  int user;            /* as whom it runs, or -1 */
  char **command;

  FILE *report; /* (owned) */
  pid_t child;
  int steps;
  gboolean is_hit;
  GHashTable *traced; /* (owned): threads */
  GHashTable *owed;   /* (owned): thread → what its suppressed call returns */
  pid_t last;         /* the thread whose call is to be the last */
  int status;         /* how the child ended, as of waitpid() */
} Stepper;

static void
stepper_clear (Stepper *self)
{
  g_clear_pointer (&self->below, g_free);
  g_clear_pointer (&self->report_path, g_free);
  g_clear_pointer (&self->only, g_free);
  g_clear_pointer (&self->skip, g_free);
  g_clear_pointer (&self->disk, g_free);
  g_clear_pointer (&self->traced, g_hash_table_unref);
  g_clear_pointer (&self->owed, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stepper, stepper_clear)

static void
die (const char *what)
{
  fprintf (stderr, "onward-stepper: %s: %s\n", what, g_strerror (errno));
  _exit (125);
}

/* In the child: becomes the program, once the tracer holds it. */
static void
become (Stepper *self, int held)
{
  struct sock_fprog *filter = onward_step_new_filter (self->with_reads, self->is_plain);
  char unused;

  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (read (held, &unused, 1) < 0)
    die ("waiting");
  close (held);
  if (self->user >= 0 && (setgroups (0, NULL) < 0 || setgid ((gid_t) self->user) < 0 ||
                          setuid ((uid_t) self->user) < 0))
    die ("changing the user");
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
      prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter, 0, 0) < 0)
    die ("filtering");

  execvp (self->command[0], self->command);
  die (self->command[0]);
}

static void
launch (Stepper *self)
{
  int pipes[2];

  if (pipe2 (pipes, O_CLOEXEC) < 0)
    die ("pipe");
  self->child = fork ();
  if (self->child < 0)
    die ("fork");
  if (self->child == 0)
    {
      close (pipes[1]);
      become (self, pipes[0]);
    }

  setpgid (self->child, self->child);
  if (ptrace (PTRACE_SEIZE, self->child, NULL, OPTIONS) < 0)
    die ("seizing");
  g_hash_table_add (self->traced, GINT_TO_POINTER (self->child));
  close (pipes[0]);
  close (pipes[1]);
}

/* As the power goes: nothing that is not on the disk now ever will be. */
static void
cut_power (Stepper *self)
{
  guint32 how = WITHOUT_LOG_FLUSH;
  int fd;

  if (self->disk == NULL)
    return;
  fd = open (self->disk, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || ioctl (fd, SHUT_DOWN, &how) < 0)
    die (self->disk);
  close (fd);
}

static void
kill_all (Stepper *self)
{
  GHashTableIter iter;
  gpointer pid;

  self->is_hit = TRUE;
  cut_power (self);
  kill (-self->child, SIGKILL);
  g_hash_table_iter_init (&iter, self->traced);
  while (g_hash_table_iter_next (&iter, &pid, NULL))
    kill (GPOINTER_TO_INT (pid), SIGKILL);
}

static gboolean
is_below (const char *folder, const char *path)
{
  gsize length = strlen (folder);

  return path != NULL && strncmp (path, folder, length) == 0 &&
         (path[length] == '/' || path[length] == '\0');
}

static gboolean
is_skipped (Stepper *self, const OnwardStep *step)
{
  const char *glob = self->skip != NULL ? strchr (self->skip, ':') : NULL;

  return glob != NULL && strncmp (step->name, self->skip, (gsize) (glob - self->skip)) == 0 &&
         step->name[glob - self->skip] == '\0' && fnmatch (glob + 1, step->path, 0) == 0;
}

static void
suppress (Stepper *self, pid_t pid, int value)
{
  if (!onward_step_suppress (pid))
    die ("suppressing a call");
  g_hash_table_insert (self->owed, GINT_TO_POINTER (pid), GINT_TO_POINTER (value));
}

/* Returns: whether the thread is to stop again at the end of the call. */
static gboolean
take_step (Stepper *self, pid_t pid, const OnwardStep *step)
{
  self->steps++;
  if (self->is_listed)
    fprintf (self->report, "step %d %s %s\n", self->steps, step->name, step->path);

  if (self->steps == self->before)
    kill_all (self);
  else if (self->steps == self->after)
    self->last = pid;
  else if (self->steps == self->fail || (self->for_ever && self->steps > self->fail))
    {
      if (!self->is_hit)
        fprintf (self->report, "failed %s %s\n", step->name, step->path);
      self->is_hit = TRUE;
      suppress (self, pid, -self->error);
    }
  else if (is_skipped (self, step))
    {
      self->is_hit = TRUE;
      suppress (self, pid, 0);
    }

  return pid == self->last || g_hash_table_contains (self->owed, GINT_TO_POINTER (pid));
}

static void
on_call (Stepper *self, pid_t pid)
{
  g_autoptr (OnwardStep) step = onward_step_read (pid, self->with_reads);
  gboolean is_step = step != NULL && is_below (self->below, step->path) &&
                     (self->only == NULL || g_str_equal (self->only, step->name));
  gboolean stops = is_step && take_step (self, pid, step);

  ptrace (stops ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL, 0L);
}

static void
on_end_of_call (Stepper *self, pid_t pid)
{
  gpointer value;

  if (g_hash_table_lookup_extended (self->owed, GINT_TO_POINTER (pid), NULL, &value))
    {
      g_hash_table_remove (self->owed, GINT_TO_POINTER (pid));
      if (!onward_step_answer (pid, GPOINTER_TO_INT (value)))
        die ("answering a call");
    }
  else if (pid == self->last)
    kill_all (self);

  ptrace (PTRACE_CONT, pid, NULL, 0L);
}

static void
on_stop (Stepper *self, pid_t pid, int status)
{
  int signal_number = WSTOPSIG (status);

  g_hash_table_add (self->traced, GINT_TO_POINTER (pid));
  if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8))
    on_call (self, pid);
  else if (signal_number == (SIGTRAP | 0x80))
    on_end_of_call (self, pid);
  else if (status >> 16 != 0)
    ptrace (PTRACE_CONT, pid, NULL, 0L);
  else
    ptrace (PTRACE_CONT, pid, NULL, (long) signal_number);
}

/* To the end of the last of them: until then they hold locks. */
static void
run (Stepper *self)
{
  int status;
  pid_t pid;

  while ((pid = waitpid (-1, &status, __WALL)) > 0 || errno == EINTR)
    {
      if (pid <= 0)
        continue;
      if (WIFSTOPPED (status))
        {
          on_stop (self, pid, status);
          continue;
        }
      g_hash_table_remove (self->traced, GINT_TO_POINTER (pid));
      if (pid == self->child)
        self->status = status;
    }
}

static gboolean
parse (Stepper *self, int *argc, char ***argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("-- PROGRAM [ARGUMENT…]");
  const GOptionEntry entries[] = {
    { "below", 0, 0, G_OPTION_ARG_FILENAME, &self->below, "the folder that is watched", "DIR" },
    { "report", 0, 0, G_OPTION_ARG_FILENAME, &self->report_path, "where to say it", "FILE" },
    { "list", 0, 0, G_OPTION_ARG_NONE, &self->is_listed, "reports every step", NULL },
    { "reads", 0, 0, G_OPTION_ARG_NONE, &self->with_reads, "counts what changes nothing", NULL },
    { "only", 0, 0, G_OPTION_ARG_STRING, &self->only, "counts this kind of call", "KIND" },
    { "before", 0, 0, G_OPTION_ARG_INT, &self->before, "kills before this step", "N" },
    { "after", 0, 0, G_OPTION_ARG_INT, &self->after, "kills after this step", "N" },
    { "cut", 0, 0, G_OPTION_ARG_FILENAME, &self->disk, "cuts this disk off as well", "DIR" },
    { "fail", 0, 0, G_OPTION_ARG_INT, &self->fail, "lets this step fail", "N" },
    { "error", 0, 0, G_OPTION_ARG_INT, &self->error, "with this errno", "NUMBER" },
    { "for-ever", 0, 0, G_OPTION_ARG_NONE, &self->for_ever, "and all after it", NULL },
    { "skip", 0, 0, G_OPTION_ARG_STRING, &self->skip, "leaves these out", "KIND:GLOB" },
    { "plain", 0, 0, G_OPTION_ARG_NONE, &self->is_plain,
      "refuses openat2(), nameless files and flags of renameat2()", NULL },
    { "user", 0, 0, G_OPTION_ARG_INT, &self->user, "runs as this user", "UID" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_strict_posix (context, TRUE);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      fprintf (stderr, "onward-stepper: %s\n", error->message);
      return FALSE;
    }

  self->command = *argv + (*argc > 1 && g_str_equal ((*argv)[1], "--") ? 2 : 1);
  return self->below != NULL && self->command[0] != NULL;
}

int
main (int argc, char **argv)
{
  g_auto (Stepper) self = { .user = -1 };

  if (!parse (&self, &argc, &argv))
    return 125;

  self.report = self.report_path != NULL ? fopen (self.report_path, "we") : stderr;
  if (self.report == NULL)
    die (self.report_path);
  self.traced = g_hash_table_new (NULL, NULL);
  self.owed = g_hash_table_new (NULL, NULL);
  launch (&self);
  run (&self);

  fprintf (self.report, "steps %d\n%s", self.steps, self.is_hit ? "hit\n" : "");
  fclose (self.report);
  return WIFEXITED (self.status) ? WEXITSTATUS (self.status) : 128 + WTERMSIG (self.status);
}
