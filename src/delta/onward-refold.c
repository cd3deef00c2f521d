/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-redeflate.h"
#include "onward-refold.h"

struct _OnwardRefold
{
  OnwardDeflateTable *table; /* (unowned) */
  OnwardDeltaSink sink;
  gpointer user_data;
  guint64 left; /* how many bytes may still come out */

  gboolean has_begun;
  gboolean has_next;
  OnwardDeflate next;         /* the next place, or the one on its way */
  guint64 gap;                /* bytes before it */
  guint64 inflated_left;      /* bytes that are still to be deflated there */
  OnwardRedeflate *redeflate; /* (owned) (nullable): a place is on its way */
};

/**
 * onward_refold_new:
 * @table: (inout): what a delta says of deflated bytes, of which the new places are read; must
 *   outlive the refold
 * @size: how many bytes must come out
 * @sink: receives them in consecutive pieces
 * @user_data: for @sink
 *
 * Returns: (transfer full): what takes the new bytes as a delta sees them
 */
OnwardRefold *
onward_refold_new (OnwardDeflateTable *table, guint64 size, OnwardDeltaSink sink,
                   gpointer user_data)
{
  OnwardRefold *self = g_new0 (OnwardRefold, 1);

  self->table = table;
  self->left = size;
  self->sink = sink;
  self->user_data = user_data;
  return self;
}

/**
 * onward_refold_free:
 * @self: (transfer full) (nullable): a refold
 *
 * Frees it.
 */
void
onward_refold_free (OnwardRefold *self)
{
  if (self == NULL)
    return;

  onward_redeflate_free (self->redeflate);
  g_free (self);
}

/* Where more or less comes out than did where the delta was made, zlib is another one. */
static gboolean
refuse_size (GError **error)
{
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
                       "What the delta deflates has another size here than it must have");
  return FALSE;
}

static gboolean
emit (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  OnwardRefold *self = user_data;

  if (size > self->left)
    return refuse_size (error);

  self->left -= size;
  return self->sink (data, size, self->user_data, error);
}

static gboolean
read_next (OnwardRefold *self, GError **error)
{
  GError *local_error = NULL;

  self->has_begun = TRUE;
  self->gap = 0;
  self->has_next =
      onward_deflate_table_read_new (self->table, &self->gap, &self->next, &local_error);
  if (local_error != NULL)
    g_propagate_error (error, local_error);
  else if (self->has_next && self->next.inflated_size == 0)
    g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "The delta deflates nothing");
  else
    return TRUE;
  return FALSE;
}

static gboolean
end_place (OnwardRefold *self, GError **error)
{
  g_autoptr (OnwardRedeflate) redeflate = g_steal_pointer (&self->redeflate);

  return onward_redeflate_finish (redeflate, error) && read_next (self, error);
}

/* Deflates some bytes, or passes on what lies between places; how many, @ret_step tells. */
static gboolean
take (OnwardRefold *self, const guint8 *data, gsize size, gsize *ret_step, GError **error)
{
  if (self->has_next && self->gap == 0 && self->redeflate == NULL)
    {
      self->redeflate = onward_redeflate_new (&self->next, emit, self);
      self->inflated_left = self->next.inflated_size;
    }
  if (self->redeflate != NULL)
    {
      *ret_step = MIN (size, self->inflated_left);
      self->inflated_left -= *ret_step;
      return onward_redeflate_write (self->redeflate, data, *ret_step, error) &&
             (self->inflated_left > 0 || end_place (self, error));
    }

  *ret_step = self->has_next ? MIN (size, self->gap) : size;
  self->gap -= self->has_next ? *ret_step : 0;
  return emit (data, *ret_step, self, error);
}

/**
 * onward_refold_write:
 * @data: the next bytes, as the delta sees them
 * @size: how many
 * @refold: an #OnwardRefold
 * @error: return location for an error
 *
 * An #OnwardDeltaSink.
 *
 * Returns: whether what came of them was taken
 */
gboolean
onward_refold_write (gconstpointer data, gsize size, gpointer refold, GError **error)
{
  OnwardRefold *self = refold;
  const guint8 *at = data;

  if (!self->has_begun && !read_next (self, error))
    return FALSE;

  while (size > 0)
    {
      gsize step;

      if (!take (self, at, size, &step, error))
        return FALSE;
      at += step;
      size -= step;
    }
  return TRUE;
}

/**
 * onward_refold_finish:
 * @self: a refold that was given all
 * @error: return location for an error
 *
 * Returns: whether all places came, and as many bytes as must
 */
gboolean
onward_refold_finish (OnwardRefold *self, GError **error)
{
  if (!self->has_begun && !read_next (self, error))
    return FALSE;
  if (self->has_next)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "The delta deflates more than there is");
      return FALSE;
    }
  return self->left == 0 || refuse_size (error);
}
