/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-client-private.h"
#include "onward-component.h"

/* One component on its way. */
typedef struct
{
  OnwardClient *client; /* (unowned): the task's source */
  char *name;           /* (owned) */
  guint64 n_bytes;      /* output */
} Ensuring;

static void
ensuring_free (Ensuring *ensuring)
{
  g_free (ensuring->name);
  g_free (ensuring);
}

/**
 * onward_client_components_add_signals:
 * @klass: the class of clients
 *
 * Makes their signals.
 */
void
onward_client_components_add_signals (OnwardClientClass *klass)
{
  /**
   * OnwardClient::component-progress:
   * @self: a client
   * @name: the component that is on its way
   * @done: how many of its bytes are here
   * @total: how many there are to fetch
   *
   * Emitted while onward_client_ensure_component_async() fetches.
   */
  g_signal_new ("component-progress", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                NULL, G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_UINT64, G_TYPE_UINT64);

  /**
   * OnwardClient::maintenance-status:
   * @self: a client
   * @status: what it is like now
   *
   * Emitted while onward_client_ensure_component_async() or onward_client_repair_async() fetches:
   * how much of what is needed is here, how fast it comes, and, when the connection is lost, when
   * the next try begins. @status is in state downloading, reconnecting or offline, so that what
   * shows an update can show it. It says nothing of an update: #OnwardClient:status stays as it is.
   */
  g_signal_new ("maintenance-status", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                NULL, G_TYPE_NONE, 1, ONWARD_TYPE_STATUS);
}

/**
 * onward_client_components_tell:
 * @status: what is fetched
 * @client: an #OnwardClient
 *
 * An OnwardFlowRepairProgress that tells whoever listens to the client.
 */
void
onward_client_components_tell (OnwardStatus *status, gpointer client)
{
  g_signal_emit_by_name (client, "maintenance-status", status);
}

static void
on_progress (OnwardStatus *status, gpointer user_data)
{
  Ensuring *ensuring = user_data;
  guint64 total = onward_status_get_bytes_total (status);

  onward_client_components_tell (status, ensuring->client);
  if (total > 0)
    g_signal_emit_by_name (ensuring->client, "component-progress", ensuring->name,
                           onward_status_get_bytes_done (status), total);
}

static void
on_ensured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Ensuring *ensuring = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  guint n_files;

  if (onward_flow_repair_finish (ONWARD_FLOW (source), result, &n_files, &ensuring->n_bytes,
                                 &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * onward_client_ensure_component_async:
 * @self: a client
 * @name: the name of a component of the current version
 * @cancellable: (nullable): ends it; what was fetched is kept
 * @callback: (scope async): called when it has ended
 * @user_data: for @callback
 *
 * Makes a component present: its bytes, and no others, are fetched from the release that is
 * installed, verified, and put into the version, each of its folders whole and by one rename. The
 * application goes on running meanwhile; #OnwardClient::component-progress tells how far it is, and
 * #OnwardClient::maintenance-status also how fast, and when a lost connection is tried again. A
 * component that is present asks nothing of the network. It stays with the updates that follow,
 * until onward_client_remove_component_async().
 *
 * Fails with %ONWARD_ERROR_NOT_FOUND when the version has no such component, or is no longer
 * published, with %ONWARD_ERROR_BUSY while an update is under way, with %ONWARD_ERROR_NO_SPACE, and
 * as an update does with the network and with what cannot be trusted.
 */
void
onward_client_ensure_component_async (OnwardClient *self, const char *name,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Ensuring *ensuring;

  g_return_if_fail (ONWARD_IS_CLIENT (self));
  g_return_if_fail (name != NULL);

  ensuring = g_new0 (Ensuring, 1);
  ensuring->client = self;
  ensuring->name = g_strdup (name);
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, onward_client_ensure_component_async);
  g_task_set_task_data (task, ensuring, (GDestroyNotify) ensuring_free);
  onward_flow_repair_async (self->flow, name, on_progress, ensuring, cancellable, on_ensured,
                            g_steal_pointer (&task));
}

/**
 * onward_client_ensure_component_finish:
 * @self: a client
 * @result: what the callback got
 * @ret_bytes: (out) (optional): how many bytes of content were fetched for that
 * @error: return location
 *
 * Returns: whether the component is present
 */
gboolean
onward_client_ensure_component_finish (OnwardClient *self, GAsyncResult *result, guint64 *ret_bytes,
                                       GError **error)
{
  const Ensuring *ensuring;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  ensuring = g_task_get_task_data (G_TASK (result));
  if (ret_bytes != NULL)
    *ret_bytes = ensuring->n_bytes;
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_component_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (onward_flow_component_remove_finish (ONWARD_FLOW (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * onward_client_remove_component_async:
 * @self: a client
 * @name: the name of a component of the current version
 * @callback: (scope async): called when it has ended
 * @user_data: for @callback
 *
 * Makes a component absent, also from the updates that follow. While a copy of the current version
 * runs, which may be about to read them, the files stay; the first check after that takes them
 * away.
 */
void
onward_client_remove_component_async (OnwardClient *self, const char *name,
                                      GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ONWARD_IS_CLIENT (self));
  g_return_if_fail (name != NULL);

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, onward_client_remove_component_async);
  onward_flow_component_remove_async (self->flow, name, on_component_removed,
                                      g_steal_pointer (&task));
}

/**
 * onward_client_remove_component_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: whether the component is absent
 */
gboolean
onward_client_remove_component_finish (OnwardClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list =
      onward_flow_component_list_finish (ONWARD_FLOW (source), result, &error);

  if (list == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  for (guint i = 0; i < list->len; i++)
    {
      const OnwardComponent *component = g_ptr_array_index (list, i);
      g_autofree char *line = g_strdup_printf ("%s %" G_GUINT64_FORMAT " %s",
                                               component->is_present ? "present" : "absent",
                                               component->size, component->name);

      g_strv_builder_add (lines, line);
    }
  g_task_return_pointer (task, g_strv_builder_end (lines), (GDestroyNotify) g_strfreev);
}

/**
 * onward_client_list_components_async:
 * @self: a client
 * @callback: (scope async): called with what was found
 * @user_data: for @callback
 *
 * Finds out which components the current version has. Asks nothing of the network.
 */
void
onward_client_list_components_async (OnwardClient *self, GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ONWARD_IS_CLIENT (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, onward_client_list_components_async);
  onward_flow_component_list_async (self->flow, on_listed, g_steal_pointer (&task));
}

/**
 * onward_client_list_components_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full) (array zero-terminated=1): lines "present BYTES NAME" and "absent BYTES
 *   NAME", sorted by name; BYTES is what the files of the component take on the disk
 */
char **
onward_client_list_components_finish (OnwardClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
