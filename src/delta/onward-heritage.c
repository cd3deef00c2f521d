/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-heritage.h"

typedef struct
{
  const OnwardParts *old_parts;
  const OnwardParts *new_parts;
  GArray *covers;
  guint64 *votes; /* (owned): bytes covered from each old part */
  guint64 work;
} Search;

static gboolean
is_executable (const OnwardParts *parts, guint index)
{
  guint64 start;
  gsize size;
  const guint8 *data = onward_parts_get (parts, index, &start, &size);
  OnwardSpace space;

  return onward_space_parse (&space, data, size, size);
}

static guint
find_part (const OnwardParts *parts, guint64 offset)
{
  guint low = 0;
  guint high = onward_parts_get_n (parts);

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;
      guint64 start;
      gsize size;

      (void) onward_parts_get (parts, middle, &start, &size);
      if (start <= offset)
        low = middle;
      else
        high = middle;
    }
  return low;
}

/* The old executable that most of a new one's bytes come from. */
static gboolean
elect (Search *self, guint first, guint end, guint *ret_part)
{
  guint64 most = 0;

  for (guint i = first; i < end; i++)
    {
      const OnwardCover *cover = &g_array_index (self->covers, OnwardCover, i);
      guint part = find_part (self->old_parts, cover->source);

      self->votes[part] += cover->length;
    }
  for (guint i = first; i < end; i++)
    {
      guint part = find_part (self->old_parts, g_array_index (self->covers, OnwardCover, i).source);

      if (self->votes[part] > most && is_executable (self->old_parts, part))
        {
          most = self->votes[part];
          *ret_part = part;
        }
      self->votes[part] = 0;
    }
  return most > 0;
}

/* Splits the covers at @offset; the first that begins there or later. */
static guint
split (Search *self, guint first, guint64 offset)
{
  for (guint i = first; i < self->covers->len; i++)
    {
      OnwardCover *cover = &g_array_index (self->covers, OnwardCover, i);
      guint64 kept = offset - cover->target;
      OnwardCover rest = { offset, cover->source + kept, cover->length - kept };

      if (cover->target >= offset)
        return i;
      if (cover->target + cover->length <= offset)
        continue;

      cover->length = kept;
      g_array_insert_val (self->covers, i + 1, rest);
      return i + 1;
    }
  return self->covers->len;
}

static gboolean
is_affordable (Search *self, const OnwardSuccession *succession, guint n_covers)
{
  guint64 start;
  gsize size;

  (void) onward_parts_get (self->old_parts, succession->part, &start, &size);
  if (size > self->work || n_covers > succession->size / ONWARD_COVER_MIN_AVERAGE)
    return FALSE;

  self->work -= size;
  return TRUE;
}

/**
 * onward_heritage_find:
 * @old_parts: the old contents
 * @new_parts: the new ones
 * @covers: (inout) (element-type OnwardCover): what is between them
 *
 * Finds out which new executables continue which old ones.
 *
 * Returns: (transfer full) (element-type OnwardSuccession): in order
 */
GArray *
onward_heritage_find (const OnwardParts *old_parts, const OnwardParts *new_parts, GArray *covers)
{
  GArray *successions = g_array_new (FALSE, FALSE, sizeof (OnwardSuccession));
  g_autofree guint64 *votes = g_new0 (guint64, onward_parts_get_n (old_parts) + 1);
  Search search = { old_parts, new_parts, covers, votes };
  guint first = 0;

  search.work = onward_succession_max_work (onward_parts_get_size (old_parts),
                                            onward_parts_get_size (new_parts));
  for (guint i = 0; i < onward_parts_get_n (new_parts); i++)
    {
      OnwardSuccession succession = { 0 };
      guint end;
      gsize size;

      (void) onward_parts_get (new_parts, i, &succession.start, &size);
      succession.size = size;
      if (!is_executable (new_parts, i))
        continue;

      first = split (&search, first, succession.start);
      end = split (&search, first, succession.start + size);
      if (elect (&search, first, end, &succession.part) &&
          is_affordable (&search, &succession, end - first))
        g_array_append_val (successions, succession);
      first = end;
    }
  return successions;
}
