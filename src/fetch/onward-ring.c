/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-ring.h"

struct _OnwardRing
{
  guint8 *data; /* (owned) */
  gsize capacity;

  gsize tail; /* where the oldest byte lies */
  gsize head; /* where the next one belongs */
  /* Those from the tail on end here, and go on at the beginning; 0 while they lie in one piece. */
  gsize turn;
};

/**
 * onward_ring_new:
 * @capacity: how many bytes there is room for
 *
 * Returns: (transfer full): an empty ring
 */
OnwardRing *
onward_ring_new (gsize capacity)
{
  OnwardRing *self = g_new0 (OnwardRing, 1);

  g_assert (capacity > 0);

  self->data = g_malloc (capacity);
  self->capacity = capacity;
  return self;
}

/**
 * onward_ring_free:
 * @self: (nullable): a ring
 */
void
onward_ring_free (OnwardRing *self)
{
  if (self == NULL)
    return;
  g_free (self->data);
  g_free (self);
}

static gsize
get_room_size (const OnwardRing *self)
{
  return (self->turn > 0 ? self->tail : self->capacity) - self->head;
}

/**
 * onward_ring_get_room:
 * @wanted: how much would be of use
 * @ret_size: (out): how much there is side by side, at most what is wanted
 *
 * Finds room for more bytes: that which was used last if it will do. It is lost with the next call.
 *
 * Returns: (transfer none): where to put bytes; nothing when @ret_size is 0
 */
guint8 *
onward_ring_get_room (OnwardRing *self, gsize wanted, gsize *ret_size)
{
  if (onward_ring_get_fill (self) == 0)
    self->tail = self->head = 0;
  if (self->turn == 0 && self->tail > 0 && (self->tail >= wanted || self->head == self->capacity))
    {
      self->turn = self->head;
      self->head = 0;
    }
  *ret_size = MIN (wanted, get_room_size (self));
  return self->data + self->head;
}

/**
 * onward_ring_put:
 * @size: how many bytes were put where onward_ring_get_room() said
 *
 * Takes them in.
 */
void
onward_ring_put (OnwardRing *self, gsize size)
{
  g_assert (size <= get_room_size (self));

  self->head += size;
}

/**
 * onward_ring_get_fill:
 *
 * Returns: how many bytes are in it
 */
gsize
onward_ring_get_fill (const OnwardRing *self)
{
  return self->turn > 0 ? self->turn - self->tail + self->head : self->head - self->tail;
}

/**
 * onward_ring_get_parts:
 * @ret_parts: (out caller-allocates) (array fixed-size=2): all that is in it, the oldest first
 *
 * Shows what is in it. It stays where it is until it is taken out.
 */
void
onward_ring_get_parts (const OnwardRing *self, OnwardRingPart ret_parts[2])
{
  gsize fill = onward_ring_get_fill (self);
  gsize first = self->turn > 0 ? self->turn - self->tail : fill;

  ret_parts[0] = (OnwardRingPart){ self->data + self->tail, first };
  ret_parts[1] = (OnwardRingPart){ self->data, fill - first };
}

/**
 * onward_ring_take:
 * @size: how many of the oldest bytes are needed no more
 *
 * Takes them out.
 */
void
onward_ring_take (OnwardRing *self, gsize size)
{
  g_assert (size <= onward_ring_get_fill (self));

  self->tail += size;
  if (self->turn > 0 && self->tail >= self->turn)
    {
      self->tail -= self->turn;
      self->turn = 0;
    }
}
