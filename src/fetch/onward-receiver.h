/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-receipt.h"

G_BEGIN_DECLS

/* Called in the main loop, while nothing touches the file, with the bytes that came since. */
typedef void (*OnwardReceiverProgress) (guint64 bytes, gpointer user_data);

void           onward_receiver_run_async   (OnwardBlockFile *file, GInputStream *body,
                                            const OnwardRange *range,
                                            OnwardReceiverProgress progress,
                                            GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);
OnwardReceipt *onward_receiver_run_finish  (GAsyncResult *result, GError **error);

G_END_DECLS
