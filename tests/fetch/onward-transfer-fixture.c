/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-block-content.h"
#include "onward-transfer-fixture.h"

/**
 * onward_transfer_fixture_new:
 * @size: the size of the file
 * @block_size: the size of its blocks
 *
 * Returns: (transfer full): a fixture
 */
OnwardTransferFixture *
onward_transfer_fixture_new (gsize size, guint32 block_size)
{
  OnwardTransferFixture *self = g_new0 (OnwardTransferFixture, 1);

  self->dir = onward_test_make_dir ();
  self->path = g_build_filename (self->dir, "part", NULL);
  self->content = onward_block_content_make (size);
  self->digests =
      onward_block_content_digest (g_bytes_get_data (self->content, NULL), size, block_size);
  self->block_size = block_size;
  self->fetcher = onward_fetcher_new (FALSE);
  self->server = onward_fault_server_new (self->content);
  self->uris[0] = onward_fault_server_get_uri (self->server);
  return self;
}

/**
 * onward_transfer_fixture_free:
 * @self: (nullable): a fixture
 */
void
onward_transfer_fixture_free (OnwardTransferFixture *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->fetcher);
  onward_fault_server_free (self->server);
  g_bytes_unref (self->content);
  g_bytes_unref (self->digests);
  onward_test_remove_dir (self->dir);
  g_free (self->path);
  g_free (self);
}

/**
 * onward_transfer_fixture_make:
 * @max_retries: how many tries in a row may fail, or -1
 *
 * Returns: (transfer full): a transfer that wants the whole file
 */
OnwardTransfer *
onward_transfer_fixture_make (OnwardTransferFixture *self, int max_retries)
{
  OnwardTransferSpec spec = {
    .uris = self->uris,
    .path = self->path,
    .size = g_bytes_get_size (self->content),
    .block_size = self->block_size,
    .blocks = self->digests,
    .max_retries = max_retries,
  };
  OnwardTransfer *transfer = onward_transfer_new (self->fetcher, &spec);

  onward_transfer_want (transfer, 0, spec.size);
  return transfer;
}

/**
 * onward_transfer_fixture_run:
 * @transfer: a transfer
 * @cancellable: (nullable): pauses it
 *
 * Returns: (transfer full) (nullable): why it failed
 */
GError *
onward_transfer_fixture_run (OnwardTransfer *transfer, GCancellable *cancellable)
{
  g_autoptr (GAsyncResult) result = NULL;
  GError *error = NULL;

  onward_transfer_run_async (transfer, cancellable, onward_test_store_result, &result);
  onward_test_await (&result);
  g_assert_cmpint (onward_transfer_run_finish (transfer, result, &error), ==, error == NULL);
  g_assert_cmpint (onward_transfer_get_phase (transfer), ==, ONWARD_TRANSFER_STOPPED);
  return error;
}

typedef struct
{
  GCancellable *cancellable;
  guint64 bytes;
} Pause;

static void
on_changed (OnwardTransfer *transfer, gpointer user_data)
{
  Pause *pause = user_data;

  if (onward_transfer_get_bytes_done (transfer) >= pause->bytes)
    g_cancellable_cancel (pause->cancellable);
}

/**
 * onward_transfer_fixture_pause_at:
 * @transfer: a transfer
 * @bytes: when so many are there, or soon after
 *
 * Returns: (transfer full) (nullable): how it ended
 */
GError *
onward_transfer_fixture_pause_at (OnwardTransfer *transfer, guint64 bytes)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Pause pause = { cancellable, bytes };
  gulong handler = g_signal_connect (transfer, "changed", G_CALLBACK (on_changed), &pause);
  GError *error = onward_transfer_fixture_run (transfer, cancellable);

  g_signal_handler_disconnect (transfer, handler);
  return error;
}

/**
 * onward_transfer_fixture_check:
 *
 * Asserts that the file is there, byte for byte.
 */
void
onward_transfer_fixture_check (OnwardTransferFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize size = 0, expected = 0;
  const char *content = g_bytes_get_data (self->content, &expected);

  g_file_get_contents (self->path, &data, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (data, size, content, expected);
}

/**
 * onward_transfer_fixture_complete:
 * @transfer: a transfer of its file
 *
 * Runs it to the end, and asserts that the file is there.
 */
void
onward_transfer_fixture_complete (OnwardTransferFixture *self, OnwardTransfer *transfer)
{
  g_autoptr (GError) error = onward_transfer_fixture_run (transfer, NULL);

  g_assert_no_error (error);
  onward_transfer_fixture_check (self);
}
