/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-fd.h"
#include "onward-file.h"
#include "onward-repair.h"
#include "onward-staging.h"
#include "update-fixture.h"

#define N_SMALL 4000

/* With room enough the update is let through; a download larger than the disk is not, and the
 * message says how much is needed, kept and free. */
static void
test_staging_preflight (Update *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (
      onward_staging_preflight (self->fixture.install, self->new->head, 1000, 0, &error));
  g_assert_no_error (error);

  g_assert_false (onward_staging_preflight (self->fixture.install, self->new->head,
                                            G_GUINT64_CONSTANT (1) << 60, 0, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "kept free"));
  g_assert_nonnull (strstr (error->message, "are free"));
}

/* What needs the room is named; what only replaces something leaves none for others. */
static void
test_staging_preflight_space (Update *self, gconstpointer data)
{
  static const char *const names[] = { "The repair", "Component “voices”" };
  const guint64 huge = G_GUINT64_CONSTANT (1) << 60;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      OnwardStagingNeed need = { .what = names[i], .content = huge, .replaces = i == 0 };
      g_autofree char *size = g_format_size (huge + huge / 20 + (i == 0 ? 0 : 64 << 20));
      g_autofree char *begin = g_strdup_printf ("%s needs %s on the disk of “", names[i], size);
      g_autoptr (GError) error = NULL;

      g_assert_false (onward_staging_preflight_space (self->fixture.install, &need, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NO_SPACE);
      g_assert_true (g_str_has_prefix (error->message, begin));
      need.content = 1;
      g_assert_true (onward_staging_preflight_space (self->fixture.install, &need, NULL));
    }
}

/* Leaves so much of the disk free, and no more, until the file is removed. */
static void
leave_free (Update *self, guint64 bytes)
{
  g_autofree char *path = install_fixture_path (&self->fixture, "filling");
  g_auto (OnwardFd) fd = open (path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  guint64 available = 0;

  g_assert_true (onward_file_get_free_space (fd, &available, NULL));
  g_assert_cmpint (posix_fallocate (fd, 0, (off_t) (available - bytes)), ==, 0);
}

/* Nothing is held back for others when a file takes its own place again. */
static void
assert_repair_asks (Update *self, guint64 bytes, gboolean is_enough)
{
  g_autoptr (OnwardRanges) ranges = NULL;
  g_autoptr (GError) error = NULL;

  leave_free (self, bytes);
  g_assert_cmpint (onward_repair_plan (self->fixture.install, self->old->head, "1.0.0", NULL,
                                       &ranges, NULL, &error),
                   ==, is_enough);
  g_assert_true (is_enough || g_str_has_prefix (error->message, "The repair needs "));
}

/* A release of files that hold a byte each, and take a block of the disk. It is made elsewhere: not
 * all threads have seen the small disk mounted. */
static void
assert_small_files_count (Update *self)
{
  g_autoptr (OnwardTestDir) root = onward_test_make_dir ();
  g_autofree char *folder = g_build_filename (root, "small", NULL);
  TestPack *pack;

  for (guint i = 0; i < N_SMALL; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      onward_test_write (folder, name, "s");
    }
  pack = test_pack_new_full (root, folder);
  for (guint is_enough = 0; is_enough < 2; is_enough++)
    {
      g_autoptr (GError) error = NULL;

      leave_free (self, (64 << 20) + N_SMALL * (is_enough ? 6144 : 2048));
      g_assert_cmpint (onward_staging_preflight (self->fixture.install, pack->head, 0, 0, &error),
                       ==, is_enough);
      g_assert_true (is_enough || g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_NO_SPACE));
    }
  test_pack_free (pack);
}

/* Mounts a small disk over the root of a new fixture; FALSE where that is not possible. */
static gboolean
mount_small_disk (const char *path, const char *options)
{
  return unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
         mount ("tmpfs", path, "tmpfs", 0, options) == 0;
}

/* On a disk that is too small: refused up front, and where it fills up on the way nothing is
 * installed, the old version is intact, and with room the update goes on. */
static void
test_staging_full_disk (gconstpointer data)
{
  g_autofree char *path = onward_test_make_dir ();
  Update update = { 0 };
  Update *self = &update;
  g_autofree char *filling = NULL;
  g_autoptr (GError) error = NULL;

  if (!mount_small_disk (path, "size=200m"))
    {
      rmdir (path);
      g_test_skip ("cannot mount here");
      return;
    }
  update_init (self, data, path);
  filling = install_fixture_path (&self->fixture, "filling");

  leave_free (self, 64 << 20);
  g_assert_false (onward_staging_preflight (self->fixture.install, self->new->head, 0, 0, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NO_SPACE);
  g_clear_error (&error);

  update_damage (self, "versions/1.0.0/data/big.bin");
  assert_repair_asks (self, 4 << 20, FALSE);
  assert_repair_asks (self, 24 << 20, TRUE);
  update_damage (self, "versions/1.0.0/data/big.bin");
  assert_small_files_count (self);

  leave_free (self, 16 << 10);
  g_assert_false (update_build (self, self->new, "2.0.0", NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NO_SPACE);
  g_assert_false (install_fixture_exists (&self->fixture, "versions/2.0.0"));
  update_assert_version (self, "1.0.0", self->old_folder);

  g_assert_cmpint (unlink (filling), ==, 0);
  update_assert_builds (self, self->new, "2.0.0");
  update_assert_updated (self);
  update_tear_down (self, NULL);
  g_assert_cmpint (umount2 (path, MNT_DETACH), ==, 0);
  rmdir (path);
}

/* The child ends with 77 where it cannot mount. */
static void
assert_passed (pid_t child)
{
  int status = 0;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WIFEXITED (status) && WEXITSTATUS (status) == 77)
    g_test_skip ("cannot mount here");
  else
    g_assert_cmpint (status, ==, 0);
}

/* On a read-only install the update is refused up front, as such. */
static void
test_staging_read_only (Update *self, gconstpointer data)
{
  pid_t child = fork ();

  if (child == 0)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardInstall) install = NULL;

      if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
          mount (self->fixture.dir, self->fixture.dir, NULL, MS_BIND, NULL) != 0 ||
          mount (NULL, self->fixture.dir, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0)
        _exit (77);
      install = install_fixture_open (&self->fixture);
      (void) onward_staging_preflight (install, self->new->head, 0, 0, &error);
      _exit (g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_READ_ONLY_INSTALL) ? 0 : 1);
    }

  assert_passed (child);
}

/* Staging on another disk than the versions is refused up front: no rename leads from one to the
 * other. */
static void
test_staging_other_disk (Update *self, gconstpointer data)
{
  g_autofree char *staging = install_fixture_path (&self->fixture, "var/staging");
  pid_t child = fork ();

  if (child == 0)
    {
      g_autoptr (OnwardInstall) install = NULL;
      g_autoptr (GError) error = NULL;

      if (!mount_small_disk (staging, "size=1m"))
        _exit (77);
      install = install_fixture_open (&self->fixture);
      (void) onward_staging_preflight (install, self->new->head, 0, 0, &error);
      _exit (error != NULL && strstr (error->message, "different file systems") != NULL ? 0 : 1);
    }

  assert_passed (child);
}

/* The download has to fit on the disk that it goes to, which is named. */
static void
test_staging_download_elsewhere (Update *self, gconstpointer data)
{
  g_autofree char *parts = install_fixture_path (&self->fixture, "var/parts");
  pid_t child;

  g_assert_cmpint (g_mkdir_with_parents (parts, 0755), ==, 0);
  child = fork ();
  if (child == 0)
    {
      g_autoptr (OnwardInstall) install = NULL;
      g_autoptr (GError) error = NULL;

      if (!mount_small_disk (parts, "size=70m"))
        _exit (77);
      install = install_fixture_open (&self->fixture);
      if (!onward_staging_preflight (install, self->new->head, 1 << 20, 0, &error))
        _exit (1);
      (void) onward_staging_preflight (install, self->new->head, 8 << 20, 0, &error);
      _exit (error != NULL && strstr (error->message, "of “") != NULL &&
                     strstr (error->message, "/var/parts” (of which") != NULL
                 ? 0
                 : 1);
    }

  assert_passed (child);
}

/* clang-format off */
static const UpdateTest tests[] = {
  { "/staging/preflight", test_staging_preflight },
  { "/staging/preflight-space", test_staging_preflight_space },
  { "/staging/read-only", test_staging_read_only },
  { "/staging/other-disk", test_staging_other_disk },
  { "/staging/download-elsewhere", test_staging_download_elsewhere },
};
/* clang-format on */

static void
add_full_disk (Releases *releases)
{
  g_test_add_data_func ("/staging/full-disk", releases, test_staging_full_disk);
}

int
main (int argc, char **argv)
{
  return update_run_tests (argc, argv, tests, G_N_ELEMENTS (tests), add_full_disk);
}
