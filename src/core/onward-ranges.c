/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-ranges.h"

#define MAX_PARSED 65536u

/* Sorted; no two ranges overlap or touch; none is empty. */
struct _OnwardRanges
{
  GArray *items; /* (owned) (element-type OnwardRange) */
};

static inline OnwardRange *
item (const OnwardRanges *self, guint index)
{
  return &g_array_index (self->items, OnwardRange, index);
}

/* The index of the first range that ends at or after @position. */
static guint
find (const OnwardRanges *self, guint64 position)
{
  guint low = 0;
  guint high = self->items->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (item (self, middle)->end < position)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

/**
 * onward_ranges_new:
 *
 * Returns: (transfer full): a new, empty set of bytes
 */
OnwardRanges *
onward_ranges_new (void)
{
  OnwardRanges *self = g_new0 (OnwardRanges, 1);

  self->items = g_array_new (FALSE, FALSE, sizeof (OnwardRange));
  return self;
}

/**
 * onward_ranges_copy:
 * @self: a set of bytes
 *
 * Returns: (transfer full): the same set, independent of @self
 */
OnwardRanges *
onward_ranges_copy (const OnwardRanges *self)
{
  OnwardRanges *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = onward_ranges_new ();
  if (self->items->len > 0)
    g_array_append_vals (copy->items, self->items->data, self->items->len);
  return copy;
}

/**
 * onward_ranges_free:
 * @self: (transfer full): a set of bytes
 */
void
onward_ranges_free (OnwardRanges *self)
{
  g_return_if_fail (self != NULL);

  g_array_unref (self->items);
  g_free (self);
}

/**
 * onward_ranges_add:
 * @self: a set of bytes
 * @start: the first byte
 * @end: the byte after the last
 *
 * Adds a range, which may overlap what is there; an empty one adds nothing.
 */
void
onward_ranges_add (OnwardRanges *self, guint64 start, guint64 end)
{
  OnwardRange merged = { start, end };
  guint first, last;

  g_return_if_fail (self != NULL);
  g_return_if_fail (start <= end);

  if (start == end)
    return;

  first = find (self, start);
  for (last = first; last < self->items->len && item (self, last)->start <= end; last++)
    {
      merged.start = MIN (merged.start, item (self, last)->start);
      merged.end = MAX (merged.end, item (self, last)->end);
    }

  if (last > first)
    g_array_remove_range (self->items, first, last - first);
  g_array_insert_val (self->items, first, merged);
}

/**
 * onward_ranges_subtract:
 * @self: a set of bytes
 * @start: the first byte
 * @end: the byte after the last
 *
 * Removes a range, which need not be there.
 */
void
onward_ranges_subtract (OnwardRanges *self, guint64 start, guint64 end)
{
  OnwardRange left, right;
  guint first, last;

  g_return_if_fail (self != NULL);
  g_return_if_fail (start <= end);

  first = find (self, start);
  if (first < self->items->len && item (self, first)->end == start)
    first++;
  for (last = first; last < self->items->len && item (self, last)->start < end; last++)
    ;
  if (start == end || last == first)
    return;

  left = (OnwardRange){ item (self, first)->start, start };
  right = (OnwardRange){ end, item (self, last - 1)->end };
  g_array_remove_range (self->items, first, last - first);
  if (right.start < right.end)
    g_array_insert_val (self->items, first, right);
  if (left.start < left.end)
    g_array_insert_val (self->items, first, left);
}

/**
 * onward_ranges_contain:
 * @self: a set of bytes
 * @start: the first byte
 * @end: the byte after the last
 *
 * Returns: whether every byte from @start to before @end is in the set; true of an empty range
 */
gboolean
onward_ranges_contain (const OnwardRanges *self, guint64 start, guint64 end)
{
  guint index;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (start <= end, FALSE);

  if (start == end)
    return TRUE;

  index = find (self, end);
  return index < self->items->len && item (self, index)->start <= start;
}

/**
 * onward_ranges_get_count:
 * @self: a set of bytes
 *
 * Returns: how many separate ranges there are
 */
guint
onward_ranges_get_count (const OnwardRanges *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->items->len;
}

/**
 * onward_ranges_get:
 * @self: a set of bytes
 * @index: less than onward_ranges_get_count()
 *
 * Returns: (transfer none): one range, in ascending order; valid until @self changes
 */
const OnwardRange *
onward_ranges_get (const OnwardRanges *self, guint index)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < self->items->len, NULL);

  return item (self, index);
}

/**
 * onward_ranges_get_length:
 * @self: a set of bytes
 *
 * Returns: how many bytes the set holds
 */
guint64
onward_ranges_get_length (const OnwardRanges *self)
{
  guint64 length = 0;

  g_return_val_if_fail (self != NULL, 0);

  for (guint i = 0; i < self->items->len; i++)
    length += item (self, i)->end - item (self, i)->start;
  return length;
}

/**
 * onward_ranges_to_string:
 * @self: a set of bytes
 *
 * Returns: (transfer full): half-open ranges such as "0-1048576,2097152-3145728", "" when empty
 */
char *
onward_ranges_to_string (const OnwardRanges *self)
{
  GString *text;

  g_return_val_if_fail (self != NULL, NULL);

  text = g_string_new (NULL);
  for (guint i = 0; i < self->items->len; i++)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, i > 0 ? "," : "",
                            item (self, i)->start, item (self, i)->end);
  return g_string_free (text, FALSE);
}

/* Reads decimal digits without a leading zero, up to @limit, and moves @cursor behind them. */
static gboolean
parse_number (const char **cursor, guint64 limit, guint64 *ret_number)
{
  const char *text = *cursor;
  guint64 number = 0;

  if (!g_ascii_isdigit (*text) || (text[0] == '0' && g_ascii_isdigit (text[1])))
    return FALSE;

  for (; g_ascii_isdigit (*text); text++)
    {
      guint64 digit = (guint64) g_ascii_digit_value (*text);

      if (digit > limit || number > (limit - digit) / 10)
        return FALSE;
      number = number * 10 + digit;
    }

  *cursor = text;
  *ret_number = number;
  return TRUE;
}

/* Only ranges in order and apart are read: what to_string() writes and nothing else. */
static gboolean
parse_range (const char **cursor, guint64 limit, OnwardRanges *self)
{
  guint count = self->items->len;
  OnwardRange range;

  if (count == MAX_PARSED || !parse_number (cursor, limit, &range.start) || **cursor != '-')
    return FALSE;
  (*cursor)++;
  if (!parse_number (cursor, limit, &range.end) || range.start >= range.end)
    return FALSE;
  if (count > 0 && range.start <= item (self, count - 1)->end)
    return FALSE;

  g_array_append_val (self->items, range);
  return TRUE;
}

/**
 * onward_ranges_parse:
 * @text: what may have been written by onward_ranges_to_string()
 * @limit: the largest end that makes sense, for example a file's size
 *
 * Returns: (transfer full) (nullable): the set, or %NULL when @text is anything but ordered,
 *   separate ranges within @limit, or holds more than 65,536 of them
 */
OnwardRanges *
onward_ranges_parse (const char *text, guint64 limit)
{
  g_autoptr (OnwardRanges) self = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  self = onward_ranges_new ();
  if (*text == '\0')
    return g_steal_pointer (&self);

  for (;; text++)
    {
      if (!parse_range (&text, limit, self))
        return NULL;
      if (*text == '\0')
        return g_steal_pointer (&self);
      if (*text != ',')
        return NULL;
    }
}
