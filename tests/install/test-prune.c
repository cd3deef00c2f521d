/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "install-fixture.h"
#include "onward-error.h"
#include "onward-fd.h"
#include "onward-switch.h"

/* Four versions, of which 2.0.0 is current. */
static void
set_up (InstallFixture *self, gconstpointer data)
{
  install_fixture_set_up (self, data);
  install_fixture_add_version (self, "0.9.0");
  install_fixture_add_version (self, "1.0.0");
  install_fixture_add_version (self, "1.1.0");
  install_fixture_add_version (self, "2.0.0");
  install_fixture_set_current (self, "2.0.0");
}

static void
prune (InstallFixture *self)
{
  g_autoptr (GError) error = NULL;

  onward_switch_prune (self->install, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_versions (InstallFixture *self, const char *expected)
{
  g_auto (GStrv) versions = onward_install_list_versions (self->install, NULL);
  g_autofree char *joined = g_strjoinv (" ", versions);

  g_assert_cmpstr (joined, ==, expected);
}

static void
make_old (InstallFixture *self, const char *name)
{
  g_autofree char *path = install_fixture_path (self, name);
  const struct timespec times[2] = { { 1000000000, 0 }, { 1000000000, 0 } };

  g_assert_cmpint (utimensat (AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), ==, 0);
}

/* The current version and the one before it stay, with their receipts; the others are gone. */
static void
test_prune_keeps_two (InstallFixture *self, gconstpointer data)
{
  prune (self);
  assert_versions (self, "2.0.0 1.1.0");
  g_assert_true (install_fixture_exists (self, "receipts/2.0.0"));
  g_assert_true (install_fixture_exists (self, "receipts/1.1.0"));
  g_assert_false (install_fixture_exists (self, "receipts/1.0.0"));
  g_assert_false (install_fixture_exists (self, "receipts/0.9.0"));
  prune (self);
  assert_versions (self, "2.0.0 1.1.0");
}

/* After going back the version gone back to and the one before it stay. */
static void
test_prune_after_going_back (InstallFixture *self, gconstpointer data)
{
  install_fixture_set_current (self, "1.0.0");
  prune (self);
  assert_versions (self, "1.0.0 0.9.0");
}

/* A version that runs stays until it has ended. */
static void
test_prune_running (InstallFixture *self, gconstpointer data)
{
  g_autofree char *path = install_fixture_path (self, "versions/1.0.0");
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (flock (fd, LOCK_SH | LOCK_NB), ==, 0);
  prune (self);
  assert_versions (self, "2.0.0 1.1.0 1.0.0");
  g_assert_true (install_fixture_exists (self, "receipts/1.0.0"));

  close (fd);
  prune (self);
  assert_versions (self, "2.0.0 1.1.0");
}

/* What a trial names stays: it is what the launcher goes back to. */
static void
test_prune_trial (InstallFixture *self, gconstpointer data)
{
  onward_test_write (self->dir, "var/trial", "2.0.0\n0.9.0\n2\n");
  prune (self);
  assert_versions (self, "2.0.0 0.9.0");

  /* Also while it is about to begin. */
  install_fixture_add_version (self, "3.0.0");
  install_fixture_add_version (self, "1.1.0");
  onward_test_write (self->dir, "var/trial", "3.0.0\n0.9.0\n3\n");
  prune (self);
  assert_versions (self, "3.0.0 2.0.0 1.1.0 0.9.0");
}

/* Folders that no receipt lists, or that are not named like versions, are not ours. */
static void
test_prune_foreign (InstallFixture *self, gconstpointer data)
{
  g_autofree char *receipt = install_fixture_path (self, "receipts/0.9.0");

  g_assert_cmpint (unlink (receipt), ==, 0);
  onward_test_write (self->dir, "versions/backup/file", "mine");
  onward_test_write (self->dir, "receipts/notes.txt", "mine");
  onward_test_write (self->dir, "photos/cat.jpg", "mine");
  prune (self);
  assert_versions (self, "2.0.0 1.1.0 0.9.0");
  g_assert_true (install_fixture_exists (self, "versions/backup/file"));
  g_assert_true (install_fixture_exists (self, "receipts/notes.txt"));
  g_assert_true (install_fixture_exists (self, "photos/cat.jpg"));
}

/* A link in place of a version is never gone through. */
static void
test_prune_planted_link (InstallFixture *self, gconstpointer data)
{
  g_autofree char *outside = install_fixture_root_path (self, "outside");
  g_autofree char *link = install_fixture_path (self, "versions/0.8.0");
  g_autofree char *inner = install_fixture_path (self, "versions/1.0.0/out");
  g_autofree char *precious = NULL;

  onward_test_write (outside, "precious", "untouched");
  g_assert_cmpint (symlink (outside, link), ==, 0);
  g_assert_cmpint (symlink (outside, inner), ==, 0);
  prune (self);
  assert_versions (self, "2.0.0 1.1.0");
  precious = onward_test_read (outside, "precious");
  g_assert_cmpstr (precious, ==, "untouched");
}

typedef struct
{
  const char *name;
  gboolean is_old;
  gboolean stays;
} Leftover;

/* clang-format off */
static const Leftover leftovers[] = {
  { "var/staging/3.0.0/half",          FALSE, TRUE },  /* may become the next version */
  { "var/staging/4.0.0/half",          TRUE,  FALSE },
  { "var/staging/2.0.0/half",          FALSE, FALSE },
  { "var/staging/1.0.0/half",          FALSE, FALSE },
  { "var/staging/.trash-01234567/x/y", FALSE, FALSE },
  { "receipts/0.5.0",                  FALSE, FALSE },
  { "receipts/.onward-0123456789",     FALSE, FALSE },
  { "var/.trial.1234",                 FALSE, FALSE },
  { "var/.reverted.1234",              FALSE, FALSE },
  { ".current.1234",                   FALSE, FALSE },
  { "var/.onward-0123456789",          TRUE,  FALSE },
  { "var/.onward-9876543210",          FALSE, FALSE }, /* written with the lock only */
  { ".onward-9876543210",              FALSE, FALSE },
  { "var/parts/a.full",                FALSE, TRUE },
  { "var/parts/b.full",                TRUE,  FALSE },
  { "var/state.ini",                   TRUE,  TRUE },
  { "var/trust/root.json",             TRUE,  TRUE },
  { "var/update.log",                  TRUE,  TRUE },
};
/* clang-format on */

/* What killed processes left goes; what may still be wanted, and what is not ours, stays. */
static void
test_prune_leftovers (InstallFixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (leftovers); i++)
    onward_test_write (self->dir, leftovers[i].name, "x");
  for (guint i = 0; i < G_N_ELEMENTS (leftovers); i++)
    {
      g_autofree char *parent = g_path_get_dirname (leftovers[i].name);

      if (leftovers[i].is_old)
        make_old (self, leftovers[i].name);
      if (leftovers[i].is_old && g_str_has_prefix (parent, "var/staging/"))
        make_old (self, parent);
    }

  prune (self);
  for (guint i = 0; i < G_N_ELEMENTS (leftovers); i++)
    {
      g_test_message ("%s", leftovers[i].name);
      g_assert_cmpint (install_fixture_exists (self, leftovers[i].name), ==, leftovers[i].stays);
    }
}

/* When no update is under way, there is nothing to go on with: all that was received and staged
 * goes, but for the documents, which hold the notes of what is installed. */
static void
test_prune_tidy (InstallFixture *self, gconstpointer data)
{
  static const Leftover left[] = {
    { "var/staging/3.0.0/half", FALSE, FALSE }, { "var/parts/a.full", FALSE, FALSE },
    { "var/parts/a.delta", FALSE, FALSE },      { "var/parts/a.json", FALSE, TRUE },
    { "var/parts/b.json", TRUE, FALSE },
  };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (left); i++)
    {
      onward_test_write (self->dir, left[i].name, "x");
      if (left[i].is_old)
        make_old (self, left[i].name);
    }

  onward_switch_prune_all (self->install, NULL, &error);
  g_assert_no_error (error);
  assert_versions (self, "2.0.0 1.1.0");
  for (guint i = 0; i < G_N_ELEMENTS (left); i++)
    g_assert_cmpint (install_fixture_exists (self, left[i].name), ==, left[i].stays);
}

/* A trial that was cut off before it began keeps no third version, and is forgotten. */
static void
test_prune_stale_trial (InstallFixture *self, gconstpointer data)
{
  install_fixture_set_current (self, "1.1.0");
  onward_test_write (self->dir, "var/trial", "2.0.0\n1.1.0\n3\n");
  g_assert_true (onward_switch_prune_all (self->install, NULL, NULL));
  assert_versions (self, "1.1.0 1.0.0");
  g_assert_false (install_fixture_exists (self, "var/trial"));

  onward_test_write (self->dir, "var/trial", "1.1.0\n1.0.0\n3\n");
  g_assert_true (onward_switch_prune_all (self->install, NULL, NULL));
  g_assert_true (install_fixture_exists (self, "var/trial"));
}

static void
assert_text (InstallFixture *self, const char *name, const char *expected)
{
  g_autofree char *text = onward_test_read (self->dir, name);

  g_assert_cmpstr (text, ==, expected);
}

/* What a copy of the old version, still running, saves after the switch is carried over before the
 * version may go; of what both have saved, the later counts, and what was deleted stays deleted. */
static void
test_prune_keeps_late_files (InstallFixture *self, gconstpointer data)
{
  g_autofree char *half = install_fixture_path (self, "versions/2.0.0/user/.onward-0123456789");

  onward_test_write (self->dir, "versions/1.0.0/user/deleted", "before the switch");
  make_old (self, "versions/1.0.0/user/deleted");
  onward_test_write (self->dir, "versions/2.0.0/user/both", "of the new version");
  make_old (self, "versions/2.0.0/user/both");
  make_old (self, "receipts/1.0.0");
  onward_test_write (self->dir, "versions/1.0.0/user/both", "of the old version, later");
  onward_test_write (self->dir, "versions/1.0.0/user/late", "late");
  onward_test_write (self->dir, "versions/1.0.0/cache/late", "nothing to keep");
  onward_test_write (self->dir, "versions/2.0.0/user/.onward-0123456789", "half");

  prune (self);
  assert_versions (self, "2.0.0 1.1.0");
  assert_text (self, "versions/2.0.0/user/late", "late");
  assert_text (self, "versions/2.0.0/user/both", "of the old version, later");
  g_assert_false (install_fixture_exists (self, "versions/2.0.0/user/deleted"));
  g_assert_false (install_fixture_exists (self, "versions/2.0.0/cache"));
  g_assert_cmpint (access (half, F_OK), !=, 0);
}

/* Once is enough: a late file that the user then deletes does not come back. */
static void
test_prune_keeps_late_files_once (InstallFixture *self, gconstpointer data)
{
  g_autofree char *late = install_fixture_path (self, "versions/2.0.0/user/late");

  make_old (self, "receipts/1.1.0");
  onward_test_write (self->dir, "versions/1.1.0/user/late", "late");
  prune (self);
  g_assert_cmpint (unlink (late), ==, 0);
  prune (self);
  g_assert_cmpint (access (late, F_OK), !=, 0);
}

/* What was made with a version that the launcher took back is not lost with it. */
static void
test_prune_keeps_files_of_reverted (InstallFixture *self, gconstpointer data)
{
  install_fixture_set_current (self, "1.1.0");
  onward_test_write (self->dir, "var/reverted", "2.0.0\n1.1.0\n");
  onward_test_write (self->dir, "versions/2.0.0/user/work", "made on trial");
  make_old (self, "versions/2.0.0/user/work");
  make_old (self, "receipts/2.0.0");
  prune (self);
  g_assert_false (install_fixture_exists (self, "versions/1.1.0/user/work"));

  install_fixture_add_version (self, "2.0.0");
  onward_test_write (self->dir, "versions/2.0.0/user/work", "made on trial");
  make_old (self, "receipts/2.0.0");
  prune (self);
  assert_text (self, "versions/1.1.0/user/work", "made on trial");
}

/* Two updaters never prune at once. */
static void
test_prune_busy (InstallFixture *self, gconstpointer data)
{
  g_autoptr (OnwardInstall) other = install_fixture_open (self);
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_install_lock (other, NULL));
  g_assert_false (onward_switch_prune (self->install, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  assert_versions (self, "2.0.0 1.1.0 1.0.0 0.9.0");
}

/* Cancelled, it stops with every version whole or gone; the next one goes on. */
static void
test_prune_cancel (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (onward_switch_prune (self->install, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  prune (self);
  assert_versions (self, "2.0.0 1.1.0");
  g_assert_false (install_fixture_exists (self, "receipts/1.0.0"));
}

/* clang-format off */
static const InstallTest tests[] = {
  { "/prune/keeps-two",        test_prune_keeps_two },
  { "/prune/after-going-back", test_prune_after_going_back },
  { "/prune/running",          test_prune_running },
  { "/prune/trial",            test_prune_trial },
  { "/prune/foreign",          test_prune_foreign },
  { "/prune/planted-link",     test_prune_planted_link },
  { "/prune/leftovers",        test_prune_leftovers },
  { "/prune/tidy",             test_prune_tidy },
  { "/prune/stale-trial",      test_prune_stale_trial },
  { "/prune/late-files",       test_prune_keeps_late_files },
  { "/prune/late-files-once",  test_prune_keeps_late_files_once },
  { "/prune/reverted-files",   test_prune_keeps_files_of_reverted },
  { "/prune/busy",             test_prune_busy },
  { "/prune/cancel",           test_prune_cancel },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return install_fixture_run_tests (argc, argv, tests, G_N_ELEMENTS (tests), set_up);
}
