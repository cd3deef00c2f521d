/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <link.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "launch-fixture.h"

static void
copy (const char *from, const LaunchFixture *fixture, const char *name)
{
  g_autofree char *to = g_build_filename (fixture->install, "versions/2.0.0/bin", name, NULL);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize size = 0;

  g_assert_true (g_file_get_contents (from, &data, &size, &error));
  g_assert_true (g_file_set_contents (to, data, (gssize) size, &error));
  g_assert_cmpint (chmod (to, 0755), ==, 0);
}

/* A version on trial whose program is a real one that needs a library beside it. */
static void
set_up (LaunchFixture *fixture)
{
  copy (ONWARD_SAMPLE_PROGRAM, fixture, "app");
  onward_test_write (fixture->install, "var/trial", "2.0.0\n1.0.0\n3\n");
}

/* A version whose library is missing is never started at all: the old one answers, in the same
 * start, and what is missing is said. */
static void
test_launch_library_missing (LaunchFixture *fixture, gconstpointer data)
{
  const char *argv[] = { fixture->launcher, NULL };
  g_autofree char *errors = NULL;
  g_autofree char *output = NULL;

  set_up (fixture);
  output = launch_fixture_run_command (argv, NULL, &errors);
  g_assert_true (g_str_has_prefix (output, "1.0.0 "));
  g_assert_nonnull (strstr (errors, ONWARD_SAMPLE_LIBRARY));
  g_assert_nonnull (strstr (errors, "version 2.0.0 did not start"));
  launch_fixture_assert_file (fixture, "starts", NULL);
  launch_fixture_assert_current (fixture, "versions/1.0.0");
  launch_fixture_assert_file (fixture, "var/reverted", "2.0.0\n1.0.0\n");
  launch_fixture_assert_tidy (fixture);
}

static void
ignore_children (gpointer data)
{
  signal (SIGCHLD, SIG_IGN);
}

/* That is found out as well where whoever starts the launcher ignores its children. */
static void
test_launch_library_missing_ignored (LaunchFixture *fixture, gconstpointer data)
{
  char *argv[] = { fixture->launcher, NULL };
  g_autofree char *errors = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  set_up (fixture);
  g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, ignore_children, NULL, &output, &errors, NULL,
                &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (output, "1.0.0 "));
  g_assert_nonnull (strstr (errors, ONWARD_SAMPLE_LIBRARY));
  launch_fixture_assert_file (fixture, "starts", NULL);
}

/* A library that is there but too old for the program is no better. */
static void
test_launch_library_too_old (LaunchFixture *fixture, gconstpointer data)
{
  set_up (fixture);
  copy (ONWARD_SAMPLE_OLD, fixture, ONWARD_SAMPLE_LIBRARY);
  launch_fixture_assert_starts (fixture, "1.0.0");
  launch_fixture_assert_file (fixture, "starts", NULL);
  launch_fixture_assert_current (fixture, "versions/1.0.0");
}

/* A version that has all it needs is started, once a start. */
static void
test_launch_library_found (LaunchFixture *fixture, gconstpointer data)
{
  set_up (fixture);
  copy (ONWARD_SAMPLE_NEW, fixture, ONWARD_SAMPLE_LIBRARY);
  launch_fixture_assert_starts (fixture, "");
  launch_fixture_assert_file (fixture, "starts", "2");
  launch_fixture_assert_file (fixture, "var/trial", "2.0.0\n1.0.0\n2\n");
  launch_fixture_assert_current (fixture, "versions/2.0.0");
}

/* Lets a library want more memory than there is. */
static void
make_huge (const char *path)
{
  g_autofree char *data = NULL;
  gsize size = 0;
  ElfW (Ehdr) head;
  ElfW (Phdr) part;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  memcpy (&head, data, sizeof head);
  for (gsize i = 0; i < head.e_phnum; i++)
    {
      char *at = data + head.e_phoff + i * sizeof part;

      memcpy (&part, at, sizeof part);
      if (part.p_type == PT_LOAD && (part.p_flags & PF_W) != 0)
        part.p_memsz = (ElfW (Xword)) 1 << 46;
      memcpy (at, &part, sizeof part);
    }
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

/* For want of memory a start counts as any other that fails; the version is not given up. */
static void
test_launch_library_no_memory (LaunchFixture *fixture, gconstpointer data)
{
  const char *argv[] = { fixture->launcher, NULL };
  g_autofree char *path =
      g_build_filename (fixture->install, "versions/2.0.0/bin", ONWARD_SAMPLE_LIBRARY, NULL);
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  int status = 0;

  set_up (fixture);
  copy (ONWARD_SAMPLE_NEW, fixture, ONWARD_SAMPLE_LIBRARY);
  make_huge (path);
  output = launch_fixture_run_command (argv, &status, &errors);
  g_assert_cmpint (status, !=, 0);
  g_assert_nonnull (strstr (errors, ONWARD_SAMPLE_LIBRARY));
  launch_fixture_assert_file (fixture, "var/trial", "2.0.0\n1.0.0\n2\n");
  launch_fixture_assert_current (fixture, "versions/2.0.0");
}

/* Nothing is asked of a version that is not on trial: it is started, whatever comes of it. */
static void
test_launch_library_without_trial (LaunchFixture *fixture, gconstpointer data)
{
  g_autofree char *trial = g_build_filename (fixture->install, "var/trial", NULL);

  set_up (fixture);
  g_assert_cmpint (unlink (trial), ==, 0);
  launch_fixture_assert_starts (fixture, "");
  launch_fixture_assert_current (fixture, "versions/2.0.0");
}

/* Damages one byte of the head of the program after the other: whatever it names as its dynamic
 * linker, the start comes to an end. */
static void
test_launch_library_damaged (LaunchFixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->install, "versions/2.0.0/bin/app", NULL);
  g_autofree char *program = NULL;
  gsize size = 0;

  g_assert_true (g_file_get_contents (ONWARD_SAMPLE_PROGRAM, &program, &size, NULL));
  for (gsize i = 4; i < 200; i += 3)
    {
      g_autofree char *damaged = g_memdup2 (program, size);
      g_autofree char *output = NULL;

      damaged[i] = (char) ~damaged[i];
      g_assert_true (g_file_set_contents (path, damaged, (gssize) size, NULL));
      g_assert_cmpint (chmod (path, 0755), ==, 0);
      launch_fixture_point_current_at (fixture, "versions/2.0.0");
      onward_test_write (fixture->install, "var/trial", "2.0.0\n1.0.0\n3\n");
      output = launch_fixture_run (fixture);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Who runs tests lets them find every library of the build, the one that is to be missing too. */
  g_unsetenv ("LD_LIBRARY_PATH");

  launch_fixture_add ("/launch/library/missing", NULL, test_launch_library_missing);
  launch_fixture_add ("/launch/library/missing-ignored", NULL, test_launch_library_missing_ignored);
  launch_fixture_add ("/launch/library/too-old", NULL, test_launch_library_too_old);
  launch_fixture_add ("/launch/library/found", NULL, test_launch_library_found);
  launch_fixture_add ("/launch/library/no-memory", NULL, test_launch_library_no_memory);
  launch_fixture_add ("/launch/library/without-trial", NULL, test_launch_library_without_trial);
  launch_fixture_add ("/launch/library/damaged", NULL, test_launch_library_damaged);

  return g_test_run ();
}
