/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "in-place-fixture.h"
#include "onward-current.h"
#include "onward-error.h"
#include "onward-fd.h"
#include "onward-running.h"
#include "onward-switch.h"
#include "onward-test-forbid.h"

/* A second folder of the current version, as somebody has made by hand or out of a backup; it has
 * a mark when that was copied too. */
static void
double_current (InstallFixture *self, gboolean with_mark)
{
  g_autofree char *program = install_fixture_path (self, "versions/1.0.0/bin/app");

  onward_test_write (self->dir, "versions/1.0.0/bin/app", "1.0.0");
  onward_test_write (self->dir, "versions/1.0.0/data", "the same in all versions");
  g_assert_cmpint (chmod (program, 0755), ==, 0);
  if (with_mark)
    in_place_fixture_mark (self, "versions/1.0.0", "1.0.0");
}

static char *
dup_aside (InstallFixture *self, const char *folder, const char *prefix)
{
  g_autofree char *path = install_fixture_path (self, folder);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      if (g_str_has_prefix (name, prefix))
        return g_build_filename (folder, name, NULL);
    }
  return NULL;
}

static void
remove_in (InstallFixture *self, const char *name)
{
  g_autofree char *path = install_fixture_path (self, name);

  g_assert_cmpint (unlink (path), ==, 0);
}

/* Cut off before the exchange, the new folder has the name of the current one: its mark tells who
 * it is, and until it is put right nobody takes it for another. */
static void
test_settle_misnamed (InstallFixture *self, gconstpointer data)
{
  g_auto (OnwardFd) fd = -1;
  g_autoptr (GError) error = NULL;

  in_place_fixture_mark (self, "versions/2.0.0", "2.0.0");
  in_place_fixture_rename_in (self, "versions/2.0.0", "versions/1.0.0");
  g_assert_false (onward_current_is_settled (self->install));
  install_fixture_assert_current (self, "1.0.0");
  fd = onward_install_open_version (self->install, "2.0.0", NULL);
  g_assert_cmpint (fd, <, 0);

  onward_switch_repair (self->install, &error);
  g_assert_no_error (error);
  in_place_fixture_assert_settled (self, "1.0.0");

  in_place_fixture_rename_in (self, "versions/2.0.0", "versions/1.0.0");
  g_assert_true (onward_install_lock (self->install, NULL));
  in_place_fixture_assert_settled (self, "1.0.0");
  onward_install_unlock (self->install);
}

/* Cut off between two renames there is no current version: the one that a trial would fall back to
 * is put there. */
static void
test_settle_missing (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  onward_test_write (self->dir, "var/trial", "2.0.0\n1.0.0\n3\n");
  in_place_fixture_rename_in (self, "current", "versions/1.0.0");
  onward_switch_repair (self->install, &error);
  g_assert_no_error (error);
  in_place_fixture_assert_settled (self, "1.0.0");
}

/* The new folder under the old one's name, where it stands under its own as well. */
static void
test_settle_misnamed_twice (InstallFixture *self, gconstpointer data)
{
  double_current (self, FALSE);
  in_place_fixture_mark (self, "versions/1.0.0", "2.0.0");
  in_place_fixture_switch_to (self, "2.0.0");
  in_place_fixture_assert_settled (self, "2.0.0");
}

/* What lies where the current version has to go does not block the next switch: a copy goes, ... */
static void
test_settle_doubled (InstallFixture *self, gconstpointer data)
{
  for (int with_mark = 0; with_mark <= 1; with_mark++)
    {
      g_autofree char *aside = NULL;

      double_current (self, with_mark);
      in_place_fixture_switch_to (self, "2.0.0");
      in_place_fixture_assert_settled (self, "2.0.0");
      aside = dup_aside (self, "versions", "1.0.0.");
      g_assert_null (aside);
      in_place_fixture_switch_to (self, "1.0.0");
    }
}

/* ... while what somebody needs is kept under another name, be it as long as what was there ... */
static void
test_settle_doubled_with_more (InstallFixture *self, gconstpointer data)
{
  const struct
  {
    const char *name;
    const char *text;
  } own[] = { { "mine.cfg", "the only copy" }, { "data", "THE SAME IN ALL VERSIONS" } };

  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    {
      g_autofree char *path = g_build_filename ("versions/1.0.0", own[i].name, NULL);
      g_autofree char *aside = NULL;
      g_autofree char *file = NULL;
      g_autofree char *kept = NULL;

      double_current (self, FALSE);
      onward_test_write (self->dir, path, own[i].text);
      in_place_fixture_switch_to (self, "2.0.0");
      in_place_fixture_assert_settled (self, "2.0.0");
      aside = dup_aside (self, "versions", "1.0.0.aside-");
      g_assert_nonnull (aside);
      file = g_build_filename (aside, own[i].name, NULL);
      kept = onward_test_read (self->dir, file);
      g_assert_cmpstr (kept, ==, own[i].text);

      in_place_fixture_rename_in (self, aside, own[i].name);
      in_place_fixture_switch_to (self, "1.0.0");
    }
}

/* ... or no folder. */
static void
test_settle_file (InstallFixture *self, gconstpointer data)
{
  onward_test_write (self->dir, "versions/1.0.0", "a file");
  in_place_fixture_switch_to (self, "2.0.0");
  in_place_fixture_assert_settled (self, "2.0.0");
}

/* A copy that runs from there keeps its files; only a switch fails, and says why. It is not BUSY:
 * whoever waits for copies of the current version to end would find none, and try again at once. */
static void
test_settle_doubled_running (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int copy;

  double_current (self, FALSE);
  copy = in_place_fixture_pin (self, "versions/1.0.0");
  g_assert_true (onward_install_lock (self->install, &error));
  g_assert_no_error (error);
  onward_install_unlock (self->install);
  g_assert_false (onward_switch_to (self->install, "2.0.0", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "“versions/1.0.0”, a second copy"));
  g_assert_null (onward_running_find (self->install, "1.0.0"));
  in_place_fixture_assert_folder (self, "versions/1.0.0", "1.0.0");
  install_fixture_assert_current (self, "1.0.0");

  g_assert_cmpint (close (copy), ==, 0);
  in_place_fixture_switch_to (self, "2.0.0");
  in_place_fixture_assert_settled (self, "2.0.0");
}

/* A current folder whose mark somebody has removed is the version whose files it has, whatever
 * receipts lie about, and whatever else has the name of that version. */
static void
test_settle_unmarked (InstallFixture *self, gconstpointer data)
{
  install_fixture_add_version (self, "3.0.0");
  in_place_fixture_rename_in (self, "versions/3.0.0", "elsewhere");
  remove_in (self, "current/" IN_PLACE_MARK);
  g_assert_false (onward_current_is_settled (self->install));
  g_assert_true (onward_install_lock (self->install, NULL));
  in_place_fixture_assert_settled (self, "1.0.0");
  onward_install_unlock (self->install);

  remove_in (self, "current/" IN_PLACE_MARK);
  double_current (self, FALSE);
  in_place_fixture_switch_to (self, "2.0.0");
  in_place_fixture_assert_settled (self, "2.0.0");
}

/* One that no receipt describes is not guessed, and never removed: what to do is said, until it was
 * done. */
static void
test_settle_unknown (InstallFixture *self, gconstpointer data)
{
  g_autofree char *version = NULL;
  g_autoptr (GError) error = NULL;

  install_fixture_add_version (self, "3.0.0");
  in_place_fixture_rename_in (self, "versions/3.0.0", "elsewhere");
  in_place_fixture_rename_in (self, "receipts/1.0.0", "receipt");
  remove_in (self, "current/" IN_PLACE_MARK);
  for (int i = 0; i < 2; i++)
    {
      g_assert_false (onward_switch_to (self->install, "2.0.0", &error));
      g_assert_nonnull (strstr (error->message, "ln -s versions/VERSION current/" IN_PLACE_MARK));
      g_clear_error (&error);
      g_assert_null (onward_switch_dup_repaired (self->install, &error));
      g_assert_nonnull (strstr (error->message, "ln -s versions/VERSION current/" IN_PLACE_MARK));
      g_clear_error (&error);
    }
  in_place_fixture_assert_folder (self, "current", "1.0.0");
  in_place_fixture_assert_folder (self, "versions/2.0.0", "2.0.0");

  in_place_fixture_mark (self, "current", "1.0.0");
  in_place_fixture_rename_in (self, "receipt", "receipts/1.0.0");
  version = onward_switch_dup_repaired (self->install, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (version, ==, "1.0.0");
  in_place_fixture_assert_settled (self, "1.0.0");
}

/* Nor is it removed where the layout does not ask for it any more: not while it runs, and then it
 * is put aside. */
static void
test_settle_unknown_side_by_side (InstallFixture *self, gconstpointer data)
{
  g_autofree char *aside = NULL;
  g_autoptr (GError) error = NULL;
  int copy = in_place_fixture_pin (self, "current");

  remove_in (self, "current/" IN_PLACE_MARK);
  remove_in (self, "receipts/1.0.0");
  in_place_fixture_write_layout (self, "side-by-side");
  g_assert_false (onward_switch_to (self->install, "2.0.0", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  in_place_fixture_assert_folder (self, "current", "1.0.0");

  g_assert_cmpint (close (copy), ==, 0);
  in_place_fixture_switch_to (self, "2.0.0");
  install_fixture_assert_current (self, "2.0.0");
  aside = dup_aside (self, ".", "current.aside-");
  g_assert_nonnull (aside);
  in_place_fixture_assert_folder (self, aside, "1.0.0");
}

/* Whether a process whose disk fails is told so, and what it was to do, when it takes the lock. */
static gboolean
is_told (InstallFixture *self)
{
  g_autoptr (GError) error = NULL;

  onward_test_forbid (SYS_renameat, 0, 0, EIO);
  onward_test_forbid (SYS_renameat2, 0, 0, EIO);
  return !onward_install_lock (self->install, &error) &&
         onward_install_get_session (self->install) == NULL &&
         g_str_equal (error->message, "Putting “current” in order: Moving “versions/1.0.0”: "
                                      "Input/output error");
}

/* Whether a process that can move nothing may work here. */
static gboolean
is_free (InstallFixture *self)
{
  onward_test_forbid (SYS_renameat, 0, 0, EXDEV);
  onward_test_forbid (SYS_renameat2, 0, 0, EXDEV);
  return onward_install_lock (self->install, NULL);
}

static void
assert_in_child (gboolean (*is_so) (InstallFixture *self), InstallFixture *self)
{
  pid_t child = fork ();
  int status = -1;

  if (child == 0)
    _exit (is_so (self) ? 0 : 1);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
}

/* A second copy that cannot be moved is in the way of a switch, and of nothing else. */
static void
test_settle_doubled_fixed (InstallFixture *self, gconstpointer data)
{
  double_current (self, TRUE);
  assert_in_child (is_free, self);
  in_place_fixture_assert_folder (self, "versions/1.0.0", "1.0.0");
}

/* What cannot be put right is said, nothing else is done, and the next one puts it right. */
static void
test_settle_unsettled (InstallFixture *self, gconstpointer data)
{
  in_place_fixture_mark (self, "versions/2.0.0", "2.0.0");
  in_place_fixture_rename_in (self, "versions/2.0.0", "versions/1.0.0");
  assert_in_child (is_told, self);
  g_assert_false (onward_current_is_settled (self->install));

  g_assert_true (onward_install_lock (self->install, NULL));
  in_place_fixture_assert_settled (self, "1.0.0");
  onward_install_unlock (self->install);
}

int
main (int argc, char **argv)
{
  static const InstallTest tests[] = {
    { "/settle/misnamed", test_settle_misnamed },
    { "/settle/missing", test_settle_missing },
    { "/settle/misnamed-twice", test_settle_misnamed_twice },
    { "/settle/doubled", test_settle_doubled },
    { "/settle/doubled-with-more", test_settle_doubled_with_more },
    { "/settle/file", test_settle_file },
    { "/settle/doubled-running", test_settle_doubled_running },
    { "/settle/doubled-fixed", test_settle_doubled_fixed },
    { "/settle/unmarked", test_settle_unmarked },
    { "/settle/unknown", test_settle_unknown },
    { "/settle/unknown-side-by-side", test_settle_unknown_side_by_side },
    { "/settle/unsettled", test_settle_unsettled },
  };

  return install_fixture_run_tests (argc, argv, tests, G_N_ELEMENTS (tests),
                                    in_place_fixture_set_up);
}
