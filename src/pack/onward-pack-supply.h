/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardPackSupply:
 * @has: whether @wait returns at once for these bytes of the pack
 * @wait: returns when they have arrived and are right: a borrowed descriptor of the pack; -1 with
 *   an error when they will not
 * @wait_news: returns when something has arrived since it returned @inout_seen, which is 0 at
 *   first; FALSE with an error when nothing will
 * @user_data: for all of them
 *
 * A pack that is still on its way. Called in any thread.
 */
typedef struct
{
  gboolean (*has) (guint64 start, guint64 end, gpointer user_data);
  int (*wait) (guint64 start, guint64 end, gpointer user_data, GCancellable *cancellable,
               GError **error);
  gboolean (*wait_news) (guint *inout_seen, gpointer user_data, GCancellable *cancellable,
                         GError **error);
  gpointer user_data;
} OnwardPackSupply;

G_END_DECLS
