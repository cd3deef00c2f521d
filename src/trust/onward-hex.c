/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-hex.h"

#include <string.h>

/**
 * onward_hex_decode:
 * @text: hexadecimal digits of either case
 *
 * Returns: (transfer full) (nullable): the bytes, or %NULL when @text holds anything else or half a
 *   byte
 */
GBytes *
onward_hex_decode (const char *text)
{
  g_autofree guint8 *data = NULL;
  gsize size;

  g_return_val_if_fail (text != NULL, NULL);

  size = strlen (text) / 2;
  if (strlen (text) % 2 != 0)
    return NULL;

  data = g_malloc (size + 1);
  for (gsize i = 0; i < size; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]);
      int low = g_ascii_xdigit_value (text[2 * i + 1]);

      if (high < 0 || low < 0)
        return NULL;
      data[i] = (guint8) (high << 4 | low);
    }
  return g_bytes_new_take (g_steal_pointer (&data), size);
}

/**
 * onward_hex_encode:
 * @bytes: some bytes
 *
 * Returns: (transfer full): them in lower-case hexadecimal
 */
char *
onward_hex_encode (GBytes *bytes)
{
  GString *text;
  const guint8 *data;
  gsize size;

  g_return_val_if_fail (bytes != NULL, NULL);

  data = g_bytes_get_data (bytes, &size);
  text = g_string_sized_new (size * 2);
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
  return g_string_free (text, FALSE);
}
