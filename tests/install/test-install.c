/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "install-fixture.h"
#include "onward-error.h"
#include "onward-fd.h"
#include "onward-walk.h"

/* `current` is believed only when it points at a version's folder. */
static void
test_install_current (InstallFixture *self, gconstpointer data)
{
  static const char *const targets[] = { "/etc",        "versions",        "versions/",
                                         "versions/..", "versions/../x",   "versions/1.0.0/bin",
                                         "other/1.0.0", "versions/latest", "1.0.0" };
  g_autofree char *path = install_fixture_path (self, "current");
  g_autoptr (GError) missing = NULL;

  g_assert_null (onward_install_dup_current (self->install, &missing));
  g_assert_error (missing, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  install_fixture_set_current (self, "1.2.3-rc.1");
  install_fixture_assert_current (self, "1.2.3-rc.1");

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (unlink (path), ==, 0);
      g_assert_cmpint (symlink (targets[i], path), ==, 0);
      g_assert_null (onward_install_dup_current (self->install, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

/* Versions are listed newest first, by precedence and not by spelling; nothing else is listed. */
static void
test_install_list (InstallFixture *self, gconstpointer data)
{
  static const char *const names[] = { "1.9.0", "1.10.0", "2.0.0-rc.1", "2.0.0", "backup", ".x" };
  g_auto (GStrv) versions = NULL;
  g_autofree char *joined = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = g_build_filename ("versions", names[i], "file", NULL);

      onward_test_write (self->dir, name, "");
    }
  onward_test_write (self->dir, "versions/3.0.0", "a file");

  versions = onward_install_list_versions (self->install, NULL);
  joined = g_strjoinv (" ", versions);
  g_assert_cmpstr (joined, ==, "2.0.0 2.0.0-rc.1 1.10.0 1.9.0");
}

/* What is not a version is never looked for on the disk. */
static void
test_install_bad_versions (InstallFixture *self, gconstpointer data)
{
  g_autofree char *digits = g_strnfill (200, '1');
  g_autofree char *long_name = g_strconcat ("1.0.", digits, NULL);
  const char *const names[] = { "", "..", "../receipts", "1.0.0/..", "1.0", long_name };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (onward_install_load_receipt (self->install, names[i], &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_clear_error (&error);
      g_assert_cmpint (onward_install_open_version (self->install, names[i], &error), ==, -1);
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

/* A version came when its receipt was written, whatever its time was set to afterwards. */
static void
test_install_time (InstallFixture *self, gconstpointer data)
{
  const struct timespec early[2] = { { 5000, 0 }, { 5000, 0 } };
  const struct timespec late[2] = { { 2000000000, 0 }, { 2000000000, 0 } };
  g_autofree char *path = g_build_filename (self->dir, "receipts/1.0.0", NULL);
  gint64 after;
  struct statx info;

  g_assert_cmpint (onward_install_get_time (self->install, "1.0.0"), ==, 0);
  onward_test_write (self->dir, "receipts/1.0.0", "");
  after = g_get_real_time () / G_USEC_PER_SEC;

  g_assert_no_errno (utimensat (AT_FDCWD, path, early, 0));
  g_assert_cmpint (onward_install_get_time (self->install, "1.0.0"), ==, 5000);
  g_assert_no_errno (utimensat (AT_FDCWD, path, late, 0));
  g_assert_no_errno (statx (AT_FDCWD, path, 0, STATX_BTIME, &info));
  g_assert_cmpint (onward_install_get_time (self->install, "1.0.0"), <=,
                   (info.stx_mask & STATX_BTIME) != 0 ? after : 2000000000);
}

/* One updater at a time, also within a process; its own calls may be nested. */
static void
test_install_lock (InstallFixture *self, gconstpointer data)
{
  g_autoptr (OnwardInstall) other = install_fixture_open (self);
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_install_lock (self->install, NULL));
  g_assert_true (onward_install_lock (self->install, NULL));
  g_assert_false (onward_install_lock (other, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  onward_install_unlock (self->install);
  g_assert_false (onward_install_lock (other, NULL));
  onward_install_unlock (self->install);

  g_assert_true (onward_install_lock (other, NULL));
  g_assert_false (onward_install_lock (self->install, NULL));
  onward_install_unlock (other);
}

/* Who is at work is known without trying the lock, and each hold of it has a name of its own. */
static void
test_install_session (InstallFixture *self, gconstpointer data)
{
  g_autoptr (OnwardInstall) other = install_fixture_open (self);
  g_autofree char *first = NULL;
  g_autofree char *seen = NULL;

  g_assert_null (onward_install_dup_other_session (other));
  g_assert_null (onward_install_get_session (self->install));

  g_assert_true (onward_install_lock (self->install, NULL));
  first = g_strdup (onward_install_get_session (self->install));
  seen = onward_install_dup_other_session (other);
  g_assert_nonnull (first);
  g_assert_cmpstr (seen, ==, first);
  g_assert_null (onward_install_dup_other_session (self->install));
  onward_install_unlock (self->install);

  /* What was left in the file says nothing of now. */
  g_assert_null (onward_install_dup_other_session (other));
  g_assert_true (onward_install_lock (other, NULL));
  g_assert_cmpstr (onward_install_get_session (other), !=, first);
  onward_install_unlock (other);
}

/* Between processes the lock holds for as long as its holder lives, however it ends. */
static void
test_install_lock_killed (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int ready[2];
  char byte = 0;
  pid_t child;

  g_assert_cmpint (pipe (ready), ==, 0);
  child = fork ();
  if (child == 0)
    {
      if (onward_install_lock (self->install, NULL) && write (ready[1], "x", 1) == 1)
        pause ();
      _exit (1);
    }

  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  g_assert_false (onward_install_lock (self->install, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  g_assert_true (onward_install_lock (self->install, NULL));
  onward_install_unlock (self->install);
  close (ready[0]);
  close (ready[1]);
}

/* What a killed updater had half written goes when the next one has the lock, and nothing else. */
static void
test_install_lock_leftovers (InstallFixture *self, gconstpointer data)
{
  static const struct
  {
    const char *name;
    gboolean stays;
  } files[] = {
    { "var/.onward-0123456789abcdef", FALSE },
    { "var/trust/.onward-0123456789abcdef", FALSE },
    { "var/state.ini.A1B2C3", FALSE },
    { "var/state.ini", TRUE },
    { "var/state.ini.bad", TRUE },
    { "var/.trial.1234", TRUE },
    { "var/trust/root.json", TRUE },
    { "var/parts/.onward-data", TRUE },
  };
  g_autoptr (OnwardInstall) other = install_fixture_open (self);

  g_assert_true (onward_install_lock (self->install, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    onward_test_write (self->dir, files[i].name, "half");
  g_assert_false (onward_install_lock (other, NULL));
  g_assert_true (onward_install_lock (self->install, NULL));
  g_assert_true (install_fixture_exists (self, files[0].name));
  onward_install_unlock (self->install);
  onward_install_unlock (self->install);

  g_assert_true (onward_install_lock (other, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    g_assert_cmpint (install_fixture_exists (self, files[i].name), ==, files[i].stays);
}

/* What is of another kind than its name says is in nobody's way: it goes when the lock is taken.
 * A link to where somebody has put the parts stays. */
static void
test_install_lock_misplaced (InstallFixture *self, gconstpointer data)
{
  static const char *const folders[] = {
    "var/state.ini", "var/update.log",      "var/trial",
    "var/reverted",  "var/trust/root.json", "var/parts/a.full"
  };
  static const char *const files[] = { "var/staging" };
  g_autofree char *parts = install_fixture_path (self, "var/parts-link");

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *inner = g_strconcat (folders[i], "/file", NULL);

      onward_test_write (self->dir, inner, "x");
    }
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    onward_test_write (self->dir, files[i], "x");
  g_assert_cmpint (symlink ("parts", parts), ==, 0);

  g_assert_true (onward_install_lock (self->install, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    g_assert_false (install_fixture_exists (self, folders[i]));
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    g_assert_false (install_fixture_exists (self, files[i]));
  g_assert_true (install_fixture_exists (self, "var/trust"));
  g_assert_true (install_fixture_exists (self, "var/parts-link"));
  onward_install_unlock (self->install);
}

/* A program that the updater starts does not keep its lock. */
static void
test_install_lock_not_inherited (InstallFixture *self, gconstpointer data)
{
  const char *argv[] = { "sleep", "5", NULL };
  g_autoptr (OnwardInstall) other = install_fixture_open (self);
  g_autoptr (GError) error = NULL;
  GPid pid = 0;

  g_assert_true (onward_install_lock (self->install, NULL));
  g_spawn_async (NULL, (char **) argv, NULL,
                 G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_LEAVE_DESCRIPTORS_OPEN,
                 NULL, NULL, &pid, &error);
  g_assert_no_error (error);
  onward_install_unlock (self->install);
  /* The kernel lets the parent of a starting program go on moments before it closes these. */
  for (guint i = 0; i < 100 && !onward_install_lock (other, NULL); i++)
    g_usleep (10000);
  onward_install_unlock (other);
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
}

static OnwardWalkStep
count_found (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  guint *count = user_data;

  (*count)++;
  return ONWARD_WALK_DESCEND;
}

/* A folder deeper than any tree is refused, not followed until descriptors run out. */
static void
test_walk_too_deep (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GString) path = g_string_new (self->dir);
  g_autoptr (GError) error = NULL;
  guint count = 0;

  for (guint i = 0; i < 100; i++)
    g_string_append (path, "/d");
  g_assert_cmpint (g_mkdir_with_parents (path->str, 0755), ==, 0);
  g_assert_false (
      onward_walk (onward_install_get_dirfd (self->install), count_found, &count, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

/* Links to folders are reported and not entered, not even in a circle. */
static void
test_walk_links (InstallFixture *self, gconstpointer data)
{
  g_autofree char *folder = install_fixture_root_path (self, "walk");
  g_autofree char *link = g_build_filename (folder, "a/circle", NULL);
  g_auto (OnwardFd) fd = -1;
  guint count = 0;

  onward_test_write (folder, "a/b", "x");
  g_assert_cmpint (symlink ("..", link), ==, 0);
  fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_true (onward_walk (fd, count_found, &count, NULL, NULL));
  g_assert_cmpuint (count, ==, 3);
}

/* clang-format off */
static const InstallTest tests[] = {
  { "/install/current",            test_install_current },
  { "/install/list",               test_install_list },
  { "/install/bad-versions",       test_install_bad_versions },
  { "/install/time",               test_install_time },
  { "/install/lock",               test_install_lock },
  { "/install/session",            test_install_session },
  { "/install/lock-killed",        test_install_lock_killed },
  { "/install/lock-leftovers",     test_install_lock_leftovers },
  { "/install/lock-misplaced",     test_install_lock_misplaced },
  { "/install/lock-not-inherited", test_install_lock_not_inherited },
  { "/walk/too-deep",              test_walk_too_deep },
  { "/walk/links",                 test_walk_links },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return install_fixture_run_tests (argc, argv, tests, G_N_ELEMENTS (tests),
                                    install_fixture_set_up);
}
