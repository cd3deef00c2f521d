/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-fetcher.h"
#include "onward-digest.h"
#include "onward-ranges.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_TRANSFER (onward_transfer_get_type ())

/**
 * OnwardTransfer:
 *
 * Fetches wanted ranges of one file of known size and block digests into a local file, block by
 * block verified, and never gives up on a lost connection. For the main thread only.
 *
 * Emits "changed" when its phase or its received ranges change.
 */
G_DECLARE_FINAL_TYPE (OnwardTransfer, onward_transfer, ONWARD, TRANSFER, GObject)

/**
 * OnwardTransferPhase:
 * @ONWARD_TRANSFER_STOPPED: not running
 * @ONWARD_TRANSFER_CONNECTING: a request was sent and nothing arrived yet
 * @ONWARD_TRANSFER_FLOWING: bytes arrive
 * @ONWARD_TRANSFER_WAITING: the connection was lost; the next try begins at its retry-at
 * @ONWARD_TRANSFER_OFFLINE: there is no network; goes on when it is back
 * @ONWARD_TRANSFER_BUSY: every server has asked to be left alone until its retry-at
 *
 * What a transfer is doing.
 */
typedef enum
{
  ONWARD_TRANSFER_STOPPED,
  ONWARD_TRANSFER_CONNECTING,
  ONWARD_TRANSFER_FLOWING,
  ONWARD_TRANSFER_WAITING,
  ONWARD_TRANSFER_OFFLINE,
  ONWARD_TRANSFER_BUSY,
} OnwardTransferPhase;

/**
 * OnwardTransferSpec:
 * @uris: the addresses of the file, best first
 * @path: the local file; made when missing, sparse while incomplete
 * @size: the size of the whole file
 * @block_size: the size of a block
 * @blocks: the concatenated SHA-256 of each block
 * @max_retries: how many tries in a row may fail, or -1 for no limit
 *
 * What to fetch, borrowed by onward_transfer_new(), which copies it.
 */
typedef struct
{
  const char * const *uris;
  const char *path;
  guint64 size;
  guint32 block_size;
  GBytes *blocks;
  int max_retries;
} OnwardTransferSpec;

OnwardTransfer     *onward_transfer_new           (OnwardFetcher *fetcher,
                                                   const OnwardTransferSpec *spec);
/* What an earlier run received, with the validator it came with: hints, checked against the file
 * by the block digests before they are relied on. */
void                onward_transfer_set_received  (OnwardTransfer *self, const char *validator,
                                                   const OnwardRanges *received);
/* Adds to what is wanted (rounded out to blocks); only between runs. */
void                onward_transfer_want          (OnwardTransfer *self, guint64 start,
                                                   guint64 end);
/* Runs until every wanted block is there and verified. Cancel to pause: what was received is
 * kept, synced to the file. Fails by itself only with CORRUPT (every address gave a block wrong, or
 * the only one did twice), NO_SPACE, NOT_FOUND (every address says so), a local error, or
 * max_retries. */
void                onward_transfer_run_async     (OnwardTransfer *self, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback,
                                                   gpointer user_data);
gboolean            onward_transfer_run_finish    (OnwardTransfer *self, GAsyncResult *result,
                                                   GError **error);
/* Ends the present wait. */
void                onward_transfer_try_now       (OnwardTransfer *self);

OnwardTransferPhase onward_transfer_get_phase     (OnwardTransfer *self);
/* onward_clock_get_time() of the next try while waiting, else 0. */
gint64              onward_transfer_get_retry_at  (OnwardTransfer *self);
/* What the last connection was lost to; (nullable). */
const GError       *onward_transfer_get_problem   (OnwardTransfer *self);
const char         *onward_transfer_get_validator (OnwardTransfer *self);
/* Received and on disk, verified blocks and the beginning of the present one. */
const OnwardRanges *onward_transfer_get_received  (OnwardTransfer *self);
/* Those of them that are proven: what may be used while the rest arrives. */
const OnwardRanges *onward_transfer_get_proven   (OnwardTransfer *self);
guint64             onward_transfer_get_bytes_done  (OnwardTransfer *self);
guint64             onward_transfer_get_bytes_total (OnwardTransfer *self);
/* All bytes that came over the wire in this run, wasted ones included. */
guint64             onward_transfer_get_bytes_on_wire (OnwardTransfer *self);

G_END_DECLS
