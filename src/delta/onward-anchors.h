/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardAnchor:
 * @key: tells the bytes before it from others
 * @position: where it is
 *
 * A place in a content that is found again where the same bytes are.
 */
typedef struct
{
  guint64 key;
  guint64 position;
} OnwardAnchor;

/* About one anchor in 2 to the power of @bits bytes: of OnwardAnchor, in order. */
GArray *onward_anchors_list (GBytes *content, guint bits, GCancellable *cancellable);

G_END_DECLS
