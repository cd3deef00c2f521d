/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-byte-count.h"

/**
 * onward_byte_count_parse:
 * @text: (nullable): what was typed: "1500000", "1500k" or "1.5M", in decimal multiples
 * @ret_bytes: (out): how many bytes that is, 0 for %NULL
 * @error: return location
 *
 * Returns: whether @text is a number of bytes; %FALSE with an error of wrong usage
 */
gboolean
onward_byte_count_parse (const char *text, guint64 *ret_bytes, GError **error)
{
  char *end = NULL;
  double value = text == NULL ? 0.0 : g_ascii_strtod (text, &end);
  double unit = 1.0;

  if (end != NULL && (*end == 'k' || *end == 'K'))
    unit = 1e3;
  else if (end != NULL && *end == 'M')
    unit = 1e6;
  if (unit > 1.0)
    end++;

  if (text != NULL &&
      (end == text || *end != '\0' || !(value * unit >= 1.0 && value * unit < 1e15)))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "“%s” is not a number of bytes such as 500000, 500k or 1.5M", text);
      return FALSE;
    }

  *ret_bytes = (guint64) (value * unit);
  return TRUE;
}
