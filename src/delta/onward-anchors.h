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

/**
 * OnwardAnchorScan:
 * @bits: how many bits of a key are 0
 * @key: of the bytes that were seen last
 * @position: how many were seen
 * @next: no anchor is nearer than this
 * @table: a number for each byte
 *
 * Bytes on their way.
 */
typedef struct
{
  guint bits;
  guint64 key;
  guint64 position;
  guint64 next;
  guint64 table[256];
} OnwardAnchorScan;

void onward_anchors_begin (OnwardAnchorScan *self, guint bits);
/* Appends to @anchors, of OnwardAnchor. */
void onward_anchors_scan  (OnwardAnchorScan *self, const guint8 *data, gsize size, GArray *anchors);

/* About one anchor in 2 to the power of @bits bytes: of OnwardAnchor, in order. */
GArray *onward_anchors_list (GBytes *content, guint bits, GCancellable *cancellable);

G_END_DECLS
