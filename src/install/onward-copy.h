/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* All bytes of @from to the empty file @to, shared by the file system where it can. */
gboolean onward_copy_data (int from, int to, GCancellable *cancellable, GError **error);

G_END_DECLS
