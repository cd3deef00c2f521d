/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gio/gio.h>

#include "onward-preferences.h"

#define SCHEMA "io.github.onward.Updater"
#define PATH   "/io/github/onward/org.example.Inkwell/"

typedef struct
{
  GObject parent_instance;

  gboolean use_metered;
  guint64 rate_limit;
} Follower;

typedef GObjectClass FollowerClass;

GType follower_get_type (void);
G_DEFINE_TYPE (Follower, follower, G_TYPE_OBJECT)

static void
follower_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == 1)
    ((Follower *) object)->use_metered = g_value_get_boolean (value);
  else
    ((Follower *) object)->rate_limit = g_value_get_uint64 (value);
}

static void
follower_class_init (FollowerClass *klass)
{
  klass->set_property = follower_set_property;
  g_object_class_install_property (
      klass, 1, g_param_spec_boolean ("use-metered", NULL, NULL, FALSE, G_PARAM_WRITABLE));
  g_object_class_install_property (
      klass, 2,
      g_param_spec_uint64 ("rate-limit", NULL, NULL, 0, G_MAXUINT64, 0, G_PARAM_WRITABLE));
}

static void
follower_init (Follower *self)
{
  self->use_metered = TRUE;
}

/* What the user chooses counts at once, also while a download runs, and for one application. */
static void
test_preferences_are_followed (void)
{
  g_autoptr (GSettings) settings = g_settings_new_with_path (SCHEMA, PATH);
  g_autoptr (GObject) object = g_object_new (follower_get_type (), NULL);
  g_autoptr (GObject) stranger = g_object_new (follower_get_type (), NULL);
  g_autoptr (GSettings) other = g_settings_new_with_path (SCHEMA, "/io/github/onward/other/");
  Follower *follower = (Follower *) object;

  onward_preferences_bind (settings, object);
  onward_preferences_bind (other, stranger);
  g_assert_false (follower->use_metered);
  g_assert_true (g_settings_set_boolean (settings, "use-metered", TRUE));
  g_assert_true (g_settings_set_uint64 (settings, "limit-rate", 500000));
  while (!follower->use_metered || follower->rate_limit != 500000)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (((Follower *) stranger)->use_metered);
}

/* Without an installed schema there is nothing to follow. */
static void
test_preferences_are_absent (void)
{
  g_autoptr (GObject) object = g_object_new (follower_get_type (), NULL);

  onward_preferences_bind (NULL, object);
  g_assert_true (((Follower *) object)->use_metered);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preferences/are-followed", test_preferences_are_followed);
  g_test_add_func ("/preferences/are-absent", test_preferences_are_absent);
  return g_test_run ();
}
