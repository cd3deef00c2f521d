/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "launch-fixture.h"

/* The application says which version it is, where it was told it lives, and its arguments. */
#define APP(version) "#!/bin/sh\necho \"" version " $ONWARD_INSTALL $*\"\n"

/* clang-format off */
static const LaunchBroken broken_programs[] = {
  { "missing",             NULL,                                  0755 },
  { "not-a-program",       "\x01\x02\x03 nothing that runs\n",    0755 },
  { "cut-elf",             "\x7f" "ELF\x02\x01\x01",              0755 },
  { "missing-interpreter", "#!/nonexistent/interpreter\necho x\n", 0755 },
  { "not-executable",      "#!/bin/sh\necho x\n",                 0644 },
  { "empty",               "",                                    0755 },
};
/* clang-format on */

static void
write_program (const LaunchFixture *self, const char *version, const char *contents, gsize length)
{
  g_autofree char *dir = g_build_filename (self->install, "versions", version, "bin", NULL);
  g_autofree char *path = g_build_filename (dir, "app", NULL);

  g_assert_cmpint (g_mkdir_with_parents (dir, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, contents, (gssize) length, NULL));
  g_assert_cmpint (chmod (path, 0755), ==, 0);
}

void
launch_fixture_write_script (const LaunchFixture *self, const char *version, const char *script)
{
  write_program (self, version, script, strlen (script));
}

void
launch_fixture_point_current_at (const LaunchFixture *self, const char *target)
{
  g_autofree char *path = g_build_filename (self->install, "current", NULL);

  (void) unlink (path);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

void
launch_fixture_set_up (LaunchFixture *self, gconstpointer data)
{
  g_autofree char *binary = NULL;
  gsize length = 0;

  self->root = onward_test_make_dir ();
  self->install = g_build_filename (self->root, "my apps", "demo 2", NULL);
  self->launcher = g_build_filename (self->install, "demo app", NULL);
  onward_test_write (self->install, "onward.ini", LAUNCH_CONFIG);
  onward_test_write (self->install, "var/.keep", "");
  g_assert_true (g_file_get_contents (ONWARD_LAUNCH, &binary, &length, NULL));
  g_assert_true (g_file_set_contents (self->launcher, binary, (gssize) length, NULL));
  g_assert_cmpint (chmod (self->launcher, 0755), ==, 0);
  launch_fixture_write_script (self, "1.0.0", APP ("1.0.0"));
  launch_fixture_write_script (self, "2.0.0", APP ("2.0.0"));
  launch_fixture_point_current_at (self, "versions/2.0.0");
}

void
launch_fixture_tear_down (LaunchFixture *self, gconstpointer data)
{
  onward_test_remove_dir (self->root);
  g_free (self->install);
  g_free (self->launcher);
}

char *
launch_fixture_run_command (const char *const *argv, int *ret_status, char **ret_errors)
{
  g_autoptr (GError) error = NULL;
  char *output = NULL;
  int status = 0;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, ret_errors,
                &status, &error);
  g_assert_no_error (error);
  if (ret_status != NULL)
    *ret_status = WIFEXITED (status) ? WEXITSTATUS (status) : -1;
  return g_strchomp (output);
}

char *
launch_fixture_run (const LaunchFixture *self)
{
  const char *argv[] = { self->launcher, NULL };
  g_autofree char *errors = NULL;

  return launch_fixture_run_command (argv, NULL, &errors);
}

char *
launch_fixture_started_version (const LaunchFixture *self)
{
  g_autofree char *output = launch_fixture_run (self);

  return g_strndup (output, strcspn (output, " "));
}

void
launch_fixture_assert_starts (const LaunchFixture *self, const char *version)
{
  g_autofree char *started = launch_fixture_started_version (self);

  g_assert_cmpstr (started, ==, version);
}

void
launch_fixture_assert_current (const LaunchFixture *self, const char *expected)
{
  g_autofree char *path = g_build_filename (self->install, "current", NULL);
  g_autofree char *target = g_file_read_link (path, NULL);

  g_assert_cmpstr (target, ==, expected);
}

void
launch_fixture_assert_file (const LaunchFixture *self, const char *name, const char *expected)
{
  g_autofree char *path = g_build_filename (self->install, name, NULL);
  g_autofree char *contents = NULL;

  (void) g_file_get_contents (path, &contents, NULL, NULL);
  g_assert_cmpstr (contents, ==, expected);
}

void
launch_fixture_assert_tidy (const LaunchFixture *self)
{
  g_autofree char *var = g_build_filename (self->install, "var", NULL);
  const char *const folders[] = { self->install, var };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autoptr (GDir) dir = g_dir_open (folders[i], 0, NULL);
      const char *name;

      while ((name = g_dir_read_name (dir)) != NULL)
        g_assert_false (name[0] == '.' && !g_str_equal (name, ".keep"));
    }
}

void
launch_fixture_break_program (const LaunchFixture *self, const char *version,
                              const LaunchBroken *broken)
{
  g_autofree char *path = g_build_filename (self->install, "versions", version, "bin/app", NULL);

  if (broken->contents == NULL)
    g_assert_cmpint (unlink (path), ==, 0);
  else
    launch_fixture_write_script (self, version, broken->contents);
  if (broken->contents != NULL)
    g_assert_cmpint (chmod (path, (mode_t) broken->mode), ==, 0);
}

void
launch_fixture_add (const char *path, gconstpointer data,
                    void (*test) (LaunchFixture *, gconstpointer))
{
  g_test_add (path, LaunchFixture, data, launch_fixture_set_up, test, launch_fixture_tear_down);
}

void
launch_fixture_add_broken (const char *prefix, void (*test) (LaunchFixture *, gconstpointer))
{
  for (guint i = 0; i < G_N_ELEMENTS (broken_programs); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s", prefix, broken_programs[i].name);

      launch_fixture_add (path, &broken_programs[i], test);
    }
}
