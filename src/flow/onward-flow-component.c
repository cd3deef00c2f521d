/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-component.h"
#include "onward-error.h"
#include "onward-flow-private.h"
#include "onward-log.h"
#include "onward-worker.h"

typedef struct
{
  OnwardInstall *install; /* (unowned): outlives the work */
  char *version;          /* (owned) */
  char *name;             /* (owned) (nullable): what is removed */
  GPtrArray *list;        /* (owned) (nullable): output */
} Work;

static void
work_free (Work *work)
{
  g_clear_pointer (&work->list, g_ptr_array_unref);
  g_free (work->version);
  g_free (work->name);
  g_free (work);
}

static Work *
work_new (OnwardFlow *self, const char *name)
{
  Work *work = g_new0 (Work, 1);

  work->install = self->install;
  work->version = g_strdup (self->version);
  work->name = g_strdup (name);
  return work;
}

static gboolean
list_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Work *work = data;

  work->list = onward_component_list (work->install, work->version, error);
  return work->list != NULL;
}

/**
 * onward_flow_component_list_async:
 * @self: a flow
 * @callback: called when it is known
 * @user_data: for @callback
 *
 * Finds out which components the current version has, and which of them are here.
 */
void
onward_flow_component_list_async (OnwardFlow *self, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (ONWARD_IS_FLOW (self));

  onward_worker_run_async (self, list_in_thread, work_new (self, NULL), (GDestroyNotify) work_free,
                           NULL, callback, user_data);
}

/**
 * onward_flow_component_list_finish:
 * @self: a flow
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full) (element-type OnwardComponent): the components, by name
 */
GPtrArray *
onward_flow_component_list_finish (OnwardFlow *self, GAsyncResult *result, GError **error)
{
  Work *work = onward_worker_get_data (result);

  return onward_worker_run_finish (result, error) ? g_steal_pointer (&work->list) : NULL;
}

/* What cannot be taken away now is taken away later. */
static gboolean
remove_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Work *work = data;
  g_autoptr (GError) failure = NULL;

  if (!onward_component_remove (work->install, work->version, work->name, error))
    return FALSE;
  if (!onward_component_sweep (work->install, work->version, NULL, &failure))
    g_debug ("%s, ignoring", failure->message);
  return TRUE;
}

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardFlow *self = ONWARD_FLOW (source);
  const Work *work = onward_worker_get_data (result);
  g_autoptr (GError) error = NULL;
  gboolean done = onward_worker_run_finish (result, &error);

  if (done)
    {
      onward_log_write (onward_paths_get_log (self->paths), "removed: “%s” of version %s",
                        work->name, work->version);
      onward_flow_chore_start_over (self);
    }
  onward_flow_chore_end (self, task, done, g_steal_pointer (&error));
}

/**
 * onward_flow_component_remove_async:
 * @self: a flow
 * @name: a component
 * @callback: called when it has ended
 * @user_data: for @callback
 *
 * Makes a component absent from the current version, and from those that follow. Its files are
 * taken away at once, or, while a copy of the version runs that may be about to read them, by the
 * first check after that has ended.
 */
void
onward_flow_component_remove_async (OnwardFlow *self, const char *name,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GError) error = NULL;

  g_return_if_fail (ONWARD_IS_FLOW (self));
  g_return_if_fail (name != NULL);

  g_task_set_source_tag (task, onward_flow_component_remove_async);
  if (!onward_flow_chore_begin_writing (self, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  onward_worker_run_async (self, remove_in_thread, work_new (self, name),
                           (GDestroyNotify) work_free, NULL, on_removed, g_steal_pointer (&task));
}

/**
 * onward_flow_component_remove_finish:
 * @self: a flow
 * @result: what the callback got
 * @error: return location
 *
 * Returns: whether the component is absent
 */
gboolean
onward_flow_component_remove_finish (OnwardFlow *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
