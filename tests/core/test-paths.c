/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "onward-error.h"
#include "onward-paths.h"
#include "onward-test.h"

#define NOBODY 65534

static void
assert_private_folder (const char *path)
{
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_true (S_ISDIR (info.st_mode));
  g_assert_cmpint (info.st_mode & 0777, ==, 0700);
}

static void
assert_below (const char *path, const char *dir, const char *rest)
{
  g_autofree char *expected = g_build_filename (dir, rest, NULL);

  g_assert_cmpstr (path, ==, expected);
}

/* In an install of one's own everything lives inside it, and folders appear when asked for. */
static void
test_paths_own (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *install = realpath (dir, NULL);
  g_autofree char *state = g_build_filename (install, "var", NULL);
  g_autoptr (OnwardPaths) paths = NULL;
  g_autoptr (GError) error = NULL;

  onward_test_write (dir, "onward.ini", "");
  paths = onward_paths_new (dir, &error);
  g_assert_no_error (error);

  g_assert_cmpstr (onward_paths_get_install (paths), ==, install);
  assert_below (onward_paths_get_config (paths), install, "onward.ini");
  assert_below (onward_paths_get_anchor (paths), install, "root.json");
  g_assert_false (g_file_test (state, G_FILE_TEST_EXISTS));
  assert_below (onward_paths_get_journal (paths), install, "var/state.ini");
  assert_private_folder (state);
  assert_below (onward_paths_get_state (paths), install, "var");
  assert_below (onward_paths_get_log (paths), install, "var/update.log");
  assert_below (onward_paths_get_trust (paths), install, "var/trust");
  assert_private_folder (onward_paths_get_trust (paths));
  assert_below (onward_paths_get_parts (paths), install, "var/parts");
  assert_private_folder (onward_paths_get_parts (paths));
}

/* A folder without onward.ini, and no folder at all, are no installs. */
static void
test_paths_no_install (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *config = g_build_filename (dir, "onward.ini", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (onward_paths_new (dir, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (onward_paths_new ("/nonexistent/folder", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_cmpint (g_mkdir (config, 0700), ==, 0);
  g_assert_null (onward_paths_new (dir, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
}

/* An install reached over a link is the same install. */
static void
test_paths_link (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *link = g_build_filename (dir, "link", NULL);
  g_autofree char *real = g_build_filename (dir, "app", NULL);
  g_autofree char *canonical = NULL;
  g_autoptr (OnwardPaths) paths = NULL;
  g_autoptr (GError) error = NULL;

  onward_test_write (dir, "app/onward.ini", "");
  g_assert_cmpint (symlink ("app", link), ==, 0);
  canonical = realpath (real, NULL);
  paths = onward_paths_new (link, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (onward_paths_get_install (paths), ==, canonical);
}

/* An install is writable when new versions can be put into it. */
static void
test_paths_writable (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardPaths) paths = NULL;

  onward_test_write (dir, "onward.ini", "");
  paths = onward_paths_new (dir, NULL);
  g_assert_false (onward_paths_is_writable (paths));
  onward_test_write (dir, "versions/1.0.0/app", "");
  g_assert_true (onward_paths_is_writable (paths));
}

static void
become_nobody (void)
{
  if (getuid () == 0)
    g_assert_cmpint (setresuid (NOBODY, NOBODY, NOBODY), ==, 0);
}

/* Where the install is somebody else's, each user has a private state folder for each install. */
static void
test_paths_foreign (void)
{
  g_autoptr (OnwardTestDir) dir = NULL;
  g_autofree char *state_home = NULL;
  g_autofree char *install = NULL;
  g_autofree char *prefix = NULL;
  g_autofree char *digest = NULL;
  g_autoptr (OnwardPaths) paths = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }

  become_nobody ();
  dir = g_strdup ("/tmp/onward-test-XXXXXX");
  g_assert_nonnull (mkdtemp (dir));
  state_home = g_build_filename (dir, "state", NULL);
  g_assert_true (g_setenv ("XDG_STATE_HOME", state_home, TRUE));
  onward_test_write (dir, "app/onward.ini", "");
  onward_test_write (dir, "app/versions/1.0.0/app", "");
  install = g_build_filename (dir, "app", NULL);
  g_assert_cmpint (g_chmod (install, 0555), ==, 0);

  paths = onward_paths_new (install, NULL);
  g_assert_false (onward_paths_is_writable (paths));
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, install, -1);
  digest[16] = '\0';
  prefix = g_build_filename (state_home, "onward", digest, NULL);
  g_assert_cmpstr (onward_paths_get_state (paths), ==, prefix);
  assert_private_folder (prefix);
  assert_below (onward_paths_get_journal (paths), prefix, "state.ini");
}

/* A var folder that everybody may write decides, not the install around it. */
static void
test_paths_shared_var (void)
{
  g_autoptr (OnwardTestDir) dir = NULL;
  g_autofree char *var = NULL;
  g_autoptr (OnwardPaths) paths = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }

  become_nobody ();
  dir = g_strdup ("/tmp/onward-test-XXXXXX");
  g_assert_nonnull (mkdtemp (dir));
  onward_test_write (dir, "onward.ini", "");
  var = g_build_filename (dir, "var", NULL);
  g_assert_cmpint (g_mkdir (var, 0700), ==, 0);
  g_assert_cmpint (g_chmod (dir, 0555), ==, 0);

  paths = onward_paths_new (dir, NULL);
  g_assert_cmpstr (onward_paths_get_state (paths), ==, var);
}

/* The platform is the kernel's name and the machine's. */
static void
test_paths_platform (void)
{
  const char *platform = onward_paths_get_platform ();

  g_assert_true (g_regex_match_simple ("^linux-[a-z0-9_]+$", platform, 0, 0));
#ifdef __x86_64__
  g_assert_cmpstr (platform, ==, "linux-x86_64");
#endif
  g_assert_true (platform == onward_paths_get_platform ());
}

/* A program is found where a test says, beside the running one and in PATH; never by a guess. */
static void
test_paths_find_program (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *expected = g_build_filename (dir, "onward-thing", NULL);
  g_autofree char *shell = onward_paths_find_program ("sh");
  g_autofree char *found = NULL;
  g_autofree char *self = onward_paths_find_program ("test-core-paths");

  g_assert_nonnull (shell);
  g_assert_nonnull (self);
  g_assert_null (onward_paths_find_program ("onward-thing"));

  onward_test_write (dir, "onward-thing", "#!/bin/sh\n");
  g_assert_true (g_setenv ("ONWARD_TEST_PROGRAM_DIR", dir, TRUE));
  g_assert_cmpstr (onward_paths_get_test_setting ("PROGRAM_DIR"), ==, dir);
  g_assert_null (onward_paths_find_program ("onward-thing"));
  g_assert_cmpint (g_chmod (expected, 0755), ==, 0);
  found = onward_paths_find_program ("onward-thing");
  g_assert_cmpstr (found, ==, expected);
  g_unsetenv ("ONWARD_TEST_PROGRAM_DIR");
  g_assert_null (onward_paths_get_test_setting ("PROGRAM_DIR"));
}

/* A program that runs from a build folder finds the others that were built there. */
static void
test_paths_find_built_program (void)
{
  g_autofree char *own = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *own_dir = g_path_get_dirname (own);
  g_autofree char *expected =
      g_build_filename (own_dir, "..", "..", "src", "launch", "onward-launch", NULL);
  g_autofree char *found = NULL;

  if (!g_file_test (expected, G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("the launcher is not built");
      return;
    }

  found = onward_paths_find_program ("onward-launch");
  g_assert_cmpstr (found, ==, expected);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/paths/own", test_paths_own);
  g_test_add_func ("/paths/no-install", test_paths_no_install);
  g_test_add_func ("/paths/link", test_paths_link);
  g_test_add_func ("/paths/writable", test_paths_writable);
  g_test_add_func ("/paths/foreign", test_paths_foreign);
  g_test_add_func ("/paths/shared-var", test_paths_shared_var);
  g_test_add_func ("/paths/platform", test_paths_platform);
  g_test_add_func ("/paths/find-program", test_paths_find_program);
  g_test_add_func ("/paths/find-built-program", test_paths_find_built_program);

  return g_test_run ();
}
