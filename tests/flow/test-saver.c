/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>

#include <glib/gstdio.h>

#include "onward-error.h"
#include "onward-saver.h"
#include "onward-test.h"

typedef struct
{
  char *dir;  /* (owned) */
  char *path; /* (owned) */
  OnwardSaver *saver;
  guint ends;
  GError *error; /* (owned) (nullable): of the last end */
} SaverFixture;

static void
on_done (const GError *error, gpointer user_data)
{
  SaverFixture *self = user_data;

  self->ends++;
  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
}

static void
set_up (SaverFixture *self, gconstpointer data)
{
  self->dir = onward_test_make_dir ();
  self->path = g_build_filename (self->dir, "state.ini", NULL);
  self->saver = onward_saver_new (self->path, on_done, self);
}

static void
tear_down (SaverFixture *self, gconstpointer data)
{
  g_clear_pointer (&self->saver, onward_saver_close);
  /* The worker of a closed saver comes to its end unseen. */
  for (guint i = 0; i < 20; i++, g_usleep (5000))
    g_main_context_iteration (NULL, FALSE);
  onward_test_remove_dir (self->dir);
  g_clear_error (&self->error);
  g_free (self->path);
}

static void
wait_for_end (SaverFixture *self)
{
  while (onward_saver_is_busy (self->saver))
    g_main_context_iteration (NULL, TRUE);
}

static void
assert_file (SaverFixture *self, const char *expected)
{
  g_autofree char *text = onward_test_read (self->dir, "state.ini");

  g_assert_cmpstr (text, ==, expected);
}

/* However fast the texts come, the file ends with the last one, and the end is told once all is
 * written. */
static void
test_saver_keeps_the_order (SaverFixture *self, gconstpointer data)
{
  for (guint i = 0; i <= 200; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      onward_saver_write (self->saver, text);
      g_assert_true (onward_saver_is_busy (self->saver));
      if (i % 10 == 0)
        g_main_context_iteration (NULL, FALSE);
    }

  wait_for_end (self);
  assert_file (self, "200");
  g_assert_cmpuint (self->ends, >=, 1);
  g_assert_no_error (self->error);
}

/* Who has to wait can: what was handed over is in the file then. */
static void
test_saver_drains (SaverFixture *self, gconstpointer data)
{
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      onward_saver_write (self->saver, "older");
      onward_saver_write (self->saver, text);
      onward_saver_drain (self->saver);
      assert_file (self, text);
    }
  wait_for_end (self);
}

/* A saver that goes away leaves nothing unwritten, and nobody is told any more. */
static void
test_saver_closes (SaverFixture *self, gconstpointer data)
{
  onward_saver_write (self->saver, "last");
  g_clear_pointer (&self->saver, onward_saver_close);
  assert_file (self, "last");
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (self->ends, ==, 0);
}

/* A text that cannot be written is told of; one that can be later makes up for it. */
static void
test_saver_fails (SaverFixture *self, gconstpointer data)
{
  g_assert_cmpint (g_mkdir (self->path, 0700), ==, 0);
  onward_saver_write (self->saver, "text");
  wait_for_end (self);
  g_assert_true (self->error != NULL && self->error->domain == ONWARD_ERROR);

  g_assert_cmpint (g_rmdir (self->path), ==, 0);
  onward_saver_write (self->saver, "text");
  wait_for_end (self);
  g_assert_no_error (self->error);
  assert_file (self, "text");
}

/* A process that exits without closing it has written the last text all the same. */
static void
test_saver_writes_before_the_process_ends (SaverFixture *self, gconstpointer data)
{
  const char *path = g_getenv ("SAVER_TEST_PATH");

  if (g_test_subprocess ())
    {
      OnwardSaver *saver = onward_saver_new (path, NULL, NULL);

      onward_saver_write (saver, "first");
      onward_saver_write (saver, "last");
      exit (0);
    }

  g_setenv ("SAVER_TEST_PATH", self->path, TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  assert_file (self, "last");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (SaverFixture *, gconstpointer);
  } tests[] = {
    { "/saver/keeps-the-order", test_saver_keeps_the_order },
    { "/saver/drains", test_saver_drains },
    { "/saver/closes", test_saver_closes },
    { "/saver/fails", test_saver_fails },
    { "/saver/writes-before-the-process-ends", test_saver_writes_before_the_process_ends },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, SaverFixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
