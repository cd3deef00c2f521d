/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-restart.h"

/* Whoever is asked "save your changes?" needs time to answer; then the user is told instead. */
#define PATIENCE_SECONDS 30
/* How often is looked whether the last copy has gone. */
#define LOOK_MS 100

static void look (GTask *task);

typedef struct
{
  GDBusConnection *bus; /* (owned) */
  guint watch;
  guint timeout;
  guint look;
  gboolean is_over; /* whether the answer was given */
  char *copy;       /* (owned) (nullable): the copy that is waited for */
} Restart;

static void
restart_free (gpointer data)
{
  Restart *restart = data;

  if (restart->watch != 0)
    g_bus_unwatch_name (restart->watch);
  g_clear_handle_id (&restart->timeout, g_source_remove);
  g_clear_handle_id (&restart->look, g_source_remove);
  g_clear_object (&restart->bus);
  g_free (restart->copy);
  g_free (restart);
}

static void
stop_waiting (GTask *task)
{
  Restart *restart = g_task_get_task_data (task);

  restart->is_over = TRUE;
  g_clear_handle_id (&restart->timeout, g_source_remove);
  g_clear_handle_id (&restart->look, g_source_remove);
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
on_pruned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  /* What stands in its way now is done after the next update. */
  (void) onward_client_prune_finish (ONWARD_CLIENT (source), result, NULL);
  if (start (g_task_get_source_object (task), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* What the last copy has saved is carried over before the new version looks for it. */
static void
finish (GTask *task)
{
  stop_waiting (task);
  onward_client_prune_async (g_task_get_source_object (task), NULL, on_pruned, task);
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
                           "Restarting “%s”: it is still running after %d seconds%s%s",
                           onward_client_get_application_id (client), PATIENCE_SECONDS,
                           restart->copy != NULL ? ": " : "",
                           restart->copy != NULL ? restart->copy : "");
  return G_SOURCE_REMOVE;
}

/* The line of a copy of an older version, or NULL. */
static const char *
find_old_copy (OnwardClient *client, char **lines)
{
  g_autofree char *own = g_strconcat (onward_client_get_version (client), " ", NULL);

  for (char **line = lines; line != NULL && *line != NULL; line++)
    {
      if (!g_str_has_prefix (*line, own))
        return *line;
    }

  return NULL;
}

static gboolean
on_look (gpointer user_data)
{
  GTask *task = user_data;
  Restart *restart = g_task_get_task_data (task);

  restart->look = 0;
  look (task);
  return G_SOURCE_REMOVE;
}

static void
on_running (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardClient *client = ONWARD_CLIENT (source);
  Restart *restart = g_task_get_task_data (task);
  g_auto (GStrv) lines = onward_client_list_running_finish (client, result, NULL);
  OnwardStatus *status = onward_client_get_status (client);
  OnwardState state = onward_status_get_state (status);
  gboolean is_to_come = state == ONWARD_STATE_READY || state == ONWARD_STATE_APPLYING;
  const char *copy =
      is_to_come ? onward_status_get_waiting_for (status) : find_old_copy (client, lines);

  if (restart->is_over)
    return;
  if (state == ONWARD_STATE_FAILED)
    {
      stop_waiting (task);
      g_task_return_error (task, g_error_copy (onward_status_get_error (status)));
      return;
    }
  if (copy == NULL && !is_to_come)
    {
      finish (task);
      return;
    }

  g_free (restart->copy);
  restart->copy = g_strdup (copy);
  restart->look = g_timeout_add (LOOK_MS, on_look, task);
}

/* Another window of it may still be open, and what it saves at its end belongs to the new version:
 * that is started when the last copy has gone, and, where it has to take the place of the old one,
 * when it has done so. */
static void
look (GTask *task)
{
  onward_client_list_running_async (g_task_get_source_object (task), on_running,
                                    g_object_ref (task));
}

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  onward_restart_ask_to_quit (bus, name);
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  GTask *task = user_data;
  Restart *restart = g_task_get_task_data (task);

  /* The search is begun once; it goes on by itself. */
  if (restart->copy == NULL && restart->look == 0)
    look (task);
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
 * Restarts the application when the last copy of an older version has ended. One that is on the bus
 * is asked to; one that does not within half a minute is left alone, with %ONWARD_ERROR_BUSY.
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
  restart->timeout = g_timeout_add_seconds (PATIENCE_SECONDS, on_patience_ended, task);
  if (bus == NULL || !g_dbus_is_name (id))
    {
      look (task);
      return;
    }
  restart->bus = g_object_ref (bus);
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
