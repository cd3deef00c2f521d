/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "launch-fixture.h"

#define TRIAL "2.0.0\n1.0.0\n3\n"
#define WAITS "#!/bin/sh\necho ready\nread -r line\nexit 5\n"

static void
set_up (const LaunchFixture *self, const char *settings, const char *script)
{
  g_autofree char *config = g_strconcat (LAUNCH_CONFIG, settings, NULL);

  onward_test_write (self->install, "onward.ini", config);
  onward_test_write (self->install, "var/trial", TRIAL);
  launch_fixture_write_script (self, "2.0.0", script);
}

/* Starts the application, and returns when it has said its first word. */
static GSubprocess *
start (const LaunchFixture *self)
{
  GSubprocess *process;
  g_autoptr (GError) error = NULL;
  char word[6] = "";

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                              &error, self->launcher, NULL);
  g_assert_no_error (error);
  g_input_stream_read_all (g_subprocess_get_stdout_pipe (process), word, 5, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (word, ==, "ready");
  return process;
}

static void
let_end (GSubprocess *process)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_close (g_subprocess_get_stdin_pipe (process), NULL, NULL);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
}

static gboolean
is_on_trial (const LaunchFixture *self)
{
  g_autofree char *trial = g_build_filename (self->install, "var/trial", NULL);

  return g_file_test (trial, G_FILE_TEST_EXISTS);
}

/* All that the application and whoever has its output say until its end. */
static char *
read_rest (GSubprocess *process)
{
  g_autoptr (GError) error = NULL;
  char text[4096] = "";
  gsize size = 0;

  g_input_stream_read_all (g_subprocess_get_stdout_pipe (process), text, sizeof text - 1, &size,
                           NULL, &error);
  g_assert_no_error (error);
  let_end (process);
  return g_strdup (text);
}

/* clang-format off */
static const char *const modes[] = { "", "Supervise=true\n" };
/* clang-format on */

/* A version that lives as long as the install asks for is good, whether or not it knows of us. */
static void
test_launch_good_after (LaunchFixture *self, gconstpointer mode)
{
  g_autofree char *settings = g_strconcat (mode, "GoodAfter=1\n", NULL);
  g_autoptr (GSubprocess) process = NULL;

  set_up (self, settings, WAITS);
  process = start (self);
  while (is_on_trial (self))
    g_usleep (10000);
  launch_fixture_assert_current (self, "versions/2.0.0");
  let_end (process);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 5);

  /* What fails later was good all the same. */
  launch_fixture_assert_current (self, "versions/2.0.0");
  launch_fixture_assert_file (self, "var/reverted", NULL);
  launch_fixture_assert_tidy (self);
}

/* One that ends before that is not, however long one waits afterwards. */
static void
test_launch_not_good_before (LaunchFixture *self, gconstpointer mode)
{
  g_autofree char *settings = g_strconcat (mode, "GoodAfter=1\n", NULL);

  set_up (self, settings, "#!/bin/sh\necho 2.0.0\n");
  launch_fixture_assert_starts (self, "2.0.0");
  g_usleep (2 * G_USEC_PER_SEC);
  launch_fixture_assert_file (self, "var/trial", "2.0.0\n1.0.0\n2\n");
}

/* Whoever reads what the application writes is not kept waiting by the witness. */
static void
test_launch_witness_holds_nothing (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->install, "versions/2.0.0", NULL);
  g_autofree char *var = g_build_filename (self->install, "var", NULL);
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *output = NULL;
  int fds[2];

  set_up (self, "GoodAfter=3600\n", WAITS);
  process = start (self);
  fds[0] = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  fds[1] = open (var, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (flock (fds[0], LOCK_EX | LOCK_NB), ==, -1);
  /* The witness lets go a moment after it was left behind. */
  g_assert_cmpint (flock (fds[1], LOCK_EX), ==, 0);

  g_output_stream_close (g_subprocess_get_stdin_pipe (process), NULL, NULL);
  output = read_rest (process);
  g_assert_cmpint (flock (fds[0], LOCK_EX | LOCK_NB), ==, 0);
  close (fds[0]);
  close (fds[1]);
}

/* A length of time that makes no sense counts as none. */
static void
test_launch_good_after_nonsense (LaunchFixture *self, gconstpointer data)
{
  static const char *const values[] = { "0", "-1", "x", "", "3601", "99999999999999999999" };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *settings = g_strdup_printf ("GoodAfter=%s\n", values[i]);

      set_up (self, settings, "#!/bin/sh\necho 2.0.0\n");
      launch_fixture_assert_starts (self, "2.0.0");
      launch_fixture_assert_file (self, "var/trial", "2.0.0\n1.0.0\n2\n");
    }
}

/* The version that fails is followed by the old one in the same start, with the same arguments. */
static void
test_launch_supervise_restores (LaunchFixture *self, gconstpointer data)
{
  const char *argv[] = { self->launcher, "one", "two words", NULL };
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  int status = -1;

  set_up (self, "Supervise=true\n", "#!/bin/sh\necho broken\nkill -ABRT $$\n");
  output = launch_fixture_run_command (argv, &status, &errors);
  g_assert_true (g_str_has_prefix (output, "broken\n1.0.0 "));
  g_assert_true (g_str_has_suffix (output, " one two words"));
  g_assert_cmpint (status, ==, 0);
  g_assert_nonnull (strstr (errors, "version 2.0.0 did not start, version 1.0.0 is started"));
}

/* How the application ended is how the launcher ends. */
static void
test_launch_supervise_status (LaunchFixture *self, gconstpointer data)
{
  g_autoptr (GSubprocess) process = NULL;

  set_up (self, "Supervise=true\n",
          "#!/bin/sh\necho ready\nrm \"$ONWARD_INSTALL/var/trial\"\n"
          "read -r line\nexit 7\n");
  process = start (self);
  let_end (process);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 7);

  g_clear_object (&process);
  set_up (self, "Supervise=true\n",
          "#!/bin/sh\necho ready\nrm \"$ONWARD_INSTALL/var/trial\"\n"
          "kill -SEGV $$\n");
  process = start (self);
  let_end (process);
  g_assert_true (g_subprocess_get_if_signaled (process));
  g_assert_cmpint (g_subprocess_get_term_sig (process), ==, SIGSEGV);
}

/* What is sent to the launcher reaches the application, whose end is then no failure of it. */
static void
test_launch_supervise_signals (LaunchFixture *self, gconstpointer data)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *output = NULL;

  set_up (self, "Supervise=true\n",
          "#!/bin/sh\ntrap 'echo asked' USR1\ntrap 'echo ended; exit 3' TERM\necho ready\n"
          "while :; do read -r line; done\n");
  process = start (self);
  g_subprocess_send_signal (process, SIGTERM);
  output = read_rest (process);
  g_assert_cmpstr (output, ==, "\nended\n");
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 3);
  launch_fixture_assert_current (self, "versions/2.0.0");
}

/* A signal that does not ask for an end is no excuse for one. */
static void
test_launch_supervise_fails_after_signal (LaunchFixture *self, gconstpointer data)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *output = NULL;

  set_up (self, "Supervise=true\n",
          "#!/bin/sh\ntrap 'exit 3' USR1\necho ready\nwhile :; do read -r line; done\n");
  process = start (self);
  g_subprocess_send_signal (process, SIGUSR1);
  output = read_rest (process);
  g_assert_true (g_str_has_prefix (output, "\n1.0.0 "));
  launch_fixture_assert_current (self, "versions/1.0.0");
}

/* The application gets the signals as whoever started the launcher had set them. */
static void
test_launch_supervise_mask (LaunchFixture *self, gconstpointer data)
{
  const char *argv[] = { "grep", "^SigBlk", "/proc/self/status", NULL };
  g_autofree char *before = launch_fixture_run_command (argv, NULL, NULL);
  g_autofree char *after = NULL;

  set_up (self, "Supervise=true\n", "#!/bin/sh\nexec grep ^SigBlk /proc/self/status\n");
  after = launch_fixture_run (self);
  g_assert_cmpstr (after, ==, before);
}

/* While the launcher stays, updaters can work, and the version is pinned. */
static void
test_launch_supervise_locks (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->install, "versions/2.0.0", NULL);
  g_autofree char *var = g_build_filename (self->install, "var", NULL);
  g_autoptr (GSubprocess) process = NULL;
  int folder_fd, var_fd;

  set_up (self, "Supervise=true\n", WAITS);
  process = start (self);
  folder_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  var_fd = open (var, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  /* Waits: the application may say its word before the launcher goes on. */
  g_assert_cmpint (flock (var_fd, LOCK_EX), ==, 0);
  g_assert_cmpint (flock (folder_fd, LOCK_EX | LOCK_NB), ==, -1);
  close (var_fd);
  let_end (process);
  g_assert_cmpint (flock (folder_fd, LOCK_EX | LOCK_NB), ==, 0);
  close (folder_fd);
}

/* An updater that is at work on var. */
static int
hold_var (const LaunchFixture *self)
{
  g_autofree char *var = g_build_filename (self->install, "var", NULL);
  int fd = open (var, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
  return fd;
}

static gpointer
let_go_soon (gpointer fd)
{
  g_usleep (200 * 1000);
  g_assert_cmpint (close (GPOINTER_TO_INT (fd)), ==, 0);
  return NULL;
}

/* An updater that holds var for a moment, when a version is to be started or has just failed, does
 * not keep it on trial: the old version is back for all starts to come. */
static void
test_launch_supervise_busy (LaunchFixture *self, gconstpointer data)
{
  g_autoptr (GSubprocess) process = NULL;
  GThread *thread;

  set_up (self, "Supervise=true\n", WAITS);
  thread = g_thread_new ("updater", let_go_soon, GINT_TO_POINTER (hold_var (self)));
  process = start (self);
  g_thread_join (thread);
  launch_fixture_assert_file (self, "var/trial", "2.0.0\n1.0.0\n2\n");

  thread = g_thread_new ("updater", let_go_soon, GINT_TO_POINTER (hold_var (self)));
  let_end (process);
  g_thread_join (thread);
  launch_fixture_assert_current (self, "versions/1.0.0");
  launch_fixture_assert_file (self, "var/reverted", "2.0.0\n1.0.0\n");
}

/* One that holds it for longer does not keep the application from being started. */
static void
test_launch_supervise_busy_for_long (LaunchFixture *self, gconstpointer data)
{
  int fd = hold_var (self);
  g_autofree char *output = NULL;

  set_up (self, "Supervise=true\n", "#!/bin/sh\necho 2.0.0\nexit 1\n");
  output = launch_fixture_run (self);
  g_assert_true (g_str_has_prefix (output, "2.0.0\n1.0.0 "));
  launch_fixture_assert_current (self, "versions/2.0.0");
  g_assert_cmpint (close (fd), ==, 0);
}

/* A version that an updater has replaced while it ran is not taken back. */
static void
test_launch_supervise_replaced (LaunchFixture *self, gconstpointer data)
{
  g_autoptr (GSubprocess) process = NULL;

  set_up (self, "Supervise=true\n", WAITS);
  launch_fixture_write_script (self, "3.0.0", "#!/bin/sh\necho 3.0.0\n");
  process = start (self);
  onward_test_write (self->install, "var/trial", "3.0.0\n2.0.0\n3\n");
  launch_fixture_point_current_at (self, "versions/3.0.0");
  let_end (process);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 5);
  launch_fixture_assert_current (self, "versions/3.0.0");
  launch_fixture_assert_file (self, "var/trial", "3.0.0\n2.0.0\n3\n");
}

/* What is not on trial is not supervised: the launcher becomes the application. */
static void
test_launch_supervise_without_trial (LaunchFixture *self, gconstpointer data)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *trial = g_build_filename (self->install, "var/trial", NULL);
  g_autofree char *pid = NULL;
  g_autofree char *output = NULL;

  set_up (self, "Supervise=true\n", "#!/bin/sh\necho ready\nread -r line\necho $$\n");
  g_assert_cmpint (unlink (trial), ==, 0);
  process = start (self);
  pid = g_strdup_printf ("\n%s\n", g_subprocess_get_identifier (process));
  g_output_stream_close (g_subprocess_get_stdin_pipe (process), NULL, NULL);
  output = read_rest (process);
  g_assert_cmpstr (output, ==, pid);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      launch_fixture_add (i == 0 ? "/launch/good-after/alone" : "/launch/good-after/supervised",
                          modes[i], test_launch_good_after);
      launch_fixture_add (i == 0 ? "/launch/not-good-before/alone"
                                 : "/launch/not-good-before/supervised",
                          modes[i], test_launch_not_good_before);
    }
  launch_fixture_add ("/launch/witness/holds-nothing", NULL, test_launch_witness_holds_nothing);
  launch_fixture_add ("/launch/good-after/nonsense", NULL, test_launch_good_after_nonsense);
  launch_fixture_add ("/launch/supervise/restores", NULL, test_launch_supervise_restores);
  launch_fixture_add ("/launch/supervise/status", NULL, test_launch_supervise_status);
  launch_fixture_add ("/launch/supervise/signals", NULL, test_launch_supervise_signals);
  launch_fixture_add ("/launch/supervise/fails-after-signal", NULL,
                      test_launch_supervise_fails_after_signal);
  launch_fixture_add ("/launch/supervise/mask", NULL, test_launch_supervise_mask);
  launch_fixture_add ("/launch/supervise/locks", NULL, test_launch_supervise_locks);
  launch_fixture_add ("/launch/supervise/busy", NULL, test_launch_supervise_busy);
  launch_fixture_add ("/launch/supervise/busy-for-long", NULL, test_launch_supervise_busy_for_long);
  launch_fixture_add ("/launch/supervise/replaced", NULL, test_launch_supervise_replaced);
  launch_fixture_add ("/launch/supervise/without-trial", NULL, test_launch_supervise_without_trial);

  return g_test_run ();
}
