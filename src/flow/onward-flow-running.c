/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-flow-private.h"
#include "onward-running.h"
#include "onward-worker.h"

typedef struct
{
  OnwardInstall *install; /* (unowned): outlives the search, which only reads its descriptors */
  GPtrArray *running;     /* (owned) (nullable): output */
} Search;

static void
search_free (Search *search)
{
  g_clear_pointer (&search->running, g_ptr_array_unref);
  g_free (search);
}

static gboolean
search_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Search *search = data;

  search->running = onward_running_list (search->install);
  return TRUE;
}

/**
 * onward_flow_running_async:
 * @self: a flow
 * @callback: called with what was found
 * @user_data: for @callback
 *
 * Finds the copies of the application that run, whichever their version.
 */
void
onward_flow_running_async (OnwardFlow *self, GAsyncReadyCallback callback, gpointer user_data)
{
  Search *search = g_new0 (Search, 1);

  search->install = self->install;
  onward_worker_run_async (self, search_in_thread, search, (GDestroyNotify) search_free, NULL,
                           callback, user_data);
}

/**
 * onward_flow_running_finish:
 * @self: a flow
 * @result: what the callback got
 *
 * Returns: (transfer full) (element-type OnwardRunning): the copies, by process
 */
GPtrArray *
onward_flow_running_finish (OnwardFlow *self, GAsyncResult *result)
{
  Search *search = onward_worker_get_data (result);

  (void) onward_worker_run_finish (result, NULL);
  return g_steal_pointer (&search->running);
}
