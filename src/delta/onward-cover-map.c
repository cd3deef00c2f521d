/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-cover-map.h"
#include "onward-large.h"

/* The index has an entry for so many bytes of the old file. */
#define STEP_BITS 6

/* From @source on, up to the next one, and beyond as a guess. */
typedef struct
{
  guint32 source;
  guint32 end;
  guint32 target;
} Stretch;

struct _OnwardCoverMap
{
  GArray *stretches; /* (owned): of Stretch, by source, none upon another */
  guint32 *index;    /* (owned): how many stretches begin at or before each step */
  guint n_steps;
};

static int
compare_stretches (gconstpointer a, gconstpointer b)
{
  const Stretch *left = a;
  const Stretch *right = b;

  if (left->source != right->source)
    return left->source < right->source ? -1 : 1;
  return (left->target > right->target) - (left->target < right->target);
}

/* Of two that lie upon each other the longer one keeps what both want. */
static void
add_stretch (OnwardCoverMap *self, Stretch next)
{
  while (self->stretches->len > 0)
    {
      Stretch *last = &g_array_index (self->stretches, Stretch, self->stretches->len - 1);

      if (last->end <= next.source)
        break;
      if (next.end - next.source <= last->end - last->source)
        {
          if (next.end <= last->end)
            return;
          next.target += last->end - next.source;
          next.source = last->end;
          break;
        }
      last->end = next.source;
      if (last->end > last->source)
        break;
      g_array_set_size (self->stretches, self->stretches->len - 1);
    }
  g_array_append_val (self->stretches, next);
}

static void
collect (OnwardCoverMap *self, const OnwardCover *covers, guint n_covers, guint64 target_start,
         guint64 source_start, guint64 source_size)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Stretch));

  for (guint i = 0; i < n_covers; i++)
    {
      guint64 source = covers[i].source - source_start;
      Stretch stretch;

      if (source >= source_size)
        continue;

      stretch.source = (guint32) source;
      stretch.end = (guint32) (source + MIN (covers[i].length, source_size - source));
      stretch.target = (guint32) (covers[i].target - target_start);
      g_array_append_val (all, stretch);
    }

  g_array_sort (all, compare_stretches);
  for (guint i = 0; i < all->len; i++)
    add_stretch (self, g_array_index (all, Stretch, i));
}

static void
fill_index (OnwardCoverMap *self)
{
  guint n = 0;

  for (guint step = 0; step < self->n_steps; step++)
    {
      while (n < self->stretches->len &&
             g_array_index (self->stretches, Stretch, n).source <= (guint64) step << STEP_BITS)
        n++;
      self->index[step] = n;
    }
}

/**
 * onward_cover_map_new:
 * @covers: the covers of a new file
 * @n_covers: how many
 * @target_start: where the new file begins
 * @source_start: where the old file begins
 * @source_size: its size, at most 4 GiB; covers from elsewhere do not count
 *
 * Returns: (transfer full): where everything went
 */
OnwardCoverMap *
onward_cover_map_new (const OnwardCover *covers, guint n_covers, guint64 target_start,
                      guint64 source_start, guint64 source_size)
{
  OnwardCoverMap *self = g_new0 (OnwardCoverMap, 1);

  self->stretches = g_array_new (FALSE, FALSE, sizeof (Stretch));
  self->n_steps = (guint) (source_size >> STEP_BITS) + 1;
  self->index = onward_large_alloc (self->n_steps * sizeof (guint32));
  collect (self, covers, n_covers, target_start, source_start, source_size);
  fill_index (self);
  return self;
}

/**
 * onward_cover_map_free:
 * @self: (transfer full) (nullable): a map
 *
 * Frees it.
 */
void
onward_cover_map_free (OnwardCoverMap *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->stretches);
  onward_large_free (self->index);
  g_free (self);
}

/**
 * onward_cover_map_expect:
 * @self: a map
 * @offset: a place in the old file that will soon be looked up
 *
 * Lets what is needed for it come nearer.
 */
void
onward_cover_map_expect (const OnwardCoverMap *self, guint64 offset)
{
  if (offset >> STEP_BITS < self->n_steps)
    __builtin_prefetch (&self->index[offset >> STEP_BITS]);
}

/**
 * onward_cover_map_lookup:
 * @self: a map
 * @offset: a place in the old file
 * @ret_offset: (out): where it probably went in the new file; any number may come out
 *
 * What no cover has moves like what is before it.
 *
 * Returns: whether there is anything before it
 */
gboolean
onward_cover_map_lookup (const OnwardCoverMap *self, guint64 offset, guint64 *ret_offset)
{
  const Stretch *stretches = (const Stretch *) (gpointer) self->stretches->data;
  guint64 step = offset >> STEP_BITS;
  guint n;

  if (step >= self->n_steps)
    return FALSE;

  n = self->index[step];
  while (n < self->stretches->len && stretches[n].source <= offset)
    n++;
  if (n == 0)
    return FALSE;

  *ret_offset = stretches[n - 1].target + (offset - stretches[n - 1].source);
  return TRUE;
}
