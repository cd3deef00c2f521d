/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "onward-error.h"
#include "onward-staging.h"
#include "update-fixture.h"

typedef struct
{
  GCancellable *cancellable; /* cancelled, */
  gboolean kill;             /* or the process killed, */
  guint after;               /* after so many files */
  guint last;
  guint total;
} Interruption;

static void
on_progress (guint done, guint total, gpointer user_data)
{
  Interruption *self = user_data;

  g_assert_cmpuint (done, ==, self->last + 1);
  self->last = done;
  self->total = total;
  if (done == self->after && self->kill)
    raise (SIGKILL);
  if (done == self->after && self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

static gboolean
build_interrupted (Update *self, Interruption *interruption, GError **error)
{
  const OnwardStagingWatch watch = { on_progress, NULL, interruption };
  g_autoptr (OnwardPackReader) reader = test_pack_read (self->new);

  return onward_staging_build (self->fixture.install, reader, NULL, "2.0.0", &watch, NULL,
                               interruption->cancellable, error);
}

/* Progress counts every file once, up to all of them. */
static void
test_staging_progress (Update *self, gconstpointer data)
{
  Interruption none = { 0 };
  g_autoptr (GError) error = NULL;

  build_interrupted (self, &none, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none.last, ==, onward_tree_get_n_files (self->new->tree));
  g_assert_cmpuint (none.total, ==, none.last);
}

/* Cancelled after any file, the next build goes on from what was complete. */
static void
test_staging_cancel (Update *self, gconstpointer data)
{
  guint n_files = onward_tree_get_n_files (self->new->tree);

  for (guint after = 1; after < n_files; after++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Interruption interruption = { cancellable, FALSE, after, 0, 0 };
      g_autoptr (GError) error = NULL;

      g_assert_false (build_interrupted (self, &interruption, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_false (install_fixture_exists (&self->fixture, "versions/2.0.0"));
    }

  update_assert_builds (self, self->new, "2.0.0");
  update_assert_updated (self);
}

/* A file that an earlier run completed is used as it is. */
static void
test_staging_goes_on (Update *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Interruption interruption = { cancellable, FALSE, 0, 0, 0 };
  g_autoptr (OnwardRanges) nothing = onward_ranges_new ();
  g_autoptr (TestPack) empty = NULL;
  g_autoptr (GError) error = NULL;

  /* All files are there: the pack is needed no more. */
  interruption.after = onward_tree_get_n_files (self->new->tree);
  g_assert_false (build_interrupted (self, &interruption, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  empty = test_pack_new_partial (&self->fixture, self->new, nothing);
  update_assert_builds (self, empty, "2.0.0");
  update_assert_updated (self);
}

/* Killed after any file, the next process gets there. */
static void
test_staging_kill (Update *self, gconstpointer data)
{
  guint n_files = onward_tree_get_n_files (self->new->tree);

  for (guint after = 1; after <= n_files; after += 3)
    {
      pid_t child = fork ();
      int status = 0;

      if (child == 0)
        {
          Interruption interruption = { NULL, TRUE, after, 0, 0 };

          (void) build_interrupted (self, &interruption, NULL);
          _exit (0);
        }
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFSIGNALED (status));
      update_assert_version (self, "1.0.0", self->old_folder);
    }

  update_assert_builds (self, self->new, "2.0.0");
  update_assert_updated (self);
}

/* What a half-built staging folder may hold: files cut off or of other content or mode, things
 * that do not belong, and links that lead out. Nothing outside is touched. */
static void
test_staging_hostile_leftovers (Update *self, gconstpointer data)
{
  g_autofree char *staging = install_fixture_path (&self->fixture, "var/staging/2.0.0");
  g_autofree char *outside = install_fixture_root_path (&self->fixture, "outside");
  g_autofree char *lib = g_build_filename (staging, "lib", NULL);
  g_autofree char *readme = g_build_filename (staging, "doc/readme", NULL);
  g_autofree char *data_link = g_build_filename (staging, "data", NULL);
  g_autofree char *old_app = install_fixture_path (&self->fixture, "versions/1.0.0/bin/app");
  g_autofree char *app = g_build_filename (staging, "bin/app", NULL);
  g_autofree char *precious = NULL;

  onward_test_write (outside, "precious", "untouched");
  onward_test_write (staging, "doc/readme", "Read me.\n");
  onward_test_write (staging, "share/new.txt", "ne");
  onward_test_write (staging, "share/twin-1", "THE SAME NEW CONTENT, TWICE\n");
  onward_test_write (staging, "stranger/deep/er", "x");
  onward_test_write (staging, "share/empty/now-a-folder", "x");
  onward_test_write (staging, "bin/elsewhere", "x");
  g_assert_cmpint (link (old_app, app), ==, 0);
  g_assert_cmpint (symlink (outside, lib), ==, 0);
  g_assert_cmpint (symlink (outside, data_link), ==, 0);
  g_assert_cmpint (chmod (readme, 06755), ==, 0);

  update_assert_builds (self, self->new, "2.0.0");
  update_assert_updated (self);
  precious = onward_test_read (outside, "precious");
  g_assert_cmpstr (precious, ==, "untouched");
  g_free (g_steal_pointer (&precious));
  precious = g_build_filename (outside, "precious", NULL);
  g_assert_cmpint (unlink (precious), ==, 0);
  g_assert_cmpint (g_rmdir (outside), ==, 0);
}

/* A link in place of the staging folder, or of that of the version, is removed and not gone
 * through. */
static void
test_staging_planted_links (Update *self, gconstpointer data)
{
  g_autofree char *staging = install_fixture_path (&self->fixture, "var/staging");
  g_autofree char *inner = install_fixture_path (&self->fixture, "var/staging/2.0.0");
  g_autofree char *outside = install_fixture_root_path (&self->fixture, "outside");

  g_assert_cmpint (g_mkdir (outside, 0755), ==, 0);
  g_assert_cmpint (symlink (outside, inner), ==, 0);
  update_assert_builds (self, self->new, "2.0.0");
  update_assert_updated (self);

  (void) g_rmdir (staging);
  g_assert_cmpint (symlink (outside, staging), ==, 0);
  update_assert_builds (self, self->new, "2.0.1");
  update_assert_version (self, "2.0.1", self->new_folder);
  g_assert_cmpint (g_rmdir (outside), ==, 0);
}

/* clang-format off */
static const UpdateTest tests[] = {
  { "/staging/progress", test_staging_progress },
  { "/staging/cancel", test_staging_cancel },
  { "/staging/goes-on", test_staging_goes_on },
  { "/staging/kill", test_staging_kill },
  { "/staging/hostile-leftovers", test_staging_hostile_leftovers },
  { "/staging/planted-links", test_staging_planted_links },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return update_run_tests (argc, argv, tests, G_N_ELEMENTS (tests), NULL);
}
