/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "launch-fixture.h"

/* Without a trial the current version is started with the arguments it was given, and nothing is
 * written. */
static void
test_launch_current (LaunchFixture *self, gconstpointer data)
{
  const char *argv[] = { self->launcher, "--open", "a file", NULL };
  g_autofree char *output = NULL;
  g_autofree char *expected = g_strdup_printf ("2.0.0 %s --open a file", self->install);

  output = launch_fixture_run_command (argv, NULL, NULL);
  g_assert_cmpstr (output, ==, expected);
  launch_fixture_assert_file (self, "var/trial", NULL);
  launch_fixture_assert_tidy (self);
}

/* The program sees its own path as argv[0], and new in its environment only where it belongs. */
static void
test_launch_environment (LaunchFixture *self, gconstpointer data)
{
  const char *argv[] = { "env", "-i", "KEEP=1", self->launcher, NULL };
  g_autofree char *output = NULL;
  g_autofree char *expected =
      g_strdup_printf ("%s/versions/2.0.0/bin/app\nKEEP=1\nONWARD_INSTALL=%s\nONWARD_VERSION=2.0.0",
                       self->install, self->install);

  launch_fixture_write_script (self, "2.0.0",
                               "#!/bin/sh\necho \"$0\"; tr '\\0' '\\n' </proc/$$/environ\n");
  output = launch_fixture_run_command (argv, NULL, NULL);
  g_assert_cmpstr (output, ==, expected);
}

/* The exit status and the signals of the program reach the caller, as exec keeps the process. */
static void
test_launch_exit_status (LaunchFixture *self, gconstpointer data)
{
  const char *argv[] = { self->launcher, NULL };
  g_autofree char *output = NULL;
  int status = 0;

  launch_fixture_write_script (self, "2.0.0", "#!/bin/sh\nexit 42\n");
  output = launch_fixture_run_command (argv, &status, NULL);
  g_assert_cmpint (status, ==, 42);
}

/* The install is found through symbolic links, of the launcher and of the folder. */
static void
test_launch_symlink (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *bin = g_build_filename (self->root, "bin", NULL);
  g_autofree char *link = g_build_filename (bin, "demo", NULL);
  const char *argv[] = { link, "x", NULL };
  g_autofree char *output = NULL;
  g_autofree char *expected = g_strdup_printf ("2.0.0 %s x", self->install);

  g_assert_cmpint (g_mkdir (bin, 0755), ==, 0);
  g_assert_cmpint (symlink (self->launcher, link), ==, 0);
  output = launch_fixture_run_command (argv, NULL, NULL);
  g_assert_cmpstr (output, ==, expected);
}

/* Without a trial there is nothing to go back to: one line says why, with the status of a shell. */
static void
test_launch_exec_fails (LaunchFixture *self, gconstpointer data)
{
  const LaunchBroken *broken = data;
  const char *argv[] = { self->launcher, NULL };
  g_autofree char *errors = NULL;
  g_autofree char *output = NULL;
  int status = 0;
  gboolean is_missing = broken->contents == NULL || strstr (broken->name, "interpreter") != NULL;

  launch_fixture_break_program (self, "2.0.0", broken);
  output = launch_fixture_run_command (argv, &status, &errors);
  g_assert_cmpint (status, ==, is_missing ? 127 : 126);
  g_assert_nonnull (strstr (errors, "“bin/app” of version 2.0.0"));
  g_assert_cmpuint (strcspn (errors, "\n"), ==, strlen (errors) - 1);
  launch_fixture_assert_current (self, "versions/2.0.0");
}

/* An install without a var folder starts. */
static void
test_launch_without_var (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *keep = g_build_filename (self->install, "var/.keep", NULL);
  g_autofree char *var = g_build_filename (self->install, "var", NULL);

  g_assert_cmpint (unlink (keep), ==, 0);
  g_assert_cmpint (g_rmdir (var), ==, 0);
  launch_fixture_assert_starts (self, "2.0.0");
}

/* While a version runs its folder is locked, and no longer once it has ended. */
static void
test_launch_pins_version (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->install, "versions/2.0.0", NULL);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  char ready[6] = "";
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  launch_fixture_write_script (self, "2.0.0", "#!/bin/sh\necho ready; read -r line\n");
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                              &error, self->launcher, NULL);
  g_assert_no_error (error);
  g_input_stream_read_all (g_subprocess_get_stdout_pipe (process), ready, 5, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, -1);

  g_output_stream_close (g_subprocess_get_stdin_pipe (process), NULL, NULL);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, 0);
  close (fd);
}

/* Somebody who only asks whether the version runs holds its lock for an instant: a start in that
 * instant pins it all the same. */
static void
test_launch_pins_busy_version (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->install, "versions/2.0.0", NULL);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  char ready[6] = "";
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  launch_fixture_write_script (self, "2.0.0", "#!/bin/sh\necho ready; read -r line\n");
  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                              &error, self->launcher, NULL);
  g_assert_no_error (error);
  g_usleep (200000);
  g_assert_cmpint (flock (fd, LOCK_UN), ==, 0);
  g_input_stream_read_all (g_subprocess_get_stdout_pipe (process), ready, 5, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ready, ==, "ready");
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, -1);

  g_output_stream_close (g_subprocess_get_stdin_pipe (process), NULL, NULL);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  close (fd);
}

/* Closed standard descriptors are not replaced by a folder of ours. */
static void
test_launch_closed_streams (LaunchFixture *self, gconstpointer data)
{
  const char *argv[] = { "sh", "-c", "exec \"$1\" <&-", "sh", self->launcher, NULL };
  g_autofree char *output = NULL;

  launch_fixture_write_script (self, "2.0.0",
                               "#!/bin/sh\n[ -d /proc/self/fd/0/. ] && echo folder || echo none\n");
  output = launch_fixture_run_command (argv, NULL, NULL);
  g_assert_cmpstr (output, ==, "none");
}

typedef struct
{
  const char *name;
  const char *config;  /* NULL for none */
  const char *current; /* NULL for none */
  const char *message;
} BrokenInstall;

/* clang-format off */
static const BrokenInstall broken_installs[] = {
  { "no-config", NULL, "versions/2.0.0", "onward.ini" },
  { "no-command", "[Application]\nName=Demo\n", "versions/2.0.0", "Command" },
  { "other-group", "[Other]\nCommand=bin/app\n", "versions/2.0.0", "Command" },
  { "absolute-command", "[Application]\nCommand=/bin/true\n", "versions/2.0.0", "Command" },
  { "escaping-command", "[Application]\nCommand=../x\n", "versions/2.0.0", "Command" },
  { "climbing-command", "[Application]\nCommand=a/../../x\n", "versions/2.0.0", "Command" },
  { "no-current", LAUNCH_CONFIG, NULL, "current" },
  { "absolute-current", LAUNCH_CONFIG, "/tmp", "current" },
  { "escaping-current", LAUNCH_CONFIG, "versions/../../x", "current" },
  { "hidden-current", LAUNCH_CONFIG, "versions/..", "current" },
  { "missing-version", LAUNCH_CONFIG, "versions/3.0.0", "current" },
};
/* clang-format on */

/* What cannot be started is said in one line, with status 127. */
static void
test_launch_broken_install (LaunchFixture *self, gconstpointer data)
{
  const BrokenInstall *broken = data;
  g_autofree char *config = g_build_filename (self->install, "onward.ini", NULL);
  g_autofree char *current = g_build_filename (self->install, "current", NULL);
  const char *argv[] = { self->launcher, NULL };
  g_autofree char *errors = NULL;
  g_autofree char *output = NULL;
  int status = 0;

  g_assert_cmpint (unlink (config), ==, 0);
  g_assert_cmpint (unlink (current), ==, 0);
  if (broken->config != NULL)
    onward_test_write (self->install, "onward.ini", broken->config);
  if (broken->current != NULL)
    launch_fixture_point_current_at (self, broken->current);

  output = launch_fixture_run_command (argv, &status, &errors);
  g_assert_cmpstr (output, ==, "");
  g_assert_cmpint (status, ==, 127);
  g_assert_nonnull (strstr (errors, broken->message));
  g_assert_cmpuint (strcspn (errors, "\n"), ==, strlen (errors) - 1);
}

static void
add_broken_installs (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (broken_installs); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/launch/broken-install/%s", broken_installs[i].name);

      launch_fixture_add (path, &broken_installs[i], test_launch_broken_install);
    }
}

/* Whatever became of `current`: the newest version that is whole is started, and nobody but an
 * updater mends the link. */
static void
test_launch_lost_current (LaunchFixture *self, gconstpointer data)
{
  static const char *const receipts[] = { "receipts/1.0.0", "receipts/2.0.0", "receipts/10.0.0" };
  g_autofree char *current = g_build_filename (self->install, "current", NULL);
  g_autofree char *newer = g_build_filename (self->install, "receipts/2.0.0", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (receipts); i++)
    onward_test_write (self->install, receipts[i], "x");
  launch_fixture_point_current_at (self, "versions/3.0.0");
  launch_fixture_assert_starts (self, "2.0.0");
  launch_fixture_assert_current (self, "versions/3.0.0");

  g_assert_cmpint (unlink (current), ==, 0);
  launch_fixture_assert_starts (self, "2.0.0");
  g_assert_cmpint (unlink (newer), ==, 0);
  launch_fixture_assert_starts (self, "1.0.0");
}

/* The newest is the one that SemVer calls the newest: a candidate comes before its release. */
static void
test_launch_newest (LaunchFixture *self, gconstpointer data)
{
  static const char *const ascending[] = {
    "2.0.0-alpha", "2.0.0-alpha.1", "2.0.0-beta",    "2.0.0-rc.9", "2.0.0-rc.10", "2.0.0",
    "2.0.1-rc.1",  "2.0.1",         "2.1.0-alpha.1", "2.9.0",      "2.10.0",      "10.0.0-rc1",
  };
  g_autofree char *current = g_build_filename (self->install, "current", NULL);

  g_assert_cmpint (unlink (current), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (ascending); i++)
    {
      g_autofree char *script = g_strdup_printf ("#!/bin/sh\necho %s\n", ascending[i]);
      g_autofree char *receipt = g_build_filename ("receipts", ascending[i], NULL);

      launch_fixture_write_script (self, ascending[i], script);
      onward_test_write (self->install, receipt, "x");
      launch_fixture_assert_starts (self, ascending[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  launch_fixture_add ("/launch/current", NULL, test_launch_current);
  launch_fixture_add ("/launch/lost-current", NULL, test_launch_lost_current);
  launch_fixture_add ("/launch/newest", NULL, test_launch_newest);
  launch_fixture_add ("/launch/environment", NULL, test_launch_environment);
  launch_fixture_add ("/launch/exit-status", NULL, test_launch_exit_status);
  launch_fixture_add ("/launch/symlink", NULL, test_launch_symlink);
  launch_fixture_add ("/launch/without-var", NULL, test_launch_without_var);
  launch_fixture_add ("/launch/pins-version", NULL, test_launch_pins_version);
  launch_fixture_add ("/launch/pins-busy-version", NULL, test_launch_pins_busy_version);
  launch_fixture_add ("/launch/closed-streams", NULL, test_launch_closed_streams);
  launch_fixture_add_broken ("/launch/exec-fails", test_launch_exec_fails);
  add_broken_installs ();

  return g_test_run ();
}
