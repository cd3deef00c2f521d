/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-updater-application.h"

#include <stdlib.h>

#include "onward-presenter.h"

#define ID               "io.github.onward.Updater"
#define LENGTH_OF_SUFFIX 16
#define DAY              (24u * 60u * 60u)

struct _OnwardUpdaterApplication
{
  GtkApplication parent_instance;

  char *install_dir; /* (owned) */
  gboolean background;
  int exit_status;
  OnwardPresenter *presenter; /* (owned) (nullable): until the first activation */
};

G_DEFINE_FINAL_TYPE (OnwardUpdaterApplication, onward_updater_application, GTK_TYPE_APPLICATION)

static void
onward_updater_application_dispose (GObject *object)
{
  OnwardUpdaterApplication *self = ONWARD_UPDATER_APPLICATION (object);

  g_clear_object (&self->presenter);
  g_clear_pointer (&self->install_dir, g_free);
  G_OBJECT_CLASS (onward_updater_application_parent_class)->dispose (object);
}

static void
open_install (OnwardUpdaterApplication *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardClient) client = onward_client_new (self->install_dir, &error);

  if (client == NULL)
    {
      g_printerr ("onward-updater: %s\n", error->message);
      self->exit_status = EXIT_FAILURE;
      return;
    }
  self->presenter = onward_presenter_new (GTK_APPLICATION (self), client);
  onward_presenter_begin (self->presenter, self->background);
}

static void
onward_updater_application_activate (GApplication *application)
{
  OnwardUpdaterApplication *self = ONWARD_UPDATER_APPLICATION (application);

  if (self->presenter != NULL)
    onward_presenter_present (self->presenter);
  else
    open_install (self);
}

static void
on_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  OnwardUpdaterApplication *self = user_data;
  const char *name = g_action_get_name (G_ACTION (action));

  if (self->presenter == NULL)
    return;
  onward_presenter_present (self->presenter);
  if (g_str_equal (name, "install"))
    onward_presenter_take_intent (self->presenter, ONWARD_INTENT_START, 0);
  else if (g_str_equal (name, "later"))
    onward_presenter_take_intent (self->presenter, ONWARD_INTENT_REMIND, DAY);
  else if (g_str_equal (name, "restart"))
    onward_presenter_take_intent (self->presenter, ONWARD_INTENT_RESTART, 0);
}

static void
onward_updater_application_startup (GApplication *application)
{
  const GActionEntry actions[] = {
    { "show", on_action },
    { "install", on_action },
    { "later", on_action },
    { "restart", on_action },
  };

  G_APPLICATION_CLASS (onward_updater_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
}

static void
onward_updater_application_class_init (OnwardUpdaterApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = onward_updater_application_dispose;
  application_class->startup = onward_updater_application_startup;
  application_class->activate = onward_updater_application_activate;
}

static void
onward_updater_application_init (OnwardUpdaterApplication *self)
{
}

/**
 * onward_updater_application_dup_id:
 * @install_dir: an install folder
 *
 * Returns: (transfer full): the id of the updater of @install_dir, the same for every path that
 * leads to the folder, and another for every other folder.
 */
char *
onward_updater_application_dup_id (const char *install_dir)
{
  g_autofree char *absolute = g_canonicalize_filename (install_dir, NULL);
  char *real = realpath (absolute, NULL);
  g_autofree char *digest =
      g_compute_checksum_for_string (G_CHECKSUM_SHA256, real != NULL ? real : absolute, -1);

  free (real);
  return g_strdup_printf (ID ".i%.*s", LENGTH_OF_SUFFIX, digest);
}

/**
 * onward_updater_application_new:
 * @install_dir: the install folder
 * @background: whether to show a window only when there is something to decide
 * @forced: whether the host application cannot go on without an update
 *
 * Returns: (transfer full): a new application.
 */
OnwardUpdaterApplication *
onward_updater_application_new (const char *install_dir, gboolean background, gboolean forced)
{
  g_autofree char *id = NULL;
  OnwardUpdaterApplication *self = NULL;

  g_return_val_if_fail (install_dir != NULL, NULL);

  id = onward_updater_application_dup_id (install_dir);
  self = g_object_new (ONWARD_TYPE_UPDATER_APPLICATION, "application-id", id, NULL);
  self->install_dir = g_strdup (install_dir);
  /* Someone who cannot go on waits before the window, whatever else was asked for. */
  self->background = background && !forced;
  return self;
}

/**
 * onward_updater_application_run:
 * @self: an application
 *
 * Runs until the window is closed. When another process updates the same install, its window is
 * shown instead, except for a check in the background.
 *
 * Returns: the exit status.
 */
int
onward_updater_application_run (OnwardUpdaterApplication *self)
{
  g_autoptr (GError) error = NULL;
  int status;

  g_return_val_if_fail (ONWARD_IS_UPDATER_APPLICATION (self), EXIT_FAILURE);

  if (!g_application_register (G_APPLICATION (self), NULL, &error))
    {
      g_printerr ("onward-updater: %s\n", error->message);
      return EXIT_FAILURE;
    }
  if (self->background && g_application_get_is_remote (G_APPLICATION (self)))
    return EXIT_SUCCESS;
  status = g_application_run (G_APPLICATION (self), 0, NULL);
  return status != EXIT_SUCCESS ? status : self->exit_status;
}
