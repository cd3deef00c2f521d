/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-inflate.h"
#include "onward-parts.h"
#include "onward-unfold.h"

/* The old bytes while they are searched for what is deflated. */
typedef struct
{
  const OnwardParts *parts;
  OnwardDeflateTable *table;
  const OnwardDeltaScratch *scratch; /* (nullable): none: @memory */
  GByteArray *memory;                /* (owned) */
  GCancellable *cancellable;

  guint64 position; /* in the old bytes */
  guint64 inflated; /* what came out */
  GArray *sizes;    /* (owned): of guint64: how much of each place */
} Unfolding;

static void
unfolding_clear (Unfolding *self)
{
  g_clear_pointer (&self->memory, g_byte_array_unref);
  g_clear_pointer (&self->sizes, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Unfolding, unfolding_clear)

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, why);
  return FALSE;
}

static gboolean
keep (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  Unfolding *self = user_data;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;

  self->inflated += size;
  if (self->scratch != NULL)
    return self->scratch->write (data, size, self->scratch->user_data, error);
  g_byte_array_append (self->memory, data, (guint) size);
  return TRUE;
}

static gboolean
inflate_place (Unfolding *self, guint64 gap, gboolean in_chunks, GError **error)
{
  guint64 before = self->inflated;
  guint64 size;
  const guint8 *data;
  gsize available, used;

  if (gap >= onward_parts_get_size (self->parts) - self->position)
    return refuse (error, "The delta inflates what there is not");

  self->position += gap;
  data = onward_parts_look (self->parts, self->position, &available);
  if (!onward_inflate_run (data, available, in_chunks, self->table->old_inflated - before, keep,
                           self, &used, error))
    return FALSE;

  self->position += used;
  size = self->inflated - before;
  g_array_append_val (self->sizes, size);
  return size > 0 || refuse (error, "The delta inflates nothing");
}

static gboolean
inflate_places (Unfolding *self, GError **error)
{
  GError *local_error = NULL;
  gboolean in_chunks;
  guint64 gap;

  while (onward_deflate_table_read_old (self->table, &gap, &in_chunks, &local_error))
    {
      if (self->sizes->len == ONWARD_UNFOLD_MAX_PLACES)
        return refuse (error, "The delta inflates too often");
      if (!inflate_place (self, gap, in_chunks, error))
        return FALSE;
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }
  return self->inflated == self->table->old_inflated ||
         refuse (error, "The delta inflates less than it says");
}

static GBytes *
finish (Unfolding *self, GError **error)
{
  if (self->scratch != NULL)
    return self->scratch->finish (self->scratch->user_data, error);
  return g_byte_array_free_to_bytes (g_steal_pointer (&self->memory));
}

static GPtrArray *
list_contents (Unfolding *self, GPtrArray *old_contents, GBytes *inflated)
{
  GPtrArray *contents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  gsize at = 0;

  for (guint i = 0; i < old_contents->len; i++)
    g_ptr_array_add (contents, g_bytes_ref (g_ptr_array_index (old_contents, i)));
  for (guint i = 0; i < self->sizes->len; i++)
    {
      gsize size = g_array_index (self->sizes, guint64, i);

      g_ptr_array_add (contents, g_bytes_new_from_bytes (inflated, at, size));
      at += size;
    }
  return contents;
}

/**
 * onward_unfold_run:
 * @old_contents: (element-type GBytes): the old contents
 * @table: (inout): what a delta says of deflated bytes, of which the old places are read
 * @scratch: (nullable): keeps what comes out, if it is much; %NULL: it is kept in memory
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Inflates what of the old bytes a delta asks for, never more than it says before. Blocking.
 *
 * Returns: (transfer full) (element-type GBytes): the old contents as a delta sees them
 */
GPtrArray *
onward_unfold_run (GPtrArray *old_contents, OnwardDeflateTable *table,
                   const OnwardDeltaScratch *scratch, GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardParts) parts = onward_parts_new (old_contents);
  g_autoptr (GBytes) inflated = NULL;
  g_auto (Unfolding) self = { .parts = parts, .table = table, .cancellable = cancellable };

  if (table->old_inflated > ONWARD_UNFOLD_MAX_MEMORY)
    self.scratch = scratch;
  self.memory = g_byte_array_new ();
  self.sizes = g_array_new (FALSE, FALSE, sizeof (guint64));
  if (!inflate_places (&self, error))
    return NULL;

  inflated = finish (&self, error);
  return inflated != NULL ? list_contents (&self, old_contents, inflated) : NULL;
}
