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
 * onward_anchors_list:
 * @content: bytes
 * @bits: how many bits of a key are 0: more of them, fewer anchors
 * @cancellable: (nullable): a cancellable; then some are missing
 *
 * Chooses places by the 64 bytes before each, so that what moved has the same ones; where all is
 * alike there is one in as many bytes as elsewhere. Blocking, one second for about a GiB.
 *
 * Returns: (transfer full) (element-type OnwardAnchor): the anchors
 */
GArray *
onward_anchors_list (GBytes *content, guint bits, GCancellable *cancellable)
{
  GArray *anchors = g_array_new (FALSE, FALSE, sizeof (OnwardAnchor));
  guint64 table[256];
  guint64 key = 0;
  gsize next = 0;
  gsize size;
  const guint8 *data = g_bytes_get_data (content, &size);

  fill_table (table);
  for (gsize i = 0; i < size; i++)
    {
      key = (key << 1) + table[data[i]];
      if (i % CANCEL_STEP == 0 && g_cancellable_is_cancelled (cancellable))
        break;
      if (key >> (64 - bits) == 0 && i >= next)
        {
          OnwardAnchor anchor = { key, i };

          g_array_append_val (anchors, anchor);
          next = i + ((gsize) 1 << bits) / 2;
        }
    }
  return anchors;
}
