/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A blocking piece of work on @data; FALSE with @error when it failed. */
typedef gboolean (*OnwardWork) (gpointer data, GCancellable *cancellable, GError **error);

void     onward_worker_run_async  (gpointer source, OnwardWork work, gpointer data,
                                   GDestroyNotify data_free, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
gboolean onward_worker_run_finish (GAsyncResult *result, GError **error);
gpointer onward_worker_get_data   (GAsyncResult *result);

G_END_DECLS
