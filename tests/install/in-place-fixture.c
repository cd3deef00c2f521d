/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "in-place-fixture.h"
#include "onward-current.h"
#include "onward-fd.h"
#include "onward-switch.h"

void
in_place_fixture_write_layout (InstallFixture *self, const char *layout)
{
  g_autofree char *text = g_strdup_printf ("[Application]\nId=org.example.Demo\nName=Demo\n"
                                           "Command=bin/app\nRepository=file:///nonexistent\n"
                                           "Layout=%s\nKeep=user/*;*.cfg;\n",
                                           layout);

  onward_test_write (self->dir, "onward.ini", text);
}

void
in_place_fixture_rename_in (InstallFixture *self, const char *from, const char *to)
{
  g_autofree char *old = install_fixture_path (self, from);
  g_autofree char *new = install_fixture_path (self, to);

  g_assert_cmpint (rename (old, new), ==, 0);
}

void
in_place_fixture_mark (InstallFixture *self, const char *folder, const char *version)
{
  g_autofree char *path = g_build_filename (self->dir, folder, IN_PLACE_MARK, NULL);
  g_autofree char *target = g_strconcat ("versions/", version, NULL);

  (void) unlink (path);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

void
in_place_fixture_set_up (InstallFixture *self, gconstpointer data)
{
  install_fixture_set_up (self, data);
  in_place_fixture_write_layout (self, "in-place");
  install_fixture_add_version (self, "1.0.0");
  install_fixture_add_version (self, "1.1.0");
  install_fixture_add_version (self, "2.0.0");
  in_place_fixture_rename_in (self, "versions/1.0.0", "current");
  in_place_fixture_mark (self, "current", "1.0.0");
}

int
in_place_fixture_pin (InstallFixture *self, const char *name)
{
  g_autofree char *folder = install_fixture_path (self, name);
  int copy = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (flock (copy, LOCK_SH), ==, 0);
  return copy;
}

void
in_place_fixture_switch_to (InstallFixture *self, const char *version)
{
  g_autoptr (GError) error = NULL;

  onward_switch_to (self->install, version, &error);
  g_assert_no_error (error);
}

void
in_place_fixture_assert_folder (InstallFixture *self, const char *folder, const char *version)
{
  g_autofree char *path = g_build_filename (folder, "bin/app", NULL);
  g_autofree char *text = onward_test_read (self->dir, path);

  g_assert_cmpstr (text, ==, version);
}

void
in_place_fixture_assert_settled (InstallFixture *self, const char *current)
{
  static const char *const versions[] = { "2.0.0", "1.1.0", "1.0.0" };
  g_auto (GStrv) found = onward_install_list_versions (self->install, NULL);

  install_fixture_assert_current (self, current);
  g_assert_true (onward_current_is_settled (self->install));
  in_place_fixture_assert_folder (self, "current", current);
  g_assert_cmpuint (g_strv_length (found), ==, G_N_ELEMENTS (versions));
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *folder = g_build_filename ("versions", versions[i], NULL);
      g_auto (OnwardFd) fd = onward_install_open_version (self->install, versions[i], NULL);

      g_assert_cmpstr (found[i], ==, versions[i]);
      g_assert_cmpint (fd, >=, 0);
      if (g_str_equal (versions[i], current))
        g_assert_false (install_fixture_exists (self, folder));
      else
        in_place_fixture_assert_folder (self, folder, versions[i]);
    }
}
