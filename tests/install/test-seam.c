/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a helper with more rights than its caller relies on: the installer is given descriptors and
 * what was signed, and no name that somebody else could point elsewhere. */

#include <unistd.h>

#include <glib/gstdio.h>

#include "onward-pack-reader.h"
#include "onward-staging.h"
#include "onward-switch.h"
#include "update-fixture.h"

#define DECOY                                                    \
  "[Application]\nId=org.example.Decoy\nName=Decoy\nCommand=x\n" \
  "Repository=file:///nonexistent\nChannel=stable\nLayout=in-place\n"

/* Puts another install where the one was opened. Returns: (transfer full): where that is now */
static char *
put_decoy (Update *self)
{
  char *moved = install_fixture_root_path (&self->fixture, "moved");

  g_assert_cmpint (g_rename (self->fixture.dir, moved), ==, 0);
  onward_test_write (self->fixture.dir, "onward.ini", DECOY);
  onward_test_write (self->fixture.dir, "versions/1.0.0/bin/app", "decoy");
  onward_test_write (self->fixture.dir, "receipts/1.0.0", "decoy");
  return moved;
}

static guint
count_below (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint count = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      count += 1 + count_below (path);
    }
  return count;
}

static OnwardPackReader *
open_nameless (Update *self, TestPack *pack)
{
  g_autoptr (OnwardRanges) ranges = update_plan (self, pack);
  g_autoptr (TestPack) partial = test_pack_new_partial (&self->fixture, pack, ranges);
  OnwardPackReader *reader = test_pack_read (partial);

  g_assert_cmpint (g_unlink (partial->path), ==, 0);
  return reader;
}

/* A version is built from a pack without a name, in an install whose path leads to another one by
 * now, made current, gone back from, and cleared away: the other one is never looked at. */
static void
test_seam_descriptors (Update *self, gconstpointer data)
{
  g_autoptr (OnwardPackReader) reader = open_nameless (self, self->new);
  g_autofree char *moved = put_decoy (self);
  g_autofree char *built = g_build_filename (moved, "versions/2.0.0", NULL);
  g_autofree char *current = g_build_filename (moved, "current", NULL);
  g_autofree char *target = NULL;
  g_autofree char *config = NULL;
  g_autoptr (GError) error = NULL;
  guint before = count_below (self->fixture.dir);

  g_assert_cmpint (chdir ("/"), ==, 0);
  onward_staging_build (self->fixture.install, reader, NULL, "2.0.0", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  install_fixture_assert_same (built, self->new_folder);
  onward_switch_to (self->fixture.install, "2.0.0", &error);
  g_assert_no_error (error);
  target = g_file_read_link (current, NULL);
  g_assert_cmpstr (target, ==, "versions/2.0.0");
  g_assert_true (onward_switch_mark_good (self->fixture.install, NULL));
  onward_switch_prune (self->fixture.install, NULL, &error);
  g_assert_no_error (error);
  onward_switch_back (self->fixture.install, NULL, &error);
  g_assert_no_error (error);

  config = onward_test_read (self->fixture.dir, "onward.ini");
  g_assert_cmpstr (config, ==, DECOY);
  g_assert_cmpuint (count_below (self->fixture.dir), ==, before);
}

/* clang-format off */
static const UpdateTest tests[] = {
  { "/seam/descriptors", test_seam_descriptors },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return update_run_tests (argc, argv, tests, G_N_ELEMENTS (tests), NULL);
}
