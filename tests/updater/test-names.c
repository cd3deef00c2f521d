/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-restart.h"
#include "onward-test.h"
#include "onward-updater-application.h"

/* Each install has one name on the bus, whatever path leads to it, and no other has the same. */
static void
test_names_of_installs (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *install = g_build_filename (dir, "app", NULL);
  g_autofree char *other = g_build_filename (dir, "other", NULL);
  g_autofree char *roundabout = g_build_filename (dir, "other", "..", "link", NULL);
  g_autoptr (GFile) link = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  g_autofree char *link_path = g_build_filename (dir, "link", NULL);

  g_assert_no_errno (g_mkdir_with_parents (install, 0755));
  g_assert_no_errno (g_mkdir_with_parents (other, 0755));
  link = g_file_new_for_path (link_path);
  g_assert_true (g_file_make_symbolic_link (link, "app", NULL, NULL));

  first = onward_updater_application_dup_id (install);
  second = onward_updater_application_dup_id (roundabout);
  third = onward_updater_application_dup_id (other);

  g_assert_true (g_application_id_is_valid (first));
  g_assert_true (g_str_has_prefix (first, "io.github.onward.Updater.i"));
  g_assert_cmpstr (first, ==, second);
  g_assert_cmpstr (first, !=, third);
}

/* A folder that is not there has a name too: the program then says that it is not there. */
static void
test_names_of_nothing (void)
{
  g_autofree char *id = onward_updater_application_dup_id ("/nonexistent/\xff folder");

  g_assert_true (g_application_id_is_valid (id));
}

/* Applications are asked to quit where GApplication listens. */
static void
test_names_of_paths (void)
{
  static const char *const names[][2] = {
    { "org.example.App", "/org/example/App" },
    { "org.my-company.App_2", "/org/my_company/App_2" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = onward_restart_dup_path (names[i][0]);

      g_assert_cmpstr (path, ==, names[i][1]);
      g_assert_true (g_variant_is_object_path (path));
    }
}

/* Asking nobody to quit is no error: there is no bus, or the id is no name on one. */
static void
test_names_that_nobody_has (void)
{
  onward_restart_ask_to_quit (NULL, "org.example.App");
  onward_restart_ask_to_quit (NULL, "not a name");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/names/installs", test_names_of_installs);
  g_test_add_func ("/names/nothing", test_names_of_nothing);
  g_test_add_func ("/names/paths", test_names_of_paths);
  g_test_add_func ("/names/nobody", test_names_that_nobody_has);
  return g_test_run ();
}
