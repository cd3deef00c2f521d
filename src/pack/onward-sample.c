/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-sample.h"

#define PART_SIZE (256u * 1024)
#define N_PARTS   4

/**
 * onward_sample_take:
 * @content: any bytes
 *
 * Takes a megabyte from all over @content, by which it is told how it compresses.
 *
 * Returns: (transfer full): the sample; @content itself when it is no larger
 */
GBytes *
onward_sample_take (GBytes *content)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (content, &size);
  GByteArray *sample;

  if (size <= N_PARTS * PART_SIZE)
    return g_bytes_ref (content);

  sample = g_byte_array_sized_new (N_PARTS * PART_SIZE);
  for (guint i = 0; i < N_PARTS; i++)
    g_byte_array_append (sample, data + (size - PART_SIZE) / (N_PARTS - 1) * i, PART_SIZE);
  return g_byte_array_free_to_bytes (sample);
}
