/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "onward-work-folder.h"
#include "publish-fixture.h"

/* It is beside the repository, for its owner only, empty, and goes away. */
static void
test_work_folder_beside (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autofree char *expected = g_build_filename (site->dir, ".repo.onward-work", NULL);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (OnwardWorkFolder) folder = NULL;
      g_autofree char *contents = NULL;
      g_autoptr (GError) error = NULL;
      struct stat info;

      /* What a run that was killed left there. */
      onward_test_write (expected, "old/file", "half");
      folder = onward_work_folder_new (repository, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (folder, ==, expected);
      g_assert_cmpint (stat (folder, &info), ==, 0);
      g_assert_cmpuint (info.st_mode & 07777, ==, 0700);
      contents = publish_fixture_snapshot (folder);
      g_assert_cmpstr (contents, ==, "");
      onward_test_write (folder, "new/file", "half");
    }
  g_assert_false (g_file_test (expected, G_FILE_TEST_EXISTS));
}

/* A file of that name is somebody's; the folder for temporary files has to do. */
static void
test_work_folder_elsewhere (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autoptr (OnwardWorkFolder) folder = NULL;
  g_autofree char *text = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  onward_test_write (site->dir, ".repo.onward-work", "mine");
  folder = onward_work_folder_new (repository, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (folder, g_get_tmp_dir ()));
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
  path = g_strdup (folder);
  g_clear_pointer (&folder, onward_work_folder_free);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  text = onward_test_read (site->dir, ".repo.onward-work");
  g_assert_cmpstr (text, ==, "mine");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/work-folder/beside", test_work_folder_beside);
  g_test_add_func ("/work-folder/elsewhere", test_work_folder_elsewhere);
  return g_test_run ();
}
