/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gio/gio.h>

#include "onward-preferences.h"

#define ID   "org.example.Inkwell"
#define PATH "/io/github/onward/" ID "/"

/* Nobody has chosen: the application may look. */
static void
test_preferences_default (void)
{
  g_assert_true (onward_preferences_checks_automatically (ID));
}

/* Who said no is not asked for, and the choice is one application's own. */
static void
test_preferences_refusal (void)
{
  g_autoptr (GSettings) settings = g_settings_new_with_path ("io.github.onward.Updater", PATH);

  g_assert_true (g_settings_set_boolean (settings, "check-automatically", FALSE));
  g_assert_false (onward_preferences_checks_automatically (ID));
  g_assert_true (onward_preferences_checks_automatically ("org.example.Other"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preferences/default", test_preferences_default);
  g_test_add_func ("/preferences/refusal", test_preferences_refusal);
  return g_test_run ();
}
