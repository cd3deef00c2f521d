/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-cover.h"
#include "onward-deflate-table.h"
#include "onward-deflate-way.h"
#include "onward-deflated.h"
#include "onward-number.h"
#include "onward-stream-packer.h"
#include "onward-unfold.h"
#include "onward-unfolding.h"

struct _OnwardUnfolding
{
  GPtrArray *old_contents; /* (owned) */
  GPtrArray *new_contents; /* (owned) */
  GArray *old_places;      /* (owned): of OnwardDeflated */
  GArray *new_places;      /* (owned): of OnwardDeflated */
};

static const OnwardDeflated *
get (const GArray *places, guint index)
{
  return &g_array_index (places, OnwardDeflated, index);
}

static guint64
measure (GPtrArray *contents)
{
  guint64 size = 0;

  for (guint i = 0; i < contents->len; i++)
    size += g_bytes_get_size (g_ptr_array_index (contents, i));
  return size;
}

/* Of content that is too large for a delta when inflated, less is. */
static guint64
get_limit (GPtrArray *contents)
{
  guint64 size = measure (contents);

  return MIN (ONWARD_DELTA_MAX_INFLATED,
              ONWARD_DELTA_MAX_WINDOW - MIN (size, ONWARD_DELTA_MAX_WINDOW));
}

/**
 * onward_unfolding_new:
 * @old_contents: (element-type GBytes): the bytes the other side has
 * @new_contents: (element-type GBytes): the bytes it wants
 * @cancellable: (nullable): a cancellable; then the result is of no use
 *
 * Finds what is deflated on both sides and inflates what is not the same in both, as far as it can
 * be deflated again. Blocking.
 *
 * Returns: (transfer full) (nullable): %NULL when nothing new is to be deflated again
 */
OnwardUnfolding *
onward_unfolding_new (GPtrArray *old_contents, GPtrArray *new_contents, GCancellable *cancellable)
{
  g_autoptr (GArray) new_places = onward_deflated_list (new_contents, cancellable);
  g_autoptr (GArray) old_places = NULL;
  OnwardUnfolding *self;

  if (new_places->len == 0)
    return NULL;

  old_places = onward_deflated_list (old_contents, cancellable);
  onward_deflated_drop (old_places, new_places);
  onward_deflated_limit (new_places, G_MAXUINT, get_limit (new_contents));
  onward_deflated_load (new_places, TRUE, cancellable);
  if (new_places->len == 0)
    return NULL;

  onward_deflated_limit (old_places, ONWARD_UNFOLD_MAX_PLACES, get_limit (old_contents));
  onward_deflated_load (old_places, FALSE, cancellable);
  self = g_new0 (OnwardUnfolding, 1);
  self->old_contents = g_ptr_array_ref (old_contents);
  self->new_contents = g_ptr_array_ref (new_contents);
  self->old_places = g_steal_pointer (&old_places);
  self->new_places = g_steal_pointer (&new_places);
  return self;
}

/**
 * onward_unfolding_free:
 * @self: (transfer full) (nullable): an unfolding
 *
 * Frees it.
 */
void
onward_unfolding_free (OnwardUnfolding *self)
{
  if (self == NULL)
    return;

  g_ptr_array_unref (self->old_contents);
  g_ptr_array_unref (self->new_contents);
  g_array_unref (self->old_places);
  g_array_unref (self->new_places);
  g_free (self);
}

static GPtrArray *
new_list (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

/**
 * onward_unfolding_list_old:
 * @self: an unfolding
 *
 * Returns: (transfer full) (element-type GBytes): the old contents, and behind them one for each
 *   place that is inflated
 */
GPtrArray *
onward_unfolding_list_old (const OnwardUnfolding *self)
{
  GPtrArray *list = new_list ();

  for (guint i = 0; i < self->old_contents->len; i++)
    g_ptr_array_add (list, g_bytes_ref (g_ptr_array_index (self->old_contents, i)));
  for (guint i = 0; i < self->old_places->len; i++)
    g_ptr_array_add (list, g_bytes_ref (get (self->old_places, i)->inflated));
  return list;
}

/* Adds a content in pieces, whose first place has @index; the index of the next content's. */
static guint
list_pieces (const OnwardUnfolding *self, guint content_index, guint index, GPtrArray *list)
{
  GBytes *content = g_ptr_array_index (self->new_contents, content_index);
  gsize done = 0;

  for (; index < self->new_places->len; index++)
    {
      const OnwardDeflated *place = get (self->new_places, index);

      if (place->content != content_index)
        break;
      g_ptr_array_add (list, g_bytes_new_from_bytes (content, done, place->deflate.start - done));
      g_ptr_array_add (list, g_bytes_ref (place->inflated));
      done = place->deflate.start + place->deflate.size;
    }
  g_ptr_array_add (list, g_bytes_new_from_bytes (content, done, g_bytes_get_size (content) - done));
  return index;
}

/**
 * onward_unfolding_list_new:
 * @self: an unfolding
 *
 * Returns: (transfer full) (element-type GBytes): the new contents in order, in pieces: what is
 *   inflated is one of its own
 */
GPtrArray *
onward_unfolding_list_new (const OnwardUnfolding *self)
{
  GPtrArray *list = new_list ();
  guint index = 0;

  for (guint i = 0; i < self->new_contents->len; i++)
    index = list_pieces (self, i, index, list);
  return list;
}

/* The last of ascending @starts that is not beyond @offset; none: their number. */
static guint
find_place (const GArray *starts, guint64 offset)
{
  guint low = 0;
  guint high = starts->len;

  if (starts->len == 0 || offset < g_array_index (starts, guint64, 0))
    return starts->len;

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (starts, guint64, middle) <= offset)
        low = middle;
      else
        high = middle;
    }
  return low;
}

/* Where each old place begins among the old bytes. */
static GArray *
list_starts (const OnwardUnfolding *self)
{
  GArray *starts = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint64 start = measure (self->old_contents);

  for (guint i = 0; i < self->old_places->len; i++)
    {
      g_array_append_val (starts, start);
      start += get (self->old_places, i)->deflate.inflated_size;
    }
  return starts;
}

/* A cover may reach over several places, and begin before the first. */
static void
mark_used (const GArray *starts, const OnwardCover *cover, guint8 *used)
{
  guint64 end = cover->source + cover->length;
  guint place = find_place (starts, cover->source);

  for (guint i = place < starts->len ? place : 0;
       i < starts->len && g_array_index (starts, guint64, i) < end; i++)
    used[i] = 1;
}

/**
 * onward_unfolding_prune:
 * @self: an unfolding
 * @covers: (inout) (element-type OnwardCover): between what the lists were; moved to where their
 *   sources are in what onward_unfolding_list_old() then gives
 *
 * Forgets what of the old bytes no cover needs: clients need not inflate it.
 */
void
onward_unfolding_prune (OnwardUnfolding *self, GArray *covers)
{
  g_autoptr (GArray) starts = list_starts (self);
  g_autofree guint8 *used = g_new0 (guint8, starts->len + 1);
  g_autofree guint64 *moves = g_new0 (guint64, starts->len + 1);
  guint64 move = 0;

  for (guint i = 0; i < covers->len; i++)
    mark_used (starts, &g_array_index (covers, OnwardCover, i), used);
  for (guint i = 0; i < starts->len; i++)
    {
      OnwardDeflated *place = &g_array_index (self->old_places, OnwardDeflated, i);

      moves[i] = move;
      if (used[i] != 0)
        continue;
      move += place->deflate.inflated_size;
      g_clear_pointer (&place->inflated, g_bytes_unref);
    }
  for (guint i = 0; i < covers->len; i++)
    {
      OnwardCover *cover = &g_array_index (covers, OnwardCover, i);

      cover->source -= moves[find_place (starts, cover->source)];
    }
  onward_deflated_settle (self->old_places);
}

/* Old places are counted from the end of the last one. */
static GByteArray *
write_old (const OnwardUnfolding *self, guint64 *ret_inflated)
{
  GByteArray *bytes = g_byte_array_new ();
  guint64 start = 0;
  guint64 end = 0;
  guint content = 0;

  *ret_inflated = 0;
  for (guint i = 0; i < self->old_places->len; i++)
    {
      const OnwardDeflated *place = get (self->old_places, i);
      const OnwardDeflate *deflate = &place->deflate;

      for (; content < place->content; content++)
        start += g_bytes_get_size (g_ptr_array_index (self->old_contents, content));
      onward_number_append (bytes, (start + deflate->start - end) << 1 | (deflate->chunk > 0));
      end = start + deflate->start + deflate->size;
      *ret_inflated += deflate->inflated_size;
    }
  return bytes;
}

static void
write_chunks (GByteArray *bytes, const OnwardDeflate *deflate)
{
  guint64 payload = onward_deflate_get_payload (deflate);

  onward_number_append (bytes, payload);
  onward_number_append (bytes, deflate->chunk < payload ? deflate->chunk : 0);
  onward_number_append (bytes, onward_number_get_16 (deflate->head));
}

/* So are new ones, and most are deflated like the last. */
static GByteArray *
write_new (const OnwardUnfolding *self, guint64 *ret_unfolded)
{
  GByteArray *bytes = g_byte_array_new ();
  guint64 start = 0;
  guint64 end = 0;
  guint content = 0;
  guint64 last_way = G_MAXUINT64;

  *ret_unfolded = measure (self->new_contents);
  for (guint i = 0; i < self->new_places->len; i++)
    {
      const OnwardDeflated *place = get (self->new_places, i);
      const OnwardDeflate *deflate = &place->deflate;
      guint64 way = onward_deflate_way_get (deflate);

      for (; content < place->content; content++)
        start += g_bytes_get_size (g_ptr_array_index (self->new_contents, content));
      onward_number_append (bytes, (start + deflate->start - end) << 1 | (way == last_way));
      onward_number_append (bytes, deflate->inflated_size);
      if (way != last_way)
        onward_number_append (bytes, way);
      if (deflate->chunk > 0)
        write_chunks (bytes, deflate);
      end = start + deflate->start + deflate->size;
      *ret_unfolded += deflate->inflated_size - deflate->size;
      last_way = way;
    }
  return bytes;
}

/**
 * onward_unfolding_append:
 * @self: an unfolding
 * @effort: how hard to try
 * @delta: grows by what onward_deflate_table_new() reads
 *
 * Says what is to be inflated, and what to be deflated again and how.
 */
void
onward_unfolding_append (const OnwardUnfolding *self, OnwardDeltaEffort effort, GByteArray *delta)
{
  guint64 old_inflated, unfolded_size;
  g_autoptr (GByteArray) old_places = write_old (self, &old_inflated);
  g_autoptr (GByteArray) new_places = write_new (self, &unfolded_size);

  onward_number_append (delta, old_inflated);
  onward_number_append (delta, unfolded_size);
  onward_stream_packer_append_pair (old_places, new_places, effort, ONWARD_DEFLATE_TABLE_WINDOW_LOG,
                                    delta);
}
