/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define ONWARD_TYPE_SERVER (onward_server_get_type ())

/**
 * OnwardServer:
 *
 * Hands out the files of one folder over HTTP, as any static web server does: GET and HEAD, single
 * ranges, strong validators, no listing of folders, nothing outside the folder. It can also be as
 * slow and as unreliable as a real connection, to see an updater at work.
 *
 * Emits "request" (method, path, status, body bytes) when a request has been answered or cut off.
 */
G_DECLARE_FINAL_TYPE (OnwardServer, onward_server, ONWARD, SERVER, GObject)

OnwardServer *onward_server_new            (const char *folder, GError **error);

void          onward_server_set_rate       (OnwardServer *self, guint64 bytes_per_second);
void          onward_server_set_drop_after (OnwardServer *self, guint64 bytes);
void          onward_server_set_latency    (OnwardServer *self, guint milliseconds);

gboolean      onward_server_listen         (OnwardServer *self, const char *address, guint port,
                                            GError **error);
guint         onward_server_get_port       (OnwardServer *self);
void          onward_server_stop           (OnwardServer *self);

G_END_DECLS
