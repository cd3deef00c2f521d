/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "install-fixture.h"
#include "onward-current.h"
#include "onward-error.h"
#include "onward-fd.h"
#include "onward-switch.h"
#include "onward-test-forbid.h"
#include "onward-verify.h"

#define MARK ".onward-version"

static void
write_layout (InstallFixture *self, const char *layout)
{
  g_autofree char *text = g_strdup_printf ("[Application]\nId=org.example.Demo\nName=Demo\n"
                                           "Command=bin/app\nRepository=file:///nonexistent\n"
                                           "Layout=%s\nKeep=user/*;*.cfg;\n",
                                           layout);

  onward_test_write (self->dir, "onward.ini", text);
}

static void
rename_in (InstallFixture *self, const char *from, const char *to)
{
  g_autofree char *old = install_fixture_path (self, from);
  g_autofree char *new = install_fixture_path (self, to);

  g_assert_cmpint (rename (old, new), ==, 0);
}

static void
mark (InstallFixture *self, const char *folder, const char *version)
{
  g_autofree char *path = g_build_filename (self->dir, folder, MARK, NULL);
  g_autofree char *target = g_strconcat ("versions/", version, NULL);

  (void) unlink (path);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

/* 1.0.0 is current, in place; 1.1.0 and 2.0.0 stand beside it. */
static void
set_up (InstallFixture *self, gconstpointer data)
{
  install_fixture_set_up (self, data);
  write_layout (self, "in-place");
  install_fixture_add_version (self, "1.0.0");
  install_fixture_add_version (self, "1.1.0");
  install_fixture_add_version (self, "2.0.0");
  rename_in (self, "versions/1.0.0", "current");
  mark (self, "current", "1.0.0");
}

/* What lies in a folder, by the program of its version. */
static void
assert_folder (InstallFixture *self, const char *folder, const char *version)
{
  g_autofree char *path = g_build_filename (folder, "bin/app", NULL);
  g_autofree char *text = onward_test_read (self->dir, path);

  g_assert_cmpstr (text, ==, version);
}

/* Everything has the name that it ought to have: @current, and all others beside it. */
static void
assert_settled (InstallFixture *self, const char *current)
{
  static const char *const versions[] = { "2.0.0", "1.1.0", "1.0.0" };
  g_auto (GStrv) found = onward_install_list_versions (self->install, NULL);

  install_fixture_assert_current (self, current);
  g_assert_true (onward_current_is_settled (self->install));
  assert_folder (self, "current", current);
  g_assert_cmpuint (g_strv_length (found), ==, G_N_ELEMENTS (versions));
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *folder = g_build_filename ("versions", versions[i], NULL);
      g_auto (OnwardFd) fd = onward_install_open_version (self->install, versions[i], NULL);

      g_assert_cmpstr (found[i], ==, versions[i]);
      g_assert_cmpint (fd, >=, 0);
      if (g_str_equal (versions[i], current))
        g_assert_false (install_fixture_exists (self, folder));
      else
        assert_folder (self, folder, versions[i]);
    }
}

static void
switch_to (InstallFixture *self, const char *version)
{
  g_autoptr (GError) error = NULL;

  onward_switch_to (self->install, version, &error);
  g_assert_no_error (error);
}

/* One path, whichever version is current; each switch and each way back exchanges two folders. */
static void
test_current_switch (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *previous = NULL;

  assert_settled (self, "1.0.0");
  switch_to (self, "2.0.0");
  assert_settled (self, "2.0.0");
  g_assert_cmpint (onward_switch_get_trial (self->install, NULL), ==, ONWARD_TRIAL_PENDING);

  onward_switch_back (self->install, &previous, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (previous, ==, "1.0.0");
  assert_settled (self, "1.0.0");
  switch_to (self, "1.1.0");
  switch_to (self, "2.0.0");
  assert_settled (self, "2.0.0");
}

static int
pin (InstallFixture *self, const char *name)
{
  g_autofree char *folder = install_fixture_path (self, name);
  int copy = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (flock (copy, LOCK_SH), ==, 0);
  return copy;
}

/* While a copy runs nothing is exchanged, and everything stays as it was. */
static void
test_current_running (InstallFixture *self, gconstpointer data)
{
  int copy = pin (self, "current");
  g_autoptr (GError) error = NULL;

  g_assert_false (onward_switch_to (self->install, "2.0.0", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  assert_settled (self, "1.0.0");

  g_assert_cmpint (close (copy), ==, 0);
  switch_to (self, "2.0.0");
  assert_settled (self, "2.0.0");
}

/* Nor while a copy runs of what is to come: the launcher starts a version from where it lies when
 * it must not exchange it. */
static void
test_current_running_beside (InstallFixture *self, gconstpointer data)
{
  g_auto (OnwardFd) copy = pin (self, "versions/2.0.0");
  g_autoptr (GError) error = NULL;

  g_assert_false (onward_switch_to (self->install, "2.0.0", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  assert_settled (self, "1.0.0");
}

/* A version on trial that could not be exchanged stays on trial. */
static void
test_current_running_on_trial (InstallFixture *self, gconstpointer data)
{
  g_autofree char *tried = NULL;
  g_auto (OnwardFd) copy = -1;

  switch_to (self, "1.1.0");
  copy = pin (self, "current");
  g_assert_false (onward_switch_to (self->install, "2.0.0", NULL));
  g_assert_cmpint (onward_switch_get_trial (self->install, &tried), ==, ONWARD_TRIAL_PENDING);
  g_assert_cmpstr (tried, ==, "1.1.0");
}

static gpointer
look_all_the_time (gpointer data)
{
  InstallFixture *self = data;

  while (!install_fixture_exists (self, "enough"))
    {
      g_autofree char *folder = install_fixture_path (self, "current");
      g_auto (OnwardFd) fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

      (void) flock (fd, LOCK_EX | LOCK_NB);
    }
  return NULL;
}

/* Who only looks whether a copy runs is not taken for one. */
static void
test_current_looked_at (InstallFixture *self, gconstpointer data)
{
  GThread *thread = g_thread_new ("look", look_all_the_time, self);

  for (int i = 0; i < 20; i++)
    {
      switch_to (self, "2.0.0");
      switch_to (self, "1.0.0");
    }
  onward_test_write (self->dir, "enough", "");
  g_thread_join (thread);
}

/* Cut off before the exchange, the new folder has the name of the current one: its mark tells who
 * it is, and until it is put right nobody takes it for another. */
static void
test_current_misnamed (InstallFixture *self, gconstpointer data)
{
  g_auto (OnwardFd) fd = -1;
  g_autoptr (GError) error = NULL;

  mark (self, "versions/2.0.0", "2.0.0");
  rename_in (self, "versions/2.0.0", "versions/1.0.0");
  g_assert_false (onward_current_is_settled (self->install));
  install_fixture_assert_current (self, "1.0.0");
  fd = onward_install_open_version (self->install, "2.0.0", NULL);
  g_assert_cmpint (fd, <, 0);

  onward_switch_repair (self->install, &error);
  g_assert_no_error (error);
  assert_settled (self, "1.0.0");

  rename_in (self, "versions/2.0.0", "versions/1.0.0");
  g_assert_true (onward_install_lock (self->install, NULL));
  assert_settled (self, "1.0.0");
  onward_install_unlock (self->install);
}

/* Cut off between two renames there is no current version: the one that a trial would fall back to
 * is put there. */
static void
test_current_missing (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  onward_test_write (self->dir, "var/trial", "2.0.0\n1.0.0\n3\n");
  rename_in (self, "current", "versions/1.0.0");
  onward_switch_repair (self->install, &error);
  g_assert_no_error (error);
  assert_settled (self, "1.0.0");
}

/* A current folder whose mark somebody has removed is the version that has no other folder. One
 * that belongs to no receipt is nobody's, and never removed. */
static void
test_current_unmarked (InstallFixture *self, gconstpointer data)
{
  g_autofree char *path = install_fixture_path (self, "current/" MARK);
  g_autofree char *receipt = install_fixture_path (self, "receipts/1.0.0");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (unlink (path), ==, 0);
  g_assert_false (onward_current_is_settled (self->install));
  switch_to (self, "2.0.0");
  assert_settled (self, "2.0.0");
  switch_to (self, "1.0.0");

  g_assert_cmpint (unlink (path), ==, 0);
  g_assert_cmpint (unlink (receipt), ==, 0);
  g_assert_false (onward_switch_to (self->install, "2.0.0", &error));
  assert_folder (self, "current", "1.0.0");
  assert_folder (self, "versions/2.0.0", "2.0.0");
}

/* A mark that says no version, or is no link, leads nowhere. */
static void
test_current_planted (InstallFixture *self, gconstpointer data)
{
  static const char *const targets[] = { "/etc",  "versions/", "versions/../x",
                                         "1.0.0", "..",        "versions/1.0.0/bin" };
  g_autofree char *path = install_fixture_path (self, "current/" MARK);

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (unlink (path), ==, 0);
      g_assert_cmpint (symlink (targets[i], path), ==, 0);
      g_assert_null (onward_install_dup_current (self->install, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }

  g_assert_cmpint (unlink (path), ==, 0);
  onward_test_write (self->dir, "current/" MARK, "versions/1.0.0");
  g_assert_null (onward_install_dup_current (self->install, NULL));
}

/* The other layout in onward.ini holds from the next switch on, in both directions. */
static void
test_current_other_layout (InstallFixture *self, gconstpointer data)
{
  g_autofree char *link = install_fixture_path (self, "current");
  g_autofree char *target = NULL;

  write_layout (self, "side-by-side");
  switch_to (self, "1.1.0");
  install_fixture_assert_current (self, "1.1.0");
  target = g_file_read_link (link, NULL);
  g_assert_cmpstr (target, ==, "versions/1.1.0");
  assert_folder (self, "versions/1.0.0", "1.0.0");

  write_layout (self, "in-place");
  switch_to (self, "2.0.0");
  assert_settled (self, "2.0.0");
}

/* The mark is not among the differences, and what is to be kept comes along. */
static void
test_current_whole (InstallFixture *self, gconstpointer data)
{
  g_autoptr (OnwardDifferences) differences = NULL;
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;

  onward_test_write (self->dir, "current/my.cfg", "the user's");
  switch_to (self, "2.0.0");
  kept = onward_test_read (self->dir, "current/my.cfg");
  g_assert_cmpstr (kept, ==, "the user's");

  onward_switch_mark_good (self->install, &error);
  g_assert_no_error (error);
  onward_switch_prune (self->install, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (install_fixture_exists (self, "versions/1.0.0"));
  differences = onward_verify_version (self->install, "2.0.0", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (differences->changed->len + differences->missing->len, ==, 0);
  g_assert_cmpuint (differences->extra->len, ==, 1);
}

/* Where folders cannot be exchanged they change places in two steps, with the same end. */
static void
test_current_without_exchange (InstallFixture *self, gconstpointer data)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }

  onward_test_forbid (SYS_renameat2, 4, RENAME_EXCHANGE, EINVAL);
  switch_to (self, "2.0.0");
  assert_settled (self, "2.0.0");
  switch_to (self, "1.0.0");
  assert_settled (self, "1.0.0");
}

int
main (int argc, char **argv)
{
  static const InstallTest tests[] = {
    { "/current/switch", test_current_switch },
    { "/current/running", test_current_running },
    { "/current/running-beside", test_current_running_beside },
    { "/current/running-on-trial", test_current_running_on_trial },
    { "/current/looked-at", test_current_looked_at },
    { "/current/misnamed", test_current_misnamed },
    { "/current/missing", test_current_missing },
    { "/current/unmarked", test_current_unmarked },
    { "/current/planted", test_current_planted },
    { "/current/other-layout", test_current_other_layout },
    { "/current/whole", test_current_whole },
    { "/current/without-exchange", test_current_without_exchange },
  };

  return install_fixture_run_tests (argc, argv, tests, G_N_ELEMENTS (tests), set_up);
}
