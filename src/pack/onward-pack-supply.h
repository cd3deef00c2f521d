/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardPackSupply:
 * @has: whether bytes of the pack have arrived and are right
 * @wait: returns when they are: a borrowed descriptor of the pack; -1 with an error when they will
 *   not be
 * @user_data: for both
 *
 * A pack that is still on its way. Called in any thread.
 */
typedef struct
{
  gboolean (*has) (guint64 start, guint64 end, gpointer user_data);
  int (*wait) (guint64 start, guint64 end, gpointer user_data, GCancellable *cancellable,
               GError **error);
  gpointer user_data;
} OnwardPackSupply;

G_END_DECLS
