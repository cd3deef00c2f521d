/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "install-fixture.h"
#include "onward-error.h"
#include "onward-switch.h"

/* 1.0.0 is current; 1.1.0 and 2.0.0 stand beside it. */
static void
set_up (InstallFixture *self, gconstpointer data)
{
  install_fixture_set_up (self, data);
  install_fixture_add_version (self, "1.0.0");
  install_fixture_add_version (self, "1.1.0");
  install_fixture_add_version (self, "2.0.0");
  install_fixture_set_current (self, "1.0.0");
}

static void
switch_to (InstallFixture *self, const char *version)
{
  g_autoptr (GError) error = NULL;

  onward_switch_to (self->install, version, &error);
  g_assert_no_error (error);
  install_fixture_assert_current (self, version);
}

static void
assert_trial (InstallFixture *self, OnwardTrial expected, const char *version)
{
  g_autofree char *actual = NULL;

  g_assert_cmpint (onward_switch_get_trial (self->install, &actual), ==, expected);
  g_assert_cmpstr (actual, ==, version);
}

static void
assert_trial_file (InstallFixture *self, const char *expected)
{
  g_autofree char *contents = onward_test_read (self->dir, "var/trial");

  g_assert_cmpstr (contents, ==, expected);
}

/* What the launcher does when a version used up its tries. */
static void
fall_back (InstallFixture *self, const char *failed, const char *restored)
{
  g_autofree char *text = g_strdup_printf ("%s\n%s\n", failed, restored);
  g_autofree char *trial = install_fixture_path (self, "var/trial");

  onward_test_write (self->dir, "var/reverted", text);
  install_fixture_set_current (self, restored);
  g_assert_cmpint (unlink (trial), ==, 0);
}

/* A new version is current at once, on trial with three tries. */
static void
test_switch_to (InstallFixture *self, gconstpointer data)
{
  assert_trial (self, ONWARD_TRIAL_NONE, NULL);
  switch_to (self, "2.0.0");
  assert_trial_file (self, "2.0.0\n1.0.0\n3\n");
  assert_trial (self, ONWARD_TRIAL_PENDING, "2.0.0");
}

/* The launcher is told when the version before is not safe, and only then. */
static void
test_switch_to_above (InstallFixture *self, gconstpointer data)
{
  static const struct
  {
    const char *floor; /* NULL for none */
    gboolean is_last;
  } cases[] = { { NULL, FALSE },    { "0.9.9", FALSE },     { "1.0.0", FALSE },
                { "1.0.1", TRUE },  { "1.1.0-rc.1", TRUE }, { "2.0.0", TRUE },
                { "10.0.0", TRUE }, { "1.0.0-rc.1", FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      install_fixture_set_current (self, "1.0.0");
      onward_switch_to_above (self->install, "2.0.0", cases[i].floor, &error);
      g_assert_no_error (error);
      assert_trial_file (self, cases[i].is_last ? "2.0.0\n1.0.0\n3\nlast\n" : "2.0.0\n1.0.0\n3\n");
      assert_trial (self, ONWARD_TRIAL_PENDING, "2.0.0");
    }
}

/* Where a version does not start and there is nothing safe to go back to, that is known until it
 * ends, and whoever asks for the old version gets it. */
static void
test_switch_stuck (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *version = NULL;

  onward_switch_to_above (self->install, "2.0.0", "1.5.0", &error);
  g_assert_no_error (error);
  onward_test_write (self->dir, "var/trial", "2.0.0\n1.0.0\n0\nlast\n");
  assert_trial (self, ONWARD_TRIAL_STUCK, "2.0.0");

  /* Without the fourth line, or with another one, the launcher is about to go back. */
  onward_test_write (self->dir, "var/trial", "2.0.0\n1.0.0\n0\n");
  assert_trial (self, ONWARD_TRIAL_PENDING, "2.0.0");
  onward_test_write (self->dir, "var/trial", "2.0.0\n1.0.0\n0\nlost\n");
  assert_trial (self, ONWARD_TRIAL_PENDING, "2.0.0");

  onward_test_write (self->dir, "var/trial", "2.0.0\n1.0.0\n0\nlast\n");
  onward_switch_back (self->install, &version, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (version, ==, "1.0.0");
  install_fixture_assert_current (self, "1.0.0");
  assert_trial (self, ONWARD_TRIAL_NONE, NULL);
}

/* Switching to the current version changes nothing, its trial included. */
static void
test_switch_to_current (InstallFixture *self, gconstpointer data)
{
  switch_to (self, "1.0.0");
  g_assert_false (install_fixture_exists (self, "var/trial"));

  switch_to (self, "2.0.0");
  onward_test_write (self->dir, "var/trial", "2.0.0\n1.0.0\n1\n");
  switch_to (self, "2.0.0");
  assert_trial_file (self, "2.0.0\n1.0.0\n1\n");
}

/* The first version of an install has nothing to fall back to, so no trial. */
static void
test_switch_to_first (InstallFixture *self, gconstpointer data)
{
  g_autofree char *current = install_fixture_path (self, "current");

  g_assert_cmpint (unlink (current), ==, 0);
  switch_to (self, "1.1.0");
  assert_trial (self, ONWARD_TRIAL_NONE, NULL);
}

/* A version without a receipt or a folder is never made current. */
static void
test_switch_to_incomplete (InstallFixture *self, gconstpointer data)
{
  g_autofree char *receipt = install_fixture_path (self, "receipts/2.0.0");
  static const char *const versions[] = { "2.0.0", "3.0.0" };

  g_assert_cmpint (unlink (receipt), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (onward_switch_to (self->install, versions[i], &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
      install_fixture_assert_current (self, "1.0.0");
      g_assert_false (install_fixture_exists (self, "var/trial"));
    }
}

/* Updated again before the first update was found good, the last good version is fallen back to. */
static void
test_switch_to_twice (InstallFixture *self, gconstpointer data)
{
  switch_to (self, "1.1.0");
  switch_to (self, "2.0.0");
  assert_trial_file (self, "2.0.0\n1.0.0\n3\n");
}

/* Once found good, a version is what the next one falls back to. */
static void
test_switch_mark_good (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  switch_to (self, "1.1.0");
  onward_switch_mark_good (self->install, &error);
  g_assert_no_error (error);
  assert_trial (self, ONWARD_TRIAL_NONE, NULL);
  onward_switch_mark_good (self->install, &error);
  g_assert_no_error (error);
  switch_to (self, "2.0.0");
  assert_trial_file (self, "2.0.0\n1.1.0\n3\n");
}

/* An app marks itself good while its updater is at work. */
static void
test_switch_mark_good_while_busy (InstallFixture *self, gconstpointer data)
{
  g_autoptr (OnwardInstall) other = install_fixture_open (self);
  g_autoptr (GError) error = NULL;

  switch_to (self, "2.0.0");
  g_assert_true (onward_install_lock (other, NULL));
  onward_switch_mark_good (self->install, &error);
  g_assert_no_error (error);
  assert_trial (self, ONWARD_TRIAL_NONE, NULL);

  g_assert_false (onward_switch_to (self->install, "1.0.0", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
}

/* A version that the launcher took back is known as such until that was reported. */
static void
test_switch_reverted (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  switch_to (self, "2.0.0");
  fall_back (self, "2.0.0", "1.0.0");
  assert_trial (self, ONWARD_TRIAL_REVERTED, "2.0.0");
  onward_switch_clear_reverted (self->install, &error);
  g_assert_no_error (error);
  assert_trial (self, ONWARD_TRIAL_NONE, NULL);
  onward_switch_clear_reverted (self->install, &error);
  g_assert_no_error (error);
}

/* A version that failed and is tried again is on trial, not reported as failed. */
static void
test_switch_to_reverted (InstallFixture *self, gconstpointer data)
{
  switch_to (self, "2.0.0");
  fall_back (self, "2.0.0", "1.0.0");
  switch_to (self, "2.0.0");
  assert_trial (self, ONWARD_TRIAL_PENDING, "2.0.0");
  g_assert_false (install_fixture_exists (self, "var/reverted"));
}

/* A trial of a version that never became current (killed between the two) counts for nothing, and
 * neither does a fall-back that was said and not done. */
static void
test_switch_interrupted (InstallFixture *self, gconstpointer data)
{
  onward_test_write (self->dir, "var/trial", "2.0.0\n1.0.0\n3\n");
  assert_trial (self, ONWARD_TRIAL_NONE, NULL);
  switch_to (self, "1.1.0");
  assert_trial_file (self, "1.1.0\n1.0.0\n3\n");

  onward_test_write (self->dir, "var/reverted", "1.1.0\n1.0.0\n");
  assert_trial (self, ONWARD_TRIAL_PENDING, "1.1.0");
  g_assert_true (onward_switch_mark_good (self->install, NULL));
  assert_trial (self, ONWARD_TRIAL_NONE, NULL);
}

/* Damaged records count as none. */
static void
test_switch_garbage (InstallFixture *self, gconstpointer data)
{
  static const char *const texts[] = {
    "",
    "\n\n\n",
    "1.0.0",
    "1.0.0\n",
    "1.0.0\n../x\n3\n",
    "1.0.0\n1.0.0\n3\n",
    "1.0.0\n1.1.0\nx\n",
    "1.0.0\n1.1.0\n-1\n",
    "1.0.0\n1.1.0\n33\n",
    "\xff\xfe\n\xff\n3\n",
    "1.0.0 \n1.1.0\n3\n",
  };
  g_autofree char *huge = g_strnfill (100000, '1');

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      onward_test_write (self->dir, "var/trial", texts[i]);
      onward_test_write (self->dir, "var/reverted", texts[i]);
      assert_trial (self, ONWARD_TRIAL_NONE, NULL);
    }
  onward_test_write (self->dir, "var/trial", huge);
  assert_trial (self, ONWARD_TRIAL_NONE, NULL);
}

static void
assert_switches_back (InstallFixture *self, const char *expected, OnwardTrial trial)
{
  g_autofree char *version = NULL;
  g_autoptr (GError) error = NULL;

  onward_switch_back (self->install, &version, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (version, ==, expected);
  install_fixture_assert_current (self, expected);
  assert_trial (self, trial, trial != ONWARD_TRIAL_NONE ? expected : NULL);
}

/* Back is the newest older version; with none, the newest other one, which may not start. */
static void
test_switch_back (InstallFixture *self, gconstpointer data)
{
  install_fixture_set_current (self, "2.0.0");
  assert_switches_back (self, "1.1.0", ONWARD_TRIAL_NONE);
  assert_switches_back (self, "1.0.0", ONWARD_TRIAL_NONE);
  assert_switches_back (self, "2.0.0", ONWARD_TRIAL_PENDING);
}

/* Back from a trial is the version that it names, and the trial is over. */
static void
test_switch_back_from_trial (InstallFixture *self, gconstpointer data)
{
  switch_to (self, "2.0.0");
  assert_switches_back (self, "1.0.0", ONWARD_TRIAL_NONE);
  g_assert_false (install_fixture_exists (self, "var/trial"));
}

/* Versions without a receipt are not gone back to; with nothing left that is said. */
static void
test_switch_back_nowhere (InstallFixture *self, gconstpointer data)
{
  static const char *const receipts[] = { "receipts/1.1.0", "receipts/2.0.0" };
  g_autofree char *version = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (receipts); i++)
    {
      g_autofree char *path = install_fixture_path (self, receipts[i]);

      g_assert_cmpint (unlink (path), ==, 0);
    }
  g_assert_false (onward_switch_back (self->install, &version, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_assert_null (version);
  install_fixture_assert_current (self, "1.0.0");
}

/* A `current` that is missing, or points at nothing, is pointed at the newest version that is
 * whole, or at the one that a trial would fall back to; one that is fine is left alone. */
static void
test_switch_repair (InstallFixture *self, gconstpointer data)
{
  g_autofree char *link = install_fixture_path (self, "current");
  g_autofree char *receipt = install_fixture_path (self, "receipts/2.0.0");
  g_autofree char *inner = g_build_filename (link, "file", NULL);

  g_assert_true (onward_switch_repair (self->install, NULL));
  install_fixture_assert_current (self, "1.0.0");

  g_assert_cmpint (unlink (link), ==, 0);
  g_assert_true (onward_switch_repair (self->install, NULL));
  install_fixture_assert_current (self, "2.0.0");

  g_assert_cmpint (unlink (receipt), ==, 0);
  install_fixture_set_current (self, "9.9.9");
  g_assert_true (onward_switch_repair (self->install, NULL));
  install_fixture_assert_current (self, "1.1.0");

  onward_test_write (self->dir, "var/trial", "9.9.9\n1.0.0\n2\n");
  install_fixture_set_current (self, "9.9.9");
  g_assert_true (onward_switch_repair (self->install, NULL));
  install_fixture_assert_current (self, "1.0.0");

  g_assert_cmpint (unlink (link), ==, 0);
  g_assert_cmpint (g_mkdir (link, 0755), ==, 0);
  g_assert_true (g_file_set_contents (inner, "x", 1, NULL));
  g_assert_true (onward_switch_repair (self->install, NULL));
  install_fixture_assert_current (self, "1.0.0");
}

/* With nothing to point at, that is said. */
static void
test_switch_repair_nothing (InstallFixture *self, gconstpointer data)
{
  static const char *const receipts[] = { "receipts/1.0.0", "receipts/1.1.0", "receipts/2.0.0" };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (receipts); i++)
    {
      g_autofree char *path = install_fixture_path (self, receipts[i]);

      g_assert_cmpint (unlink (path), ==, 0);
    }
  install_fixture_set_current (self, "9.9.9");
  g_assert_false (onward_switch_repair (self->install, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
}

static void
assert_contents (InstallFixture *self, const char *name, const char *expected)
{
  g_autofree char *contents = onward_test_read (self->dir, name);

  g_assert_cmpstr (contents, ==, expected);
}

/* The user's files that Keep= covers go along, as they are at the switch; nothing else does, and
 * nothing of the new version is written over. */
static void
test_switch_keeps_files (InstallFixture *self, gconstpointer data)
{
  g_autofree char *old = install_fixture_path (self, "versions/1.0.0");
  g_autofree char *link = g_build_filename (old, "user/link", NULL);

  onward_test_write (old, "user/notes.txt", "first");
  onward_test_write (old, "user/deep/er.txt", "deep");
  onward_test_write (old, "my.cfg", "settings");
  onward_test_write (old, "bin/other.cfg", "not at the top");
  onward_test_write (old, "cache/junk", "junk");
  onward_test_write (old, "data", "changed by the user, but listed");
  g_assert_cmpint (symlink ("/etc/passwd", link), ==, 0);

  switch_to (self, "2.0.0");
  assert_contents (self, "versions/2.0.0/user/notes.txt", "first");
  assert_contents (self, "versions/2.0.0/user/deep/er.txt", "deep");
  assert_contents (self, "versions/2.0.0/my.cfg", "settings");
  assert_contents (self, "versions/2.0.0/data", "the same in all versions");
  assert_contents (self, "versions/2.0.0/bin/app", "2.0.0");
  g_assert_false (install_fixture_exists (self, "versions/2.0.0/bin/other.cfg"));
  g_assert_false (install_fixture_exists (self, "versions/2.0.0/cache"));
  g_assert_false (install_fixture_exists (self, "versions/2.0.0/user/link"));
}

/* What the new version brings itself, be it a file or one in place of a folder, is never written
 * over by what the user had there. */
static void
test_switch_keeps_release (InstallFixture *self, gconstpointer data)
{
  onward_test_write (self->dir, "versions/1.0.0/my.cfg", "the user's");
  onward_test_write (self->dir, "versions/1.0.0/user/mine/notes", "the user's");
  onward_test_write (self->dir, "versions/2.0.0/my.cfg", "the release's");
  onward_test_write (self->dir, "versions/2.0.0/user/mine", "the release's");
  install_fixture_write_receipt (self, "2.0.0");

  switch_to (self, "2.0.0");
  assert_contents (self, "versions/2.0.0/my.cfg", "the release's");
  assert_contents (self, "versions/2.0.0/user/mine", "the release's");
}

/* On the way back the newer copies of the user's files replace the older ones. */
static void
test_switch_back_keeps_files (InstallFixture *self, gconstpointer data)
{
  onward_test_write (self->dir, "versions/1.0.0/user/notes.txt", "first");
  switch_to (self, "2.0.0");
  onward_test_write (self->dir, "versions/2.0.0/user/notes.txt", "second thoughts");
  assert_switches_back (self, "1.0.0", ONWARD_TRIAL_NONE);
  assert_contents (self, "versions/1.0.0/user/notes.txt", "second thoughts");
}

/* A copy of the version saves the user's notes, @seconds from now. */
static void
save_notes (InstallFixture *self, const char *version, const char *text, int seconds)
{
  g_autofree char *name = g_strdup_printf ("versions/%s/user/notes.txt", version);
  g_autofree char *path = install_fixture_path (self, name);
  const struct timespec times[2] = { { 0, UTIME_OMIT }, { time (NULL) + seconds, 0 } };

  onward_test_write (self->dir, name, text);
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), ==, 0);
}

/* What a copy of an old version, still running, saves after the switch is the user's last word:
 * neither a further update nor the way back loses it. */
static void
test_switch_keeps_late_files (InstallFixture *self, gconstpointer data)
{
  save_notes (self, "1.0.0", "first", -1000);
  switch_to (self, "1.1.0");
  save_notes (self, "1.0.0", "saved late", 10);
  switch_to (self, "2.0.0");
  assert_contents (self, "versions/2.0.0/user/notes.txt", "saved late");

  save_notes (self, "1.0.0", "saved later", 20);
  assert_switches_back (self, "1.0.0", ONWARD_TRIAL_NONE);
  assert_contents (self, "versions/1.0.0/user/notes.txt", "saved later");
}

/* What was made with a version that the launcher took back goes to the next one. */
static void
test_switch_keeps_files_of_reverted (InstallFixture *self, gconstpointer data)
{
  switch_to (self, "1.1.0");
  save_notes (self, "1.1.0", "made on trial", 10);
  fall_back (self, "1.1.0", "1.0.0");
  switch_to (self, "2.0.0");
  assert_contents (self, "versions/2.0.0/user/notes.txt", "made on trial");
}

/* A current version whose receipt is gone does not stand in the way of the next one. */
static void
test_switch_from_damaged (InstallFixture *self, gconstpointer data)
{
  g_autofree char *receipt = install_fixture_path (self, "receipts/1.0.0");

  save_notes (self, "1.0.0", "mine", 0);
  g_assert_cmpint (unlink (receipt), ==, 0);
  switch_to (self, "2.0.0");
  assert_contents (self, "versions/2.0.0/user/notes.txt", "mine");
}

/* When a file cannot be kept, the old version stays. */
static void
test_switch_cannot_keep (InstallFixture *self, gconstpointer data)
{
  g_autofree char *planted = install_fixture_path (self, "versions/2.0.0/user");
  g_autofree char *outside = install_fixture_root_path (self, "outside");
  g_autoptr (GError) error = NULL;

  onward_test_write (self->dir, "versions/1.0.0/user/notes.txt", "mine");
  g_assert_cmpint (g_mkdir (outside, 0755), ==, 0);
  g_assert_cmpint (symlink (outside, planted), ==, 0);
  g_assert_false (onward_switch_to (self->install, "2.0.0", &error));
  g_assert_nonnull (error);
  install_fixture_assert_current (self, "1.0.0");
  g_assert_cmpint (g_rmdir (outside), ==, 0);
}

/* clang-format off */
static const InstallTest tests[] = {
  { "/switch/to",                   test_switch_to },
  { "/switch/to-current",           test_switch_to_current },
  { "/switch/to-above",             test_switch_to_above },
  { "/switch/stuck",                test_switch_stuck },
  { "/switch/to-first",             test_switch_to_first },
  { "/switch/to-incomplete",        test_switch_to_incomplete },
  { "/switch/to-twice",             test_switch_to_twice },
  { "/switch/mark-good",            test_switch_mark_good },
  { "/switch/mark-good-while-busy", test_switch_mark_good_while_busy },
  { "/switch/reverted",             test_switch_reverted },
  { "/switch/to-reverted",          test_switch_to_reverted },
  { "/switch/interrupted",          test_switch_interrupted },
  { "/switch/garbage",              test_switch_garbage },
  { "/switch/back",                 test_switch_back },
  { "/switch/back-from-trial",      test_switch_back_from_trial },
  { "/switch/back-nowhere",         test_switch_back_nowhere },
  { "/switch/repair",               test_switch_repair },
  { "/switch/repair-nothing",       test_switch_repair_nothing },
  { "/switch/keeps-files",          test_switch_keeps_files },
  { "/switch/keeps-release",        test_switch_keeps_release },
  { "/switch/back-keeps-files",     test_switch_back_keeps_files },
  { "/switch/keeps-late-files",     test_switch_keeps_late_files },
  { "/switch/reverted-files",       test_switch_keeps_files_of_reverted },
  { "/switch/from-damaged",         test_switch_from_damaged },
  { "/switch/cannot-keep",          test_switch_cannot_keep },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return install_fixture_run_tests (argc, argv, tests, G_N_ELEMENTS (tests), set_up);
}
