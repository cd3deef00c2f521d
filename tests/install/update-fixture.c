/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "onward-fd.h"
#include "onward-staging.h"
#include "onward-verify.h"
#include "update-fixture.h"

void
update_releases_init (Releases *self)
{
  self->root = onward_test_make_dir ();
  self->old_folder = install_fixture_make_old (self->root);
  self->new_folder = install_fixture_make_new (self->root);
  self->old = test_pack_new_full (self->root, self->old_folder);
  self->new = test_pack_new_full (self->root, self->new_folder);
  self->delta =
      test_pack_new_delta (self->root, self->old_folder, self->old, self->new_folder, self->new);
}

void
update_releases_clear (Releases *self)
{
  test_pack_free (self->old);
  test_pack_free (self->new);
  test_pack_free (self->delta);
  g_free (self->old_folder);
  g_free (self->new_folder);
  onward_test_remove_dir (self->root);
}

gboolean
update_build (Update *self, TestPack *pack, const char *version, GHashTable **ret_damaged,
              GError **error)
{
  g_autoptr (OnwardPackReader) reader = test_pack_read (pack);

  return onward_staging_build (self->fixture.install, reader, NULL, version, NULL, ret_damaged,
                               NULL, error);
}

void
update_assert_builds (Update *self, TestPack *pack, const char *version)
{
  g_autoptr (GError) error = NULL;

  update_build (self, pack, version, NULL, &error);
  g_assert_no_error (error);
}

void
update_assert_version (Update *self, const char *version, const char *folder)
{
  g_autofree char *path = g_build_filename (self->fixture.dir, "versions", version, NULL);
  g_autoptr (OnwardDifferences) differences = NULL;
  g_autoptr (GError) error = NULL;

  install_fixture_assert_same (path, folder);
  differences = onward_verify_version (self->fixture.install, version, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (differences->changed->len, ==, 0);
  g_assert_cmpuint (differences->missing->len, ==, 0);
  g_assert_cmpuint (differences->extra->len, ==, 0);
}

void
update_assert_updated (Update *self)
{
  g_autofree char *staging = install_fixture_path (&self->fixture, "var/staging");

  update_assert_version (self, "2.0.0", self->new_folder);
  update_assert_version (self, "1.0.0", self->old_folder);
  g_assert_cmpint (g_rmdir (staging), ==, 0);
}

void
update_init (Update *self, const Releases *releases, const char *root)
{
  install_fixture_set_up (&self->fixture, root);
  self->old_folder = releases->old_folder;
  self->new_folder = releases->new_folder;
  self->old = releases->old;
  self->new = releases->new;
  self->delta = releases->delta;
  update_assert_builds (self, self->old, "1.0.0");
  install_fixture_set_current (&self->fixture, "1.0.0");
}

void
update_set_up (Update *self, gconstpointer data)
{
  update_init (self, data, NULL);
}

void
update_tear_down (Update *self, gconstpointer data)
{
  install_fixture_tear_down (&self->fixture, NULL);
}

void
update_stat_file (Update *self, const char *name, struct stat *info)
{
  g_autofree char *path = install_fixture_path (&self->fixture, name);

  g_assert_cmpint (lstat (path, info), ==, 0);
}

void
update_flip_byte (const char *path, off_t offset)
{
  g_auto (OnwardFd) fd = open (path, O_RDWR | O_CLOEXEC);
  guint8 byte = 0;

  g_assert_cmpint (pread (fd, &byte, 1, offset), ==, 1);
  byte ^= 0x40;
  g_assert_cmpint (pwrite (fd, &byte, 1, offset), ==, 1);
}

void
update_spoil (const char *path, const OnwardRange *range)
{
  g_auto (OnwardFd) fd = open (path, O_RDWR | O_CLOEXEC);
  gsize size = range->end - range->start;
  g_autofree guint8 *data = g_malloc (size);

  g_assert_cmpint (pread (fd, data, size, (off_t) range->start), ==, (gssize) size);
  for (gsize i = 0; i < size; i++)
    data[i] ^= 0x55;
  g_assert_cmpint (pwrite (fd, data, size, (off_t) range->start), ==, (gssize) size);
}

void
update_damage (Update *self, const char *name)
{
  g_autofree char *path = install_fixture_path (&self->fixture, name);
  struct stat info;

  update_stat_file (self, name, &info);
  update_flip_byte (path, info.st_size / 2);
}

OnwardRanges *
update_plan (Update *self, TestPack *pack)
{
  g_autoptr (GError) error = NULL;
  OnwardRanges *ranges = NULL;

  onward_staging_plan (self->fixture.install, pack->head, &ranges, &error);
  g_assert_no_error (error);
  return ranges;
}

int
update_run_tests (int argc, char **argv, const UpdateTest *tests, guint n_tests,
                  void (*more) (Releases *releases))
{
  Releases releases;
  int result;

  g_test_init (&argc, &argv, NULL);
  update_releases_init (&releases);
  for (guint i = 0; i < n_tests; i++)
    g_test_add (tests[i].path, Update, &releases, update_set_up, tests[i].test, update_tear_down);
  if (more != NULL)
    more (&releases);

  result = g_test_run ();
  update_releases_clear (&releases);
  return result;
}
