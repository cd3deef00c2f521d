/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-fault-server.h"
#include "onward-test.h"
#include "onward-transfer.h"

G_BEGIN_DECLS

/**
 * OnwardTransferFixture:
 * @dir: a temporary folder
 * @path: where transfers put the file
 * @content: what the file holds
 * @digests: the digests of its blocks
 * @server: hands it out
 * @uris: the address of @server; a second one may be put beside it
 *
 * A file on a fault server and what is needed to fetch it.
 */
typedef struct
{
  char *dir;
  char *path;
  GBytes *content;
  GBytes *digests;
  guint32 block_size;
  OnwardFetcher *fetcher;
  OnwardFaultServer *server;
  const char *uris[4];
} OnwardTransferFixture;

OnwardTransferFixture *onward_transfer_fixture_new       (gsize size, guint32 block_size);
void                   onward_transfer_fixture_free      (OnwardTransferFixture *self);
OnwardTransfer        *onward_transfer_fixture_make      (OnwardTransferFixture *self,
                                                          int max_retries);
GError                *onward_transfer_fixture_run       (OnwardTransfer *transfer,
                                                          GCancellable *cancellable);
GError                *onward_transfer_fixture_pause_at  (OnwardTransfer *transfer, guint64 bytes);
void                   onward_transfer_fixture_check     (OnwardTransferFixture *self);
void                   onward_transfer_fixture_complete  (OnwardTransferFixture *self,
                                                          OnwardTransfer *transfer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTransferFixture, onward_transfer_fixture_free)

G_END_DECLS
