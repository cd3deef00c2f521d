/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-parts.h"

typedef struct
{
  GBytes *content; /* (owned) */
  const guint8 *data;
  gsize size;
  guint64 start;
} Part;

struct _OnwardParts
{
  guint64 size;
  guint n_parts;
  Part parts[];
};

/**
 * onward_parts_new:
 * @contents: (element-type GBytes): what to put one behind the other; empty ones do no harm
 *
 * Returns: (transfer full): the parts
 */
OnwardParts *
onward_parts_new (GPtrArray *contents)
{
  OnwardParts *self = g_malloc0 (sizeof *self + contents->len * sizeof (Part));

  for (guint i = 0; i < contents->len; i++)
    {
      GBytes *content = g_ptr_array_index (contents, i);
      Part *part = &self->parts[self->n_parts];

      if (g_bytes_get_size (content) == 0)
        continue;

      part->content = g_bytes_ref (content);
      part->data = g_bytes_get_data (content, &part->size);
      part->start = self->size;
      self->size += part->size;
      self->n_parts++;
    }
  return self;
}

/**
 * onward_parts_free:
 * @self: (transfer full) (nullable): parts
 *
 * Frees them.
 */
void
onward_parts_free (OnwardParts *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < self->n_parts; i++)
    g_bytes_unref (self->parts[i].content);
  g_free (self);
}

/**
 * onward_parts_get_n:
 * @self: parts
 *
 * Returns: how many there are that are not empty
 */
guint
onward_parts_get_n (const OnwardParts *self)
{
  return self->n_parts;
}

/**
 * onward_parts_get_size:
 * @self: parts
 *
 * Returns: how many bytes they have together
 */
guint64
onward_parts_get_size (const OnwardParts *self)
{
  return self->size;
}

/**
 * onward_parts_get:
 * @self: parts
 * @index: one of them
 * @ret_start: (out): where it begins
 * @ret_size: (out): its size
 *
 * Returns: its bytes
 */
const guint8 *
onward_parts_get (const OnwardParts *self, guint index, guint64 *ret_start, gsize *ret_size)
{
  const Part *part = &self->parts[index];

  g_assert (index < self->n_parts);

  *ret_start = part->start;
  *ret_size = part->size;
  return part->data;
}

/**
 * onward_parts_join:
 * @self: parts
 *
 * Returns: (transfer full): their bytes in one piece: a copy, unless there is only one
 */
GBytes *
onward_parts_join (const OnwardParts *self)
{
  guint8 *data;

  if (self->n_parts == 1)
    return g_bytes_ref (self->parts[0].content);

  data = g_malloc (self->size + 1);
  for (guint i = 0; i < self->n_parts; i++)
    memcpy (data + self->parts[i].start, self->parts[i].data, self->parts[i].size);
  return g_bytes_new_take (data, self->size);
}

/**
 * onward_parts_look:
 * @self: parts
 * @offset: less than their size
 * @ret_available: (out): how many bytes follow in the same part, at least one
 *
 * Returns: the bytes there
 */
const guint8 *
onward_parts_look (const OnwardParts *self, guint64 offset, gsize *ret_available)
{
  guint low = 0;
  guint high = self->n_parts;

  g_assert (offset < self->size);

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (self->parts[middle].start <= offset)
        low = middle;
      else
        high = middle;
    }

  *ret_available = self->parts[low].size - (gsize) (offset - self->parts[low].start);
  return self->parts[low].data + (offset - self->parts[low].start);
}
