/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-restart.h"

/* Whoever is asked "save your changes?" needs time to answer; then the user is told instead. */
#define PATIENCE_SECONDS 30

typedef struct
{
  GDBusConnection *bus; /* (owned) */
  guint watch;
  guint timeout;
} Restart;

static void
restart_free (gpointer data)
{
  Restart *restart = data;

  if (restart->watch != 0)
    g_bus_unwatch_name (restart->watch);
  g_clear_handle_id (&restart->timeout, g_source_remove);
  g_clear_object (&restart->bus);
  g_free (restart);
}

static void
stop_waiting (GTask *task)
{
  Restart *restart = g_task_get_task_data (task);

  g_clear_handle_id (&restart->timeout, g_source_remove);
  g_clear_handle_id (&restart->watch, g_bus_unwatch_name);
}

/* The started application must not inherit what only this process asked of GLib. */
static gboolean
start (OnwardClient *client, GError **error)
{
  g_unsetenv ("GNOTIFICATION_BACKEND");
  return onward_client_start_application (client, error);
}

static void
finish (GTask *task)
{
  g_autoptr (GTask) owned = task;
  g_autoptr (GError) error = NULL;

  stop_waiting (task);
  if (start (g_task_get_source_object (task), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static gboolean
on_patience_ended (gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardClient *client = g_task_get_source_object (task);
  Restart *restart = g_task_get_task_data (task);

  restart->timeout = 0;
  stop_waiting (task);
  g_task_return_new_error (task, ONWARD_ERROR, ONWARD_ERROR_BUSY,
                           "Restarting “%s”: it is still running after %d seconds",
                           onward_client_get_application_id (client), PATIENCE_SECONDS);
  return G_SOURCE_REMOVE;
}

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  onward_restart_ask_to_quit (bus, name);
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  finish (user_data);
}

/**
 * onward_restart_dup_path:
 * @application_id: an application's id
 *
 * Returns: (transfer full): the object path that GApplication exports for it.
 */
char *
onward_restart_dup_path (const char *application_id)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (application_id != NULL, NULL);

  path = g_strdup_printf ("/%s", application_id);
  g_strdelimit (path, ".", '/');
  g_strdelimit (path, "-", '_');
  return g_steal_pointer (&path);
}

/**
 * onward_restart_ask_to_quit:
 * @bus: (nullable): the session bus
 * @application_id: an application's id
 *
 * Activates the action "quit" of a running application. It is never started for that, and what it
 * answers does not matter: it may ask its user first.
 */
void
onward_restart_ask_to_quit (GDBusConnection *bus, const char *application_id)
{
  g_autofree char *path = NULL;

  g_return_if_fail (bus == NULL || G_IS_DBUS_CONNECTION (bus));

  if (bus == NULL || !g_dbus_is_name (application_id))
    return;
  path = onward_restart_dup_path (application_id);
  g_dbus_connection_call (bus, application_id, path, "org.freedesktop.Application",
                          "ActivateAction", g_variant_new ("(sava{sv})", "quit", NULL, NULL), NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
}

/**
 * onward_restart_run_async:
 * @client: the update, which has just been installed
 * @bus: (nullable): the session bus
 * @cancellable: (nullable): a #GCancellable
 * @callback: called when the application was started, or was not
 * @user_data: for @callback
 *
 * Restarts the application. One that is not on the bus is started at once; one that does not quit
 * within half a minute is left alone, with %ONWARD_ERROR_BUSY.
 */
void
onward_restart_run_async (OnwardClient *client, GDBusConnection *bus, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (client, cancellable, callback, user_data);
  const char *id = onward_client_get_application_id (client);
  Restart *restart = g_new0 (Restart, 1);

  g_task_set_source_tag (task, onward_restart_run_async);
  g_task_set_task_data (task, restart, restart_free);
  if (bus == NULL || !g_dbus_is_name (id))
    {
      finish (task);
      return;
    }
  restart->bus = g_object_ref (bus);
  restart->timeout = g_timeout_add_seconds (PATIENCE_SECONDS, on_patience_ended, task);
  restart->watch = g_bus_watch_name_on_connection (bus, id, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                   on_appeared, on_vanished, task, NULL);
}

/**
 * onward_restart_run_finish:
 * @result: what the callback got
 * @error: set when the application was not started
 *
 * Returns: whether the application was started.
 */
gboolean
onward_restart_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
