/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OnwardRing:
 *
 * Bytes on their way from who brings them to who takes them, in a room of fixed size that is used
 * again and again. No byte is ever moved. When little is in it, little of the room is touched. For
 * one thread; what lies in it may be read by another one until it is taken out.
 */
typedef struct _OnwardRing OnwardRing;

/**
 * OnwardRingPart:
 * @data: (nullable): bytes that lie side by side
 * @size: how many
 *
 * A part of what is in a ring.
 */
typedef struct
{
  const guint8 *data;
  gsize size;
} OnwardRingPart;

OnwardRing *onward_ring_new       (gsize capacity);
void        onward_ring_free      (OnwardRing *self);

guint8     *onward_ring_get_room  (OnwardRing *self, gsize wanted, gsize *ret_size);
void        onward_ring_put       (OnwardRing *self, gsize size);
gsize       onward_ring_get_fill  (const OnwardRing *self);
void        onward_ring_get_parts (const OnwardRing *self, OnwardRingPart ret_parts[2]);
void        onward_ring_take      (OnwardRing *self, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardRing, onward_ring_free)

G_END_DECLS
