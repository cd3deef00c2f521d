/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-client-private.h"

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  gboolean found = onward_flow_check_finish (ONWARD_FLOW (source), result, &error);

  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, found);
}

static void
on_described (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (onward_flow_describe_finish (ONWARD_FLOW (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * onward_client_check_async:
 * @self: a client
 * @all: whether skipped, postponed and not yet rolled out versions count too, as they do when the
 *   user asked for the check
 * @cancellable: (nullable): ends the check
 * @callback: (scope async): called when it has ended
 * @user_data: for @callback
 *
 * Asks the repository for newer versions. A check that the user did not ask for is left out, and
 * answered with %FALSE, while the user wants none yet: see onward_client_get_settings().
 */
void
onward_client_check_async (OnwardClient *self, gboolean all, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ONWARD_IS_CLIENT (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, onward_client_check_async);
  if (!all && !onward_client_preferences_are_due (self))
    {
      g_task_return_boolean (task, FALSE);
      return;
    }
  onward_flow_check_async (self->flow, all ? ONWARD_CHECK_MANUAL : ONWARD_CHECK_AUTOMATIC,
                           cancellable, on_checked, g_steal_pointer (&task));
}

/**
 * onward_client_check_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: whether there is a newer version to tell of; the status has it
 */
gboolean
onward_client_check_finish (OnwardClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * onward_client_describe_async:
 * @self: a client whose status is available
 * @cancellable: (nullable): ends it
 * @callback: (scope async): called when it has ended
 * @user_data: for @callback
 *
 * Fetches the notes of every newer release and finds out the exact size of the download.
 */
void
onward_client_describe_async (OnwardClient *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ONWARD_IS_CLIENT (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, onward_client_describe_async);
  onward_flow_describe_async (self->flow, cancellable, on_described, g_steal_pointer (&task));
}

/**
 * onward_client_describe_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: whether the status is described now
 */
gboolean
onward_client_describe_finish (OnwardClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
