/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-anchors.h"
#include "onward-chapters-plan.h"

/* About so many anchors are in a window. */
#define ANCHORS_LOG 12
/* Two anchors with one key name no place. */
#define SEVERAL G_MAXUINT64

static guint
choose_bits (guint64 window)
{
  guint bits = (guint) g_bit_storage (window);

  return bits > ANCHORS_LOG + 4 ? bits - ANCHORS_LOG : 4;
}

/* Key → anchor, of those that are there once. */
static GHashTable *
index_anchors (GArray *anchors)
{
  GHashTable *index = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (guint i = 0; i < anchors->len; i++)
    {
      OnwardAnchor *anchor = &g_array_index (anchors, OnwardAnchor, i);
      OnwardAnchor *other = g_hash_table_lookup (index, &anchor->key);

      if (other != NULL)
        other->position = SEVERAL;
      else
        g_hash_table_insert (index, &anchor->key, anchor);
    }
  return index;
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  guint64 left = *(const guint64 *) a;
  guint64 right = *(const guint64 *) b;

  return (left > right) - (left < right);
}

/* Where in the old bytes anchors of new ones are, in order. */
static GArray *
find_places (GHashTable *index, const GArray *anchors)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint i = 0; i < anchors->len; i++)
    {
      const OnwardAnchor *old_anchor =
          g_hash_table_lookup (index, &g_array_index (anchors, OnwardAnchor, i).key);

      if (old_anchor != NULL && old_anchor->position != SEVERAL)
        g_array_append_val (places, old_anchor->position);
    }
  g_array_sort (places, compare_places);
  return places;
}

/* The middle of the @size old bytes that have most of the places. */
static guint64
find_middle (const GArray *places, guint64 size)
{
  const guint64 *place = (const guint64 *) (gpointer) places->data;
  guint best = 0, best_first = 0, first = 0;

  for (guint i = 0; i < places->len; i++)
    {
      while (place[i] - place[first] >= size)
        first++;
      if (i - first + 1 > best)
        {
          best = i - first + 1;
          best_first = first;
        }
    }
  return place[best_first] + (place[best_first + best - 1] - place[best_first]) / 2;
}

/* Whether a chapter's new bytes are old ones at the same place. */
static gboolean
is_in_place (GBytes *old_bytes, GBytes *new_bytes, const OnwardChapter *chapter)
{
  gsize old_size;
  const guint8 *old_data = g_bytes_get_data (old_bytes, &old_size);
  const guint8 *new_data = g_bytes_get_data (new_bytes, NULL);

  return chapter->new_size <= old_size && chapter->new_start <= old_size - chapter->new_size &&
         memcmp (old_data + chapter->new_start, new_data + chapter->new_start, chapter->new_size) ==
             0;
}

/* Looks for at most @window old bytes, by anchors of which @index has the old ones. */
static void
choose_old (OnwardChapter *chapter, GHashTable *index, const GArray *new_anchors, guint64 old_size,
            guint64 window)
{
  g_autoptr (GArray) places = find_places (index, new_anchors);
  guint64 middle = chapter->new_start + chapter->new_size / 2;

  chapter->old_size = MIN (window, old_size);
  if (places->len > 0)
    middle = find_middle (places, chapter->old_size);
  chapter->old_start =
      MIN (middle - MIN (middle, chapter->old_size / 2), old_size - chapter->old_size);
}

/**
 * onward_chapters_plan_make:
 * @old_bytes: an old content
 * @new_bytes: a new one
 * @window: how many old bytes may be looked at at once; of new ones, half as many are
 * @cancellable: (nullable): a cancellable; then the plan is of no use
 *
 * Cuts the new bytes into chapters, and looks where in the old ones most of each is: in the same
 * place if all of it is there, and just that; else by anchors, so that what moved far is found;
 * else around its place. Takes little memory. Blocking.
 *
 * Returns: (transfer full) (element-type OnwardChapter): the chapters
 */
GArray *
onward_chapters_plan_make (GBytes *old_bytes, GBytes *new_bytes, guint64 window,
                           GCancellable *cancellable)
{
  guint64 old_size = g_bytes_get_size (old_bytes);
  guint64 new_size = g_bytes_get_size (new_bytes);
  g_autoptr (GArray) old_anchors =
      onward_anchors_list (old_bytes, choose_bits (window), cancellable);
  g_autoptr (GHashTable) index = index_anchors (old_anchors);
  GArray *chapters = g_array_new (FALSE, FALSE, sizeof (OnwardChapter));

  for (guint64 at = 0; at < new_size; at += MAX (window / 2, 1))
    {
      guint64 size = MIN (MAX (window / 2, 1), new_size - at);
      OnwardChapter chapter = { at, size, at, size };

      if (g_cancellable_is_cancelled (cancellable))
        break;
      if (!is_in_place (old_bytes, new_bytes, &chapter))
        {
          g_autoptr (GBytes) bytes = g_bytes_new_from_bytes (new_bytes, at, size);
          g_autoptr (GArray) anchors =
              onward_anchors_list (bytes, choose_bits (window), cancellable);

          choose_old (&chapter, index, anchors, old_size, window);
        }
      g_array_append_val (chapters, chapter);
    }
  return chapters;
}
