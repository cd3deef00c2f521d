/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "install-fixture.h"
#include "onward-error.h"
#include "onward-launcher.h"
#include "onward-switch.h"

/* 1.0.0 is current, and the install has a launcher. 2.0.0 brings another one. */
static void
set_up (InstallFixture *self, gconstpointer data)
{
  g_autofree char *launcher = NULL;
  g_autofree char *brought = NULL;

  install_fixture_set_up (self, data);
  install_fixture_add_version (self, "1.0.0");
  install_fixture_add_version (self, "2.0.0");
  install_fixture_set_current (self, "1.0.0");
  onward_test_write (self->dir, "app", "the first launcher");
  onward_test_write (self->dir, "versions/2.0.0/lib/onward/onward-launch", "the second launcher");
  launcher = install_fixture_path (self, "app");
  brought = install_fixture_path (self, "versions/2.0.0/lib/onward/onward-launch");
  g_assert_cmpint (chmod (launcher, 0755), ==, 0);
  g_assert_cmpint (chmod (brought, 0755), ==, 0);
  install_fixture_write_receipt (self, "2.0.0");
}

static void
refresh (InstallFixture *self)
{
  g_autoptr (GError) error = NULL;

  onward_launcher_refresh (self->install, &error);
  g_assert_no_error (error);
}

static void
switch_to (InstallFixture *self, const char *version)
{
  g_autoptr (GError) error = NULL;

  onward_switch_to (self->install, version, &error);
  g_assert_no_error (error);
}

static void
mark_good (InstallFixture *self)
{
  g_autoptr (GError) error = NULL;

  onward_switch_mark_good (self->install, &error);
  g_assert_no_error (error);
}

static void
assert_launcher (InstallFixture *self, const char *expected)
{
  g_autofree char *text = onward_test_read (self->dir, "app");
  g_autofree char *path = install_fixture_path (self, "app");
  struct stat info;

  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0755);
}

/* The launcher is that of the version before until the new one has shown that it works. */
static void
test_launcher_after_the_trial (InstallFixture *self, gconstpointer data)
{
  refresh (self);
  assert_launcher (self, "the first launcher");
  switch_to (self, "2.0.0");
  refresh (self);
  assert_launcher (self, "the first launcher");
  mark_good (self);
  refresh (self);
  assert_launcher (self, "the second launcher");
}

/* What clears away after an update does it. */
static void
test_launcher_with_prune (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  switch_to (self, "2.0.0");
  mark_good (self);
  onward_switch_prune (self->install, NULL, &error);
  g_assert_no_error (error);
  assert_launcher (self, "the second launcher");
}

/* It is another file, so that the one which runs goes on; one that is the same is left alone. */
static void
test_launcher_is_renamed (InstallFixture *self, gconstpointer data)
{
  g_autofree char *path = install_fixture_path (self, "app");
  struct stat before, after, again;

  switch_to (self, "2.0.0");
  mark_good (self);
  g_assert_cmpint (stat (path, &before), ==, 0);
  refresh (self);
  g_assert_cmpint (stat (path, &after), ==, 0);
  g_assert_cmpuint (before.st_ino, !=, after.st_ino);
  refresh (self);
  g_assert_cmpint (stat (path, &again), ==, 0);
  g_assert_cmpuint (again.st_ino, ==, after.st_ino);
}

/* A launcher that was damaged since it was installed is not taken. */
static void
test_launcher_damaged (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  switch_to (self, "2.0.0");
  mark_good (self);
  onward_test_write (self->dir, "versions/2.0.0/lib/onward/onward-launch", "the damaged launcher");
  g_assert_false (onward_launcher_refresh (self->install, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
  assert_launcher (self, "the first launcher");
}

/* What is no program, or has another name, is no launcher; where there is none, none is made. */
static void
test_launcher_none (InstallFixture *self, gconstpointer data)
{
  g_autofree char *brought = install_fixture_path (self, "versions/2.0.0/lib/onward/onward-launch");
  g_autofree char *launcher = install_fixture_path (self, "app");

  switch_to (self, "2.0.0");
  mark_good (self);
  g_assert_cmpint (chmod (brought, 0644), ==, 0);
  onward_test_write (self->dir, "versions/2.0.0/bin/onward-launcher", "something else");
  install_fixture_write_receipt (self, "2.0.0");
  refresh (self);
  assert_launcher (self, "the first launcher");

  g_assert_cmpint (chmod (brought, 0755), ==, 0);
  install_fixture_write_receipt (self, "2.0.0");
  g_assert_cmpint (g_unlink (launcher), ==, 0);
  refresh (self);
  g_assert_false (install_fixture_exists (self, "app"));
}

/* A link in its place may lead anywhere: it is left. */
static void
test_launcher_link (InstallFixture *self, gconstpointer data)
{
  g_autofree char *launcher = install_fixture_path (self, "app");
  g_autofree char *outside = install_fixture_root_path (self, "outside");
  g_autofree char *text = NULL;

  onward_test_write (self->root, "outside", "outside");
  g_assert_cmpint (g_unlink (launcher), ==, 0);
  g_assert_cmpint (symlink (outside, launcher), ==, 0);
  switch_to (self, "2.0.0");
  mark_good (self);
  refresh (self);
  text = onward_test_read (self->root, "outside");
  g_assert_cmpstr (text, ==, "outside");
  g_assert_true (g_file_test (launcher, G_FILE_TEST_IS_SYMLINK));
}

int
main (int argc, char **argv)
{
  static const InstallTest tests[] = {
    { "/launcher/after-the-trial", test_launcher_after_the_trial },
    { "/launcher/with-prune", test_launcher_with_prune },
    { "/launcher/is-renamed", test_launcher_is_renamed },
    { "/launcher/damaged", test_launcher_damaged },
    { "/launcher/none", test_launcher_none },
    { "/launcher/link", test_launcher_link },
  };

  return install_fixture_run_tests (argc, argv, tests, G_N_ELEMENTS (tests), set_up);
}
