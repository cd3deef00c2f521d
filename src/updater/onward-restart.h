/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-client.h"

G_BEGIN_DECLS

/* Asks the running application to quit, waits until it has, and starts its current version. */
void     onward_restart_run_async   (OnwardClient *client, GDBusConnection *bus,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean onward_restart_run_finish  (GAsyncResult *result, GError **error);
/* Asks the running application to quit, as its own menu would, so that it can save first. */
void     onward_restart_ask_to_quit (GDBusConnection *bus, const char *application_id);
/* "org.example.App-1" → "/org/example/App_1". (transfer full) */
char    *onward_restart_dup_path    (const char *application_id);

G_END_DECLS
