/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Appends @size bytes; zeros leave a hole. */
gboolean onward_sparse_write (int fd, gconstpointer data, gsize size, GError **error);

G_END_DECLS
