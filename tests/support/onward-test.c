/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "onward-test.h"

/**
 * onward_test_make_dir:
 *
 * Returns: (transfer full): the path of a new, empty temporary folder
 */
char *
onward_test_make_dir (void)
{
  g_autoptr (GError) error = NULL;
  char *dir = g_dir_make_tmp ("onward-test-XXXXXX", &error);

  g_assert_no_error (error);
  return dir;
}

static int
make_writable (const char *path, const struct stat *info, int kind, struct FTW *walk)
{
  if (kind == FTW_D)
    (void) chmod (path, 0700);
  return 0;
}

static int
remove_one (const char *path, const struct stat *info, int kind, struct FTW *walk)
{
  return remove (path);
}

/**
 * onward_test_remove_dir:
 * @dir: (transfer full): a folder made by onward_test_make_dir()
 *
 * Removes @dir with all it holds, read-only folders included.
 */
void
onward_test_remove_dir (char *dir)
{
  (void) nftw (dir, make_writable, 16, FTW_PHYS);
  (void) nftw (dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  g_free (dir);
}

/**
 * onward_test_write:
 * @dir: a folder
 * @name: a path below @dir; missing parents are made
 * @contents: the text to write
 *
 * Writes one file of a fixture.
 */
void
onward_test_write (const char *dir, const char *name, const char *contents)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_file_set_contents (path, contents, -1, &error);
  g_assert_no_error (error);
}

/**
 * onward_test_read:
 * @dir: a folder
 * @name: a path below @dir
 *
 * Returns: (transfer full): the text of the file
 */
char *
onward_test_read (const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autoptr (GError) error = NULL;
  char *contents = NULL;

  g_file_get_contents (path, &contents, NULL, &error);
  g_assert_no_error (error);
  return contents;
}

/**
 * onward_test_store_result:
 * @source: (nullable): where the operation ran
 * @result: what it gave
 * @user_data: a `GAsyncResult **`, set to a new reference of @result
 *
 * A #GAsyncReadyCallback for onward_test_await().
 */
void
onward_test_store_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **ret_result = user_data;

  g_assert_null (*ret_result);
  *ret_result = g_object_ref (result);
  g_main_context_wakeup (NULL);
}

/**
 * onward_test_await:
 * @result: filled by onward_test_store_result()
 *
 * Runs the main loop until the operation has ended.
 */
void
onward_test_await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}
