/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "publish-fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "onward-file.h"
#include "onward-tree-scan.h"

OnwardRepository *
publish_fixture_open (OnwardTestSite *site)
{
  g_autofree char *folder = g_build_filename (site->dir, "repo", NULL);
  g_autoptr (GError) error = NULL;
  OnwardRepository *repository = onward_repository_open (folder, &error);

  g_assert_no_error (error);
  return repository;
}

OnwardKeyring *
publish_fixture_load_keys (OnwardTestSite *site)
{
  g_autofree char *folder = g_build_filename (site->dir, "repo", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardRepository) repository = onward_repository_open_to_read (folder, &error);

  g_assert_no_error (error);
  return onward_test_site_load_keys (repository);
}

gboolean
publish_fixture_add (OnwardTestSite *site, const OnwardAdditionOptions *options, GError **error)
{
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autoptr (OnwardKeyring) keyring = publish_fixture_load_keys (site);
  g_autofree char *tree = g_build_filename (site->dir, "trees", options->version, NULL);

  return onward_addition_run (options, repository, keyring, tree, error);
}

static char *
describe (const char *path, const struct stat *info)
{
  g_autofree char *data = NULL;
  g_autofree char *digest = NULL;
  gsize size = 0;

  if (S_ISLNK (info->st_mode))
    digest = g_file_read_link (path, NULL);
  else if (S_ISREG (info->st_mode) && g_file_get_contents (path, &data, &size, NULL))
    digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) data, size);
  return g_strdup_printf ("%s %o %s", path, info->st_mode, digest == NULL ? "" : digest);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
collect (const char *folder, GPtrArray *lines)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      struct stat info;

      g_assert_cmpint (lstat (path, &info), ==, 0);
      g_ptr_array_add (lines, describe (path, &info));
      if (S_ISDIR (info.st_mode))
        collect (path, lines);
    }
}

char *
publish_fixture_snapshot (const char *folder)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  collect (folder, lines);
  g_ptr_array_sort (lines, compare);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

char *
publish_fixture_find (const char *folder, const char *suffix)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  char *found = NULL;
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      if (!g_str_has_suffix (name, suffix))
        continue;
      g_assert_null (found);
      found = g_build_filename (folder, name, NULL);
    }

  g_assert_nonnull (found);
  return found;
}

void
publish_fixture_flip (const char *path, gsize offset)
{
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (offset, <, size);
  data[offset] ^= 0x20;
  g_file_set_contents (path, data, (gssize) size, &error);
  g_assert_no_error (error);
}

OnwardTree *
publish_fixture_scan (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_auto (OnwardFd) dirfd = onward_file_open_dir (AT_FDCWD, folder, &error);
  OnwardTree *tree;

  g_assert_no_error (error);
  tree = onward_tree_scan (dirfd, NULL, &error);
  g_assert_no_error (error);
  return tree;
}
