/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-transfer.h"

/* Downloads one file with the engine and verifies every block of it, as an update does; bench.py
 * measures it from outside. */

#define BLOCK_SIZE (1024 * 1024)

static void
store_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
download (const OnwardTransferSpec *spec, GError **error)
{
  g_autoptr (OnwardFetcher) fetcher = onward_fetcher_new (FALSE);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_new (fetcher, spec);
  g_autoptr (GAsyncResult) result = NULL;

  onward_transfer_want (transfer, 0, spec->size);
  onward_transfer_run_async (transfer, NULL, store_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return onward_transfer_run_finish (transfer, result, error);
}

/* usage: bench-fetch URI PATH SIZE BLOCKS, where BLOCKS is a file of concatenated SHA-256. */
int
main (int argc, char **argv)
{
  const char *uris[] = { argc == 5 ? argv[1] : NULL, NULL };
  g_autofree char *blocks = NULL;
  g_autoptr (GBytes) digests = NULL;
  g_autoptr (GError) error = NULL;
  OnwardTransferSpec spec = { .uris = uris, .block_size = BLOCK_SIZE, .max_retries = 0 };
  gsize size = 0;

  if (argc != 5)
    {
      g_printerr ("usage: bench-fetch URI PATH SIZE BLOCKS\n");
      return 2;
    }

  if (g_file_get_contents (argv[4], &blocks, &size, &error))
    {
      digests = g_bytes_new_take (g_steal_pointer (&blocks), size);
      spec.path = argv[2];
      spec.size = g_ascii_strtoull (argv[3], NULL, 10);
      spec.blocks = digests;
      if (download (&spec, &error))
        return 0;
    }
  g_printerr ("bench-fetch: %s\n", error->message);
  return 1;
}
