/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench-loop.h"
#include "onward.h"

/* Updates an install as an application would, and tells how long the iterations of the main loop
 * were that would have drawn its window. */

static void
store_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
check (OnwardClient *client, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  onward_client_check_async (client, TRUE, NULL, store_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return onward_client_check_finish (client, result, error);
}

static gboolean
is_over (OnwardClient *client)
{
  OnwardState state = onward_status_get_state (onward_client_get_status (client));

  return state == ONWARD_STATE_APPLIED || state == ONWARD_STATE_FAILED;
}

static gboolean
update (OnwardClient *client, GError **error)
{
  const GError *problem = NULL;

  if (!onward_client_start (client, error))
    return FALSE;
  while (!is_over (client))
    g_main_context_iteration (NULL, TRUE);

  problem = onward_status_get_error (onward_client_get_status (client));
  if (problem != NULL)
    g_propagate_error (error, g_error_copy (problem));
  return problem == NULL;
}

static void
tell (const char *step, BenchLoop *loop)
{
  g_autofree char *iterations = bench_loop_print (loop);

  g_print ("{\"step\": \"%s\", \"loop\": %s}\n", step, iterations);
}

static gboolean
run (const char *install, GError **error)
{
  g_autoptr (BenchLoop) checking = bench_loop_new ();
  g_autoptr (OnwardClient) client = onward_client_new (install, error);
  g_autoptr (BenchLoop) updating = NULL;

  if (client == NULL || !check (client, error))
    return FALSE;
  tell ("check", checking);

  updating = bench_loop_new ();
  if (!update (client, error))
    return FALSE;
  tell ("update", updating);
  return TRUE;
}

/* usage: bench-flow INSTALL, where the repository of INSTALL has a newer version */
int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc != 2)
    {
      g_printerr ("usage: bench-flow INSTALL\n");
      return 2;
    }
  if (run (argv[1], &error))
    return 0;
  g_printerr ("bench-flow: %s\n", error == NULL ? "there is nothing newer" : error->message);
  return 1;
}
