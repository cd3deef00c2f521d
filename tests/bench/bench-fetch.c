/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench-loop.h"
#include "onward-transfer.h"

/* Downloads one file with the engine and verifies every block of it, as an update does; bench.py
 * measures it from outside, and what only the inside knows is printed as one JSON object. */

#define BLOCK_SIZE (1024 * 1024)

static void
store_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
download (const OnwardTransferSpec *spec, gboolean is_loop_measured, GError **error)
{
  g_autoptr (OnwardFetcher) fetcher = onward_fetcher_new (FALSE);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_new (fetcher, spec);
  g_autoptr (BenchLoop) loop = is_loop_measured ? bench_loop_new () : NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *iterations = NULL;

  onward_transfer_want (transfer, 0, spec->size);
  onward_transfer_run_async (transfer, NULL, store_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  if (!onward_transfer_run_finish (transfer, result, error))
    return FALSE;

  if (loop != NULL)
    iterations = bench_loop_print (loop);
  g_print ("{\"received\": %" G_GUINT64_FORMAT "%s%s}\n",
           onward_transfer_get_bytes_on_wire (transfer),
           loop == NULL ? "" : ", \"loop\": ", loop == NULL ? "" : iterations);
  return TRUE;
}

static gboolean
run (char **argv, gboolean is_loop_measured, GError **error)
{
  const char *uris[] = { argv[0], NULL };
  g_autofree char *blocks = NULL;
  g_autoptr (GBytes) digests = NULL;
  OnwardTransferSpec spec = { .uris = uris, .block_size = BLOCK_SIZE, .max_retries = -1 };
  gsize size = 0;

  if (!g_file_get_contents (argv[3], &blocks, &size, error))
    return FALSE;
  digests = g_bytes_new_take (g_steal_pointer (&blocks), size);
  spec.path = argv[1];
  spec.size = g_ascii_strtoull (argv[2], NULL, 10);
  spec.blocks = digests;
  return download (&spec, is_loop_measured, error);
}

/* usage: bench-fetch [--loop] URI PATH SIZE BLOCKS, where BLOCKS is a file of concatenated SHA-256;
 * with --loop it also tells how long the iterations of its main loop were. */
int
main (int argc, char **argv)
{
  gboolean is_loop_measured = argc > 1 && g_str_equal (argv[1], "--loop");
  g_autoptr (GError) error = NULL;

  if (argc != (is_loop_measured ? 6 : 5))
    {
      g_printerr ("usage: bench-fetch [--loop] URI PATH SIZE BLOCKS\n");
      return 2;
    }

  if (run (argv + (is_loop_measured ? 2 : 1), is_loop_measured, &error))
    return 0;
  g_printerr ("bench-fetch: %s\n", error->message);
  return 1;
}
