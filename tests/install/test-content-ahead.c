/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "install-fixture.h"
#include "onward-content-ahead.h"
#include "onward-error.h"
#include "onward-fd.h"
#include "onward-test-forbid.h"

/* More than are ever open at a time, in batches of unequal sizes. */
#define N_FILES 300
#define LARGE   (5 * 1024 * 1024)

typedef struct
{
  InstallFixture install;
  OnwardContent *content;
  OnwardTree *tree;
  GPtrArray *entries; /* (owned): of the many files, in their order */
} Fixture;

static char *
make_path (Fixture *self, guint number)
{
  g_autofree char *name = g_strdup_printf ("versions/1.0.0/many/%03u", number);

  return install_fixture_path (&self->install, name);
}

static void
write_file (Fixture *self, guint number, gsize size)
{
  g_autofree char *path = make_path (self, number);
  g_autofree char *contents = g_malloc (size);

  memset (contents, (int) number, size);
  memcpy (contents, &number, MIN (size, sizeof number));
  g_assert_true (g_file_set_contents (path, contents, (gssize) size, NULL));
}

static GPtrArray *
list_entries (OnwardTree *tree)
{
  GPtrArray *entries = g_ptr_array_new ();

  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);

      if (g_str_has_prefix (entry->path, "many/"))
        g_ptr_array_add (entries, (gpointer) entry);
    }
  g_assert_cmpuint (entries->len, ==, N_FILES);
  return entries;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = NULL;
  g_autoptr (GError) error = NULL;

  install_fixture_set_up (&self->install, data);
  install_fixture_add_version (&self->install, "1.0.0");
  folder = install_fixture_path (&self->install, "versions/1.0.0/many");
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  for (guint i = 0; i < N_FILES; i++)
    write_file (self, i, i % 50 == 20 ? LARGE : 4 + i);
  install_fixture_write_receipt (&self->install, "1.0.0");
  install_fixture_set_current (&self->install, "1.0.0");

  self->content = onward_content_new (self->install.install, &error);
  g_assert_no_error (error);
  self->tree = onward_install_load_receipt (self->install.install, "1.0.0", &error);
  g_assert_no_error (error);
  self->entries = list_entries (self->tree);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_ptr_array_unref (self->entries);
  onward_tree_unref (self->tree);
  onward_content_free (self->content);
  install_fixture_tear_down (&self->install, data);
}

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
assert_is_file (int fd, guint number)
{
  guint found = 0;

  g_assert_cmpint (pread (fd, &found, sizeof found, 0), ==, sizeof found);
  g_assert_cmpuint (found, ==, number);
}

/* However many there are and however large, they come in order, and few are open at a time. */
static void
test_in_order (Fixture *self, gconstpointer data)
{
  guint before = count_descriptors ();
  g_autoptr (OnwardContentAhead) ahead =
      onward_content_ahead_new (self->content, self->entries, NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_FILES; i++)
    {
      g_auto (OnwardFd) fd = onward_content_ahead_take (ahead, &error);

      g_assert_no_error (error);
      assert_is_file (fd, i);
      g_assert_cmpuint (count_descriptors (), <=, before + 80);
    }
}

/* A damaged file is told when it is its turn, and harms no other. */
static void
test_damaged (Fixture *self, gconstpointer data)
{
  g_autoptr (OnwardContentAhead) ahead = NULL;
  g_autofree char *missing = make_path (self, 150);

  write_file (self, 7, LARGE);
  g_assert_cmpint (unlink (missing), ==, 0);
  ahead = onward_content_ahead_new (self->content, self->entries, NULL);
  for (guint i = 0; i < N_FILES; i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (OnwardFd) fd = onward_content_ahead_take (ahead, &error);

      if (i == 7 || i == 150)
        {
          g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
          continue;
        }
      g_assert_no_error (error);
      assert_is_file (fd, i);
    }
}

/* Who stops taking leaves nothing open. */
static void
test_given_up (Fixture *self, gconstpointer data)
{
  guint before = count_descriptors ();

  for (guint taken = 0; taken < 40; taken += 13)
    {
      OnwardContentAhead *ahead = onward_content_ahead_new (self->content, self->entries, NULL);

      for (guint i = 0; i < taken; i++)
        onward_fd_close (onward_content_ahead_take (ahead, NULL));
      onward_content_ahead_free (ahead);
      g_assert_cmpuint (count_descriptors (), ==, before);
    }
}

/* Cancelled before or in the middle, it says so. */
static void
test_cancelled (Fixture *self, gconstpointer data)
{
  for (guint taken = 0; taken < 2; taken++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (OnwardContentAhead) ahead = NULL;
      g_autoptr (GError) error = NULL;
      int fd;

      if (taken == 0)
        g_cancellable_cancel (cancellable);
      ahead = onward_content_ahead_new (self->content, self->entries, cancellable);
      if (taken > 0)
        {
          onward_fd_close (onward_content_ahead_take (ahead, NULL));
          g_cancellable_cancel (cancellable);
        }
      /* What was open before that is given out. */
      for (guint i = taken; i < N_FILES && error == NULL; i++)
        {
          fd = onward_content_ahead_take (ahead, &error);
          if (fd >= 0)
            onward_fd_close (fd);
        }
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

/* Where no thread can be made they are opened one after the other. */
static void
test_no_threads (Fixture *self, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      onward_test_forbid_threads ();
      test_in_order (self, data);
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add ("/content-ahead/in-order", Fixture, NULL, set_up, test_in_order, tear_down);
  g_test_add ("/content-ahead/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/content-ahead/given-up", Fixture, NULL, set_up, test_given_up, tear_down);
  g_test_add ("/content-ahead/cancelled", Fixture, NULL, set_up, test_cancelled, tear_down);
  g_test_add ("/content-ahead/no-threads", Fixture, NULL, set_up, test_no_threads, tear_down);

  return g_test_run ();
}
