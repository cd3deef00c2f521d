/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardPacedServer:
 *
 * Hands out ranges of one file of any size, whose bytes follow from their place, as fast as it is
 * told on every connection.
 */
typedef struct _OnwardPacedServer OnwardPacedServer;

OnwardPacedServer *onward_paced_server_new        (guint64 size, guint milliseconds);
void               onward_paced_server_free       (OnwardPacedServer *self);
const char        *onward_paced_server_get_uri    (OnwardPacedServer *self);
guint              onward_paced_server_get_most   (OnwardPacedServer *self);
guint              onward_paced_server_get_served (OnwardPacedServer *self);
guint              onward_paced_server_get_connections(OnwardPacedServer *self);
void               onward_paced_server_fill       (guint64 offset, guint8 *data, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardPacedServer, onward_paced_server_free)

G_END_DECLS
