/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-fields.h"

G_BEGIN_DECLS

/* The types that a Go program's table of links leads to: their names, their methods, and the other
 * types they speak of. @types is where what their words count from begins in memory, @end where the
 * types end; @text is what the addresses of methods count from. */
void onward_go_types_find (const OnwardImage *image, guint64 types, guint64 end, gint32 text,
                           OnwardFields *fields);

G_END_DECLS
