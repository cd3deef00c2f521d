/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "launch-fixture.h"

/* A version on trial that cannot be started at all is left at once, in the same start. */
static void
test_launch_trial_exec_fails (LaunchFixture *self, gconstpointer data)
{
  launch_fixture_break_program (self, "2.0.0", data);
  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n3\n");

  launch_fixture_assert_starts (self, "1.0.0");
  launch_fixture_assert_current (self, "versions/1.0.0");
  launch_fixture_assert_file (self, "var/reverted", "2.0.0\n1.0.0\n");
  launch_fixture_assert_file (self, "var/trial", NULL);
  launch_fixture_assert_tidy (self);
}

/* What is not the version's fault, as a program that is just being written, is no reason to leave
 * it. */
static void
test_launch_not_its_fault (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *program = g_build_filename (self->install, "versions/2.0.0/bin/app", NULL);
  int fd = open (program, O_WRONLY | O_CLOEXEC);

  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n3\n");
  launch_fixture_assert_starts (self, "");
  launch_fixture_assert_current (self, "versions/2.0.0");
  close (fd);
  launch_fixture_assert_starts (self, "2.0.0");
}

/* A version that exits at once gets exactly three starts; the fourth is the old version's. */
static void
test_launch_trial_exits (LaunchFixture *self, gconstpointer data)
{
  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n3\n");
  launch_fixture_write_script (self, "2.0.0", "#!/bin/sh\necho 2.0.0; exit 1\n");

  launch_fixture_assert_starts (self, "2.0.0");
  launch_fixture_assert_file (self, "var/trial", "2.0.0\n1.0.0\n2\n");
  launch_fixture_assert_starts (self, "2.0.0");
  launch_fixture_assert_file (self, "var/trial", "2.0.0\n1.0.0\n1\n");
  launch_fixture_assert_starts (self, "2.0.0");
  launch_fixture_assert_file (self, "var/trial", "2.0.0\n1.0.0\n0\n");
  launch_fixture_assert_current (self, "versions/2.0.0");

  launch_fixture_assert_starts (self, "1.0.0");
  launch_fixture_assert_current (self, "versions/1.0.0");
  launch_fixture_assert_file (self, "var/trial", NULL);
  launch_fixture_assert_file (self, "var/reverted", "2.0.0\n1.0.0\n");
  launch_fixture_assert_starts (self, "1.0.0");
  launch_fixture_assert_tidy (self);
}

/* The count is on the disk before the version runs. */
static void
test_launch_trial_counted_before (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *output = NULL;

  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n3\n");
  launch_fixture_write_script (self, "2.0.0", "#!/bin/sh\ncat \"$ONWARD_INSTALL/var/trial\"\n");
  output = launch_fixture_run (self);
  g_assert_cmpstr (output, ==, "2.0.0\n1.0.0\n2");
}

/* A version that was marked good is started for ever. */
static void
test_launch_marked_good (LaunchFixture *self, gconstpointer data)
{
  launch_fixture_write_script (self, "2.0.0",
                               "#!/bin/sh\nrm -f \"$ONWARD_INSTALL/var/trial\"; echo 2.0.0\n");
  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n1\n");
  for (guint i = 0; i < 5; i++)
    launch_fixture_assert_starts (self, "2.0.0");
}

/* An interrupted fall-back (told, not yet switched) is finished by the next start. */
static void
test_launch_interrupted_fall_back (LaunchFixture *self, gconstpointer data)
{
  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n0\n");
  onward_test_write (self->install, "var/reverted", "2.0.0\n1.0.0\n");
  launch_fixture_assert_starts (self, "1.0.0");
  launch_fixture_assert_current (self, "versions/1.0.0");
  launch_fixture_assert_file (self, "var/trial", NULL);
}

/* clang-format off */
static const char *const garbage_trials[] = {
  "", "\n", "\n\n\n", "2.0.0", "2.0.0\n1.0.0", "2.0.0\n1.0.0\n", "2.0.0\n1.0.0\n-1\n",
  "2.0.0\n1.0.0\nx\n", "2.0.0\n1.0.0\n00\n", "2.0.0\n1.0.0\n0x\n", "2.0.0\n1.0.0\n99999999999\n",
  "2.0.0\n2.0.0\n0\n", "2.0.0\n9.9.9\n0\n", "2.0.0\n../1.0.0\n0\n", "2.0.0\n..\n0\n",
  "2.0.0\n.\n0\n",
  "2.0.0\n/\n0\n", "2.0.0\n1.0.0/bin\n0\n", "2.0.0\n1.0.0 \n0\n", "1.0.0\n2.0.0\n0\n",
  "../2.0.0\n1.0.0\n0\n", "\x7f\x45\x4c\x46\xff\xff\n\xff\n0\n", "2.0.0\r\n1.0.0\r\n0\r\n",
  "%s%s%n\n1.0.0\n0\n", "3.0.0\n1.0.0\n0\n",
};
/* clang-format on */

/* A trial file that makes no sense, or is not about the current version, changes nothing. */
static void
test_launch_garbage_trial (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *endless = g_strnfill (100000, '7');

  for (guint i = 0; i < G_N_ELEMENTS (garbage_trials); i++)
    {
      onward_test_write (self->install, "var/trial", garbage_trials[i]);
      launch_fixture_assert_starts (self, "2.0.0");
      launch_fixture_assert_current (self, "versions/2.0.0");
      launch_fixture_assert_file (self, "var/trial", garbage_trials[i]);
    }
  onward_test_write (self->install, "var/trial", endless);
  launch_fixture_assert_starts (self, "2.0.0");
  launch_fixture_assert_file (self, "var/reverted", NULL);
}

/* Neither a pipe nor a folder nor a link in place of the trial stalls or misleads. */
static void
test_launch_planted_trial (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *trial = g_build_filename (self->install, "var/trial", NULL);

  g_assert_cmpint (mkfifo (trial, 0600), ==, 0);
  launch_fixture_assert_starts (self, "2.0.0");
  g_assert_cmpint (unlink (trial), ==, 0);
  g_assert_cmpint (g_mkdir (trial, 0700), ==, 0);
  launch_fixture_assert_starts (self, "2.0.0");
  g_assert_cmpint (g_rmdir (trial), ==, 0);
  onward_test_write (self->install, "elsewhere", "2.0.0\n1.0.0\n0\n");
  g_assert_cmpint (symlink ("../elsewhere", trial), ==, 0);
  launch_fixture_assert_starts (self, "2.0.0");
  launch_fixture_assert_current (self, "versions/2.0.0");
}

/* Runs the launcher where the install is mounted read-only; NULL when this system cannot mount. */
static char *
run_read_only (const LaunchFixture *self)
{
  const char *script = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" "
                       "&& ! touch \"$1/probe\" 2>/dev/null && exec \"$2\"";
  const char *argv[] = { "unshare", "-Urm",        "sh",           "-c", script,
                         "sh",      self->install, self->launcher, NULL };
  g_autofree char *errors = NULL;
  g_autofree char *output = NULL;
  int status = 0;

  output = launch_fixture_run_command (argv, &status, &errors);
  return status == 0 ? g_strndup (output, strcspn (output, " ")) : NULL;
}

/* On a read-only install the version on trial is started without being counted, and a version whose
 * tries are used up is left without a trace. */
static void
test_launch_read_only (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *on_trial = NULL;
  g_autofree char *used_up = NULL;

  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n2\n");
  on_trial = run_read_only (self);
  if (on_trial == NULL)
    {
      g_test_skip ("cannot mount here");
      return;
    }
  g_assert_cmpstr (on_trial, ==, "2.0.0");
  launch_fixture_assert_file (self, "var/trial", "2.0.0\n1.0.0\n2\n");

  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n0\n");
  used_up = run_read_only (self);
  g_assert_cmpstr (used_up, ==, "1.0.0");
  launch_fixture_assert_current (self, "versions/2.0.0");
}

/* On a full disk nothing can be counted, and the application starts. */
static void
test_launch_full_disk (LaunchFixture *self, gconstpointer data)
{
  const char *script = "ulimit -f 0; trap '' XFSZ; exec \"$1\"";
  const char *argv[] = { "sh", "-c", script, "sh", self->launcher, NULL };
  g_autofree char *output = NULL;

  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n2\n");
  launch_fixture_write_script (self, "2.0.0", "#!/bin/sh\necho 2.0.0\n");
  output = launch_fixture_run_command (argv, NULL, NULL);
  g_assert_cmpstr (output, ==, "2.0.0");
  launch_fixture_assert_file (self, "var/trial", "2.0.0\n1.0.0\n2\n");
  launch_fixture_assert_tidy (self);
}

/* While an updater holds var, the launcher reads but never writes there. */
static void
test_launch_updater_at_work (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *var = g_build_filename (self->install, "var", NULL);
  int fd = open (var, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n2\n");
  launch_fixture_assert_starts (self, "2.0.0");
  launch_fixture_assert_file (self, "var/trial", "2.0.0\n1.0.0\n2\n");
  close (fd);
  launch_fixture_assert_starts (self, "2.0.0");
  launch_fixture_assert_file (self, "var/trial", "2.0.0\n1.0.0\n1\n");
}

/* After a fall-back only the version that runs is pinned, not the one that could not start. */
static void
test_launch_pins_restored_only (LaunchFixture *self, gconstpointer data)
{
  const LaunchBroken missing = { "missing", NULL, 0 };
  g_autofree char *output = NULL;

  launch_fixture_write_script (self, "1.0.0",
                               "#!/bin/sh\nls -l /proc/$$/fd | grep -o 'versions/[0-9.]*$'\n");
  launch_fixture_break_program (self, "2.0.0", &missing);
  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n3\n");
  output = launch_fixture_run (self);
  g_assert_cmpstr (output, ==, "versions/1.0.0");
}

static gpointer
look_all_the_time (gpointer data)
{
  const LaunchFixture *self = data;
  g_autofree char *folder = g_build_filename (self->install, "versions/2.0.0", NULL);
  g_autofree char *enough = g_build_filename (self->install, "enough", NULL);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  while (access (enough, F_OK) != 0)
    {
      (void) flock (fd, LOCK_EX | LOCK_NB);
      (void) flock (fd, LOCK_UN);
    }
  close (fd);
  return NULL;
}

/* Who only looks whether a copy runs is not taken for one: the start counts all the same. */
static void
test_launch_trial_looked_at (LaunchFixture *self, gconstpointer data)
{
  GThread *thread = g_thread_new ("look", look_all_the_time, self);

  for (int i = 0; i < 20; i++)
    {
      onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n3\n");
      launch_fixture_assert_starts (self, "2.0.0");
      launch_fixture_assert_file (self, "var/trial", "2.0.0\n1.0.0\n2\n");
    }
  onward_test_write (self->install, "enough", "");
  g_thread_join (thread);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  launch_fixture_add ("/launch/not-its-fault", NULL, test_launch_not_its_fault);
  launch_fixture_add ("/launch/trial-exits", NULL, test_launch_trial_exits);
  launch_fixture_add ("/launch/trial-looked-at", NULL, test_launch_trial_looked_at);
  launch_fixture_add ("/launch/trial-counted-before", NULL, test_launch_trial_counted_before);
  launch_fixture_add ("/launch/marked-good", NULL, test_launch_marked_good);
  launch_fixture_add ("/launch/interrupted-fall-back", NULL, test_launch_interrupted_fall_back);
  launch_fixture_add ("/launch/garbage-trial", NULL, test_launch_garbage_trial);
  launch_fixture_add ("/launch/planted-trial", NULL, test_launch_planted_trial);
  launch_fixture_add ("/launch/read-only", NULL, test_launch_read_only);
  launch_fixture_add ("/launch/full-disk", NULL, test_launch_full_disk);
  launch_fixture_add ("/launch/updater-at-work", NULL, test_launch_updater_at_work);
  launch_fixture_add ("/launch/pins-restored-only", NULL, test_launch_pins_restored_only);
  launch_fixture_add_broken ("/launch/trial-exec-fails", test_launch_trial_exec_fails);

  return g_test_run ();
}
