/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-anchors.h"

/* Between looks whether it was cancelled. */
#define CANCEL_STEP (16u * 1024 * 1024)

/* A number for each byte, in which each bit is as good as any. */
static void
fill_table (guint64 *table)
{
  guint64 state = 0;

  for (guint i = 0; i < 256; i++)
    {
      guint64 number = state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

      number = (number ^ number >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
      number = (number ^ number >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
      table[i] = number ^ number >> 31;
    }
}

/**
 * onward_anchors_begin:
 * @self: (out caller-allocates): a scan
 * @bits: how many bits of a key are 0: more of them, fewer anchors
 *
 * Begins with a content.
 */
void
onward_anchors_begin (OnwardAnchorScan *self, guint bits)
{
  *self = (OnwardAnchorScan){ .bits = bits };
  fill_table (self->table);
}

/**
 * onward_anchors_scan:
 * @self: (inout): a scan
 * @data: the next bytes
 * @size: how many
 * @anchors: (element-type OnwardAnchor): grows by those in them
 *
 * Chooses places by the 64 bytes before each, so that what moved has the same ones; where all is
 * alike there are hardly more than elsewhere.
 */
void
onward_anchors_scan (OnwardAnchorScan *self, const guint8 *data, gsize size, GArray *anchors)
{
  guint64 key = self->key;

  for (gsize i = 0; i < size; i++)
    {
      key = (key << 1) + self->table[data[i]];
      if (key >> (64 - self->bits) == 0 && self->position + i >= self->next)
        {
          OnwardAnchor anchor = { key, self->position + i };

          g_array_append_val (anchors, anchor);
          self->next = anchor.position + (G_GUINT64_CONSTANT (1) << self->bits) / 2;
        }
    }
  self->key = key;
  self->position += size;
}

/**
 * onward_anchors_list:
 * @content: bytes
 * @bits: of onward_anchors_begin()
 * @cancellable: (nullable): a cancellable; then some are missing
 *
 * Scans all of a content. Blocking, about one second for a GiB.
 *
 * Returns: (transfer full) (element-type OnwardAnchor): the anchors
 */
GArray *
onward_anchors_list (GBytes *content, guint bits, GCancellable *cancellable)
{
  GArray *anchors = g_array_new (FALSE, FALSE, sizeof (OnwardAnchor));
  OnwardAnchorScan scan;
  gsize size;
  const guint8 *data = g_bytes_get_data (content, &size);

  onward_anchors_begin (&scan, bits);
  for (gsize at = 0; at < size && !g_cancellable_is_cancelled (cancellable); at += CANCEL_STEP)
    onward_anchors_scan (&scan, data + at, MIN (CANCEL_STEP, size - at), anchors);
  return anchors;
}
