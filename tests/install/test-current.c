/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "in-place-fixture.h"
#include "onward-current.h"
#include "onward-error.h"
#include "onward-fd.h"
#include "onward-switch.h"
#include "onward-test-forbid.h"
#include "onward-verify.h"

/* One path, whichever version is current; each switch and each way back exchanges two folders. */
static void
test_current_switch (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *previous = NULL;

  in_place_fixture_assert_settled (self, "1.0.0");
  in_place_fixture_switch_to (self, "2.0.0");
  in_place_fixture_assert_settled (self, "2.0.0");
  g_assert_cmpint (onward_switch_get_trial (self->install, NULL), ==, ONWARD_TRIAL_PENDING);

  onward_switch_back (self->install, &previous, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (previous, ==, "1.0.0");
  in_place_fixture_assert_settled (self, "1.0.0");
  in_place_fixture_switch_to (self, "1.1.0");
  in_place_fixture_switch_to (self, "2.0.0");
  in_place_fixture_assert_settled (self, "2.0.0");
}

/* While a copy runs nothing is exchanged, and everything stays as it was. */
static void
test_current_running (InstallFixture *self, gconstpointer data)
{
  int copy = in_place_fixture_pin (self, "current");
  g_autoptr (GError) error = NULL;

  g_assert_false (onward_switch_to (self->install, "2.0.0", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  in_place_fixture_assert_settled (self, "1.0.0");

  g_assert_cmpint (close (copy), ==, 0);
  in_place_fixture_switch_to (self, "2.0.0");
  in_place_fixture_assert_settled (self, "2.0.0");
}

/* Nor while a copy runs of what is to come: the launcher starts a version from where it lies when
 * it must not exchange it. */
static void
test_current_running_beside (InstallFixture *self, gconstpointer data)
{
  g_auto (OnwardFd) copy = in_place_fixture_pin (self, "versions/2.0.0");
  g_autoptr (GError) error = NULL;

  g_assert_false (onward_switch_to (self->install, "2.0.0", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  in_place_fixture_assert_settled (self, "1.0.0");
}

/* A version on trial that could not be exchanged stays on trial. */
static void
test_current_running_on_trial (InstallFixture *self, gconstpointer data)
{
  g_autofree char *tried = NULL;
  g_auto (OnwardFd) copy = -1;

  in_place_fixture_switch_to (self, "1.1.0");
  copy = in_place_fixture_pin (self, "current");
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
      in_place_fixture_switch_to (self, "2.0.0");
      in_place_fixture_switch_to (self, "1.0.0");
    }
  onward_test_write (self->dir, "enough", "");
  g_thread_join (thread);
}

/* A mark that says no version, or is no link, leads nowhere. */
static void
test_current_planted (InstallFixture *self, gconstpointer data)
{
  static const char *const targets[] = { "/etc",  "versions/", "versions/../x",
                                         "1.0.0", "..",        "versions/1.0.0/bin" };
  g_autofree char *path = install_fixture_path (self, "current/" IN_PLACE_MARK);

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (unlink (path), ==, 0);
      g_assert_cmpint (symlink (targets[i], path), ==, 0);
      g_assert_null (onward_install_dup_current (self->install, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }

  g_assert_cmpint (unlink (path), ==, 0);
  onward_test_write (self->dir, "current/" IN_PLACE_MARK, "versions/1.0.0");
  g_assert_null (onward_install_dup_current (self->install, NULL));
}

/* The other layout in onward.ini holds from the next switch on, in both directions. */
static void
test_current_other_layout (InstallFixture *self, gconstpointer data)
{
  g_autofree char *link = install_fixture_path (self, "current");
  g_autofree char *target = NULL;

  in_place_fixture_write_layout (self, "side-by-side");
  in_place_fixture_switch_to (self, "1.1.0");
  install_fixture_assert_current (self, "1.1.0");
  target = g_file_read_link (link, NULL);
  g_assert_cmpstr (target, ==, "versions/1.1.0");
  in_place_fixture_assert_folder (self, "versions/1.0.0", "1.0.0");

  in_place_fixture_write_layout (self, "in-place");
  in_place_fixture_switch_to (self, "2.0.0");
  in_place_fixture_assert_settled (self, "2.0.0");
}

/* A folder that cannot be moved, as it came with the image of the computer, cannot be brought to
 * the one path: what was current still is. */
static void
test_current_fixed (InstallFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }

  in_place_fixture_write_layout (self, "side-by-side");
  in_place_fixture_switch_to (self, "1.1.0");
  in_place_fixture_write_layout (self, "in-place");
  onward_test_forbid (SYS_renameat, 0, 0, EXDEV);
  onward_test_forbid (SYS_renameat2, 0, 0, EXDEV);
  g_assert_false (onward_current_point_at (self->install, "2.0.0", &error));
  g_assert_nonnull (strstr (error->message, "versions/2.0.0"));
  install_fixture_assert_current (self, "1.1.0");
  in_place_fixture_assert_folder (self, "current", "1.1.0");
}

/* The mark is not among the differences, and what is to be kept comes along. */
static void
test_current_whole (InstallFixture *self, gconstpointer data)
{
  g_autoptr (OnwardDifferences) differences = NULL;
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;

  onward_test_write (self->dir, "current/my.cfg", "the user's");
  in_place_fixture_switch_to (self, "2.0.0");
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
  in_place_fixture_switch_to (self, "2.0.0");
  in_place_fixture_assert_settled (self, "2.0.0");
  in_place_fixture_switch_to (self, "1.0.0");
  in_place_fixture_assert_settled (self, "1.0.0");
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
    { "/current/planted", test_current_planted },
    { "/current/other-layout", test_current_other_layout },
    { "/current/fixed", test_current_fixed },
    { "/current/whole", test_current_whole },
    { "/current/without-exchange", test_current_without_exchange },
  };

  return install_fixture_run_tests (argc, argv, tests, G_N_ELEMENTS (tests),
                                    in_place_fixture_set_up);
}
