/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean onward_archive_write (const char *parent, const char *name, const char *date,
                               const char *output, GCancellable *cancellable, GError **error);

G_END_DECLS
