/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "launch-fixture.h"

#define MARK ".onward-version"

/* Says its version and where it was started from. */
#define APP(version) "#!/bin/sh\necho \"" version " ${0#$ONWARD_INSTALL/} $ONWARD_VERSION\"\n"

static void
rename_in (const LaunchFixture *self, const char *from, const char *to)
{
  g_autofree char *old = g_build_filename (self->install, from, NULL);
  g_autofree char *new = g_build_filename (self->install, to, NULL);

  g_assert_cmpint (rename (old, new), ==, 0);
}

static void
mark (const LaunchFixture *self, const char *folder, const char *version)
{
  g_autofree char *path = g_build_filename (self->install, folder, MARK, NULL);
  g_autofree char *target = g_strconcat ("versions/", version, NULL);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

/* 2.0.0 is current, in place, and on trial; 1.0.0 was that before. */
static void
set_up (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *link = NULL;

  launch_fixture_set_up (self, data);
  link = g_build_filename (self->install, "current", NULL);
  g_assert_cmpint (unlink (link), ==, 0);
  onward_test_write (self->install, "onward.ini", LAUNCH_CONFIG "Layout=in-place\n");
  onward_test_write (self->install, "receipts/1.0.0", "");
  onward_test_write (self->install, "receipts/2.0.0", "");
  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n3\n");
  launch_fixture_write_script (self, "1.0.0", APP ("1.0.0"));
  launch_fixture_write_script (self, "2.0.0", APP ("2.0.0"));
  mark (self, "versions/1.0.0", "1.0.0");
  mark (self, "versions/2.0.0", "2.0.0");
  rename_in (self, "versions/2.0.0", "current");
}

static void
assert_says (const LaunchFixture *self, const char *expected)
{
  g_autofree char *said = launch_fixture_run (self);

  g_assert_cmpstr (said, ==, expected);
}

static void
assert_is (const LaunchFixture *self, const char *folder, const char *version)
{
  g_autofree char *path = g_build_filename (self->install, folder, MARK, NULL);
  g_autofree char *target = g_file_read_link (path, NULL);
  g_autofree char *expected = g_strconcat ("versions/", version, NULL);

  g_assert_cmpstr (target, ==, expected);
}

static void
assert_missing (const LaunchFixture *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->install, name, NULL);

  g_assert_cmpint (access (path, F_OK), <, 0);
}

/* The version on trial is started from the one path, counted, and replaced by the one before when
 * it has used up its starts; that is then started from the same path. */
static void
test_launch_in_place_trial (LaunchFixture *self, gconstpointer data)
{
  for (int left = 2; left >= 0; left--)
    {
      g_autofree char *record = g_strdup_printf ("2.0.0\n1.0.0\n%d\n", left);

      assert_says (self, "2.0.0 current/bin/app 2.0.0");
      launch_fixture_assert_file (self, "var/trial", record);
    }

  assert_says (self, "1.0.0 current/bin/app 1.0.0");
  launch_fixture_assert_file (self, "var/reverted", "2.0.0\n1.0.0\n");
  launch_fixture_assert_file (self, "var/trial", NULL);
  assert_is (self, "current", "1.0.0");
  assert_is (self, "versions/2.0.0", "2.0.0");
  assert_missing (self, "versions/1.0.0");
  assert_says (self, "1.0.0 current/bin/app 1.0.0");
  launch_fixture_assert_tidy (self);
}

/* A version that cannot be started at all is left in the same start. */
static void
test_launch_in_place_exec_fails (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *program = g_build_filename (self->install, "current/bin/app", NULL);

  g_assert_cmpint (unlink (program), ==, 0);
  assert_says (self, "1.0.0 current/bin/app 1.0.0");
  assert_is (self, "current", "1.0.0");
  assert_is (self, "versions/2.0.0", "2.0.0");
}

/* While a copy of it lives, or somebody is at work, nothing changes place: the version before is
 * started from where it is. */
static void
test_launch_in_place_in_use (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *program = g_build_filename (self->install, "current/bin/app", NULL);
  g_autofree char *var = g_build_filename (self->install, "var", NULL);
  int fd = open (var, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (unlink (program), ==, 0);
  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
  assert_says (self, "1.0.0 versions/1.0.0/bin/app 1.0.0");
  assert_is (self, "current", "2.0.0");
  g_assert_cmpint (close (fd), ==, 0);
  assert_says (self, "1.0.0 current/bin/app 1.0.0");
}

/* Nor does what runs from where it lies. */
static void
test_launch_in_place_in_use_beside (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *program = g_build_filename (self->install, "current/bin/app", NULL);
  g_autofree char *folder = g_build_filename (self->install, "versions/1.0.0", NULL);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (unlink (program), ==, 0);
  g_assert_cmpint (flock (fd, LOCK_SH), ==, 0);
  assert_says (self, "1.0.0 versions/1.0.0/bin/app 1.0.0");
  assert_is (self, "current", "2.0.0");
  g_assert_cmpint (close (fd), ==, 0);
  assert_says (self, "1.0.0 current/bin/app 1.0.0");
}

/* Exchanges the two as an updater does that a slow disk keeps waiting. */
static gpointer
exchange_slowly (gpointer data)
{
  const LaunchFixture *self = data;
  g_autofree char *var = g_build_filename (self->install, "var", NULL);
  int fd = open (var, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
  onward_test_write (self->install, "begun", "");
  g_usleep (2 * G_USEC_PER_SEC);
  rename_in (self, "current", "versions/2.0.0");
  rename_in (self, "versions/1.0.0", "current");
  g_assert_cmpint (close (fd), ==, 0);
  return NULL;
}

/* What is started while somebody exchanges is what is current after that. */
static void
test_launch_in_place_exchanged (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *begun = g_build_filename (self->install, "begun", NULL);
  GThread *thread = g_thread_new ("exchange", exchange_slowly, self);

  while (access (begun, F_OK) != 0)
    g_usleep (1000);
  assert_says (self, "1.0.0 current/bin/app 1.0.0");
  g_thread_join (thread);
}

/* A switch that was cut off before the exchange left the new folder under the old one's name. */
static void
test_launch_in_place_misnamed (LaunchFixture *self, gconstpointer data)
{
  rename_in (self, "versions/1.0.0", "versions/2.0.0");
  assert_says (self, "2.0.0 current/bin/app 2.0.0");
  assert_is (self, "versions/1.0.0", "1.0.0");
  assert_missing (self, "versions/2.0.0");
}

/* A switch in two steps that was cut off between them left no current version: the newest that was
 * one before is put there. One that is only ready is not. */
static void
test_launch_in_place_missing (LaunchFixture *self, gconstpointer data)
{
  onward_test_write (self->install, "receipts/3.0.0", "");
  launch_fixture_write_script (self, "3.0.0", APP ("3.0.0"));
  rename_in (self, "current", "versions/2.0.0");
  assert_says (self, "2.0.0 current/bin/app 2.0.0");
  assert_is (self, "current", "2.0.0");
  assert_missing (self, "versions/2.0.0");
}

/* Without its mark the current folder is started all the same; which version that is nobody says,
 * and no trial of any version is counted, whatever receipts lie about. */
static void
test_launch_in_place_unmarked (LaunchFixture *self, gconstpointer data)
{
  static const char *const trials[] = { "2.0.0\n1.0.0\n0\n", "3.0.0\n1.0.0\n0\n" };
  g_autofree char *path = g_build_filename (self->install, "current", MARK, NULL);

  onward_test_write (self->install, "receipts/3.0.0", "");
  g_assert_cmpint (unlink (path), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (trials); i++)
    {
      onward_test_write (self->install, "var/trial", trials[i]);
      g_setenv ("ONWARD_VERSION", "9.9.9", TRUE);
      assert_says (self, "2.0.0 current/bin/app");
      launch_fixture_assert_file (self, "var/trial", trials[i]);
      launch_fixture_assert_file (self, "var/reverted", NULL);
    }
}

/* What was installed side by side goes on until the next switch. */
static void
test_launch_in_place_still_a_link (LaunchFixture *self, gconstpointer data)
{
  rename_in (self, "current", "versions/2.0.0");
  launch_fixture_point_current_at (self, "versions/2.0.0");
  assert_says (self, "2.0.0 versions/2.0.0/bin/app 2.0.0");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (LaunchFixture *, gconstpointer);
  } tests[] = {
    { "/launch/in-place/trial", test_launch_in_place_trial },
    { "/launch/in-place/exec-fails", test_launch_in_place_exec_fails },
    { "/launch/in-place/in-use", test_launch_in_place_in_use },
    { "/launch/in-place/in-use-beside", test_launch_in_place_in_use_beside },
    { "/launch/in-place/exchanged", test_launch_in_place_exchanged },
    { "/launch/in-place/misnamed", test_launch_in_place_misnamed },
    { "/launch/in-place/missing", test_launch_in_place_missing },
    { "/launch/in-place/unmarked", test_launch_in_place_unmarked },
    { "/launch/in-place/still-a-link", test_launch_in_place_still_a_link },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, LaunchFixture, NULL, set_up, tests[i].test,
                launch_fixture_tear_down);

  return g_test_run ();
}
