/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-block-sink.h"
#include "onward-bucket.h"
#include "onward-stretch.h"

G_BEGIN_DECLS

/* Called in the main loop, while nothing touches the sink, with the bytes that were stored since
 * and what came of them. */
typedef void (*OnwardReceiverProgress) (guint64 bytes, const OnwardBlockResult *result,
                                        gpointer user_data);

/**
 * OnwardReception:
 * @body: where the bytes come from
 * @sink: where they go; for the receiver alone until it has ended
 * @stretch: where in the file they belong; borrowed, and kept up to date, until it has ended
 * @bucket: what limits the rate; borrowed as well
 * @memory: how many bytes may be on their way from @body to @sink
 * @progress: called each time some were stored
 *
 * One answer to be taken in.
 */
typedef struct
{
  GInputStream *body;
  OnwardBlockSink *sink;
  OnwardStretch *stretch;
  OnwardBucket *bucket;
  gsize memory;
  OnwardReceiverProgress progress;
} OnwardReception;

void     onward_receiver_run_async   (const OnwardReception *reception, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
gboolean onward_receiver_run_finish  (GAsyncResult *result, GError **ret_problem, GError **error);

G_END_DECLS
