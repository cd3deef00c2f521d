/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-number.h"

/**
 * onward_number_append:
 * @array: grows by the number
 * @number: a number
 *
 * Writes a number in as few bytes as it needs.
 */
void
onward_number_append (GByteArray *array, guint64 number)
{
  guint8 bytes[ONWARD_NUMBER_MAX_SIZE];
  guint n = 0;

  for (; number >= 0x80; number >>= 7)
    bytes[n++] = (guint8) (number | 0x80);
  bytes[n++] = (guint8) number;
  g_byte_array_append (array, bytes, n);
}

/**
 * onward_number_append_signed:
 * @array: grows by the number
 * @number: a number of either sign
 *
 * Writes a number of either sign in as few bytes as it needs.
 */
void
onward_number_append_signed (GByteArray *array, gint64 number)
{
  onward_number_append (array, onward_number_fold (number));
}

/**
 * onward_number_read:
 * @data: bytes
 * @size: how many
 * @position: (inout): where in @data to read; moved behind the number
 * @ret_number: (out): the number
 *
 * Reads what onward_number_append() wrote.
 *
 * Returns: whether there is a number of at most 64 bits
 */
gboolean
onward_number_read (const guint8 *data, gsize size, gsize *position, guint64 *ret_number)
{
  guint64 number = 0;
  gsize i = *position;

  for (guint shift = 0; shift < 64 && i < size; shift += 7)
    {
      guint64 byte = data[i++];

      if (shift == 63 && byte > 1)
        return FALSE;
      number |= (byte & 0x7f) << shift;
      if (byte < 0x80)
        {
          *position = i;
          *ret_number = number;
          return TRUE;
        }
    }
  return FALSE;
}
