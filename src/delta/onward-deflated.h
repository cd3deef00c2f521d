/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-deflate.h"

G_BEGIN_DECLS

/**
 * OnwardDeflated:
 * @content: which content it is in
 * @deflate: where in that, and how it is deflated again
 * @bytes: (owned): what is there
 * @inflated: (owned) (nullable): what it gives, once that is wanted
 *
 * Something deflated in one of several contents.
 */
typedef struct
{
  guint content;
  OnwardDeflate deflate;
  GBytes *bytes;
  GBytes *inflated;
} OnwardDeflated;

/* Everything that is deflated in @contents: of OnwardDeflated, in order. On all cores. */
GArray *onward_deflated_list   (GPtrArray *contents, GCancellable *cancellable);
/* Drops what is not inflated. */
void    onward_deflated_settle (GArray *list);
/* Drops what is in both byte for byte. */
void    onward_deflated_drop   (GArray *list, GArray *other_list);
/* Drops what is beyond the first @n, or with which more than @limit bytes would come out. */
void    onward_deflated_limit  (GArray *list, guint n, guint64 limit);
/* Inflates the rest, and with @comes_back drops what cannot be deflated again. On all cores. */
void    onward_deflated_load   (GArray *list, gboolean comes_back, GCancellable *cancellable);

G_END_DECLS
