/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-deflate-table.h"
#include "onward-deflate-way.h"
#include "onward-delta.h"
#include "onward-error.h"
#include "onward-number.h"

/* What the table's beginning says of a stream. */
typedef struct
{
  guint64 size;
  guint64 method;
  guint64 stored_size;
} Line;

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, why);
  return FALSE;
}

static gboolean
read_line (const guint8 *data, gsize size, gsize *position, Line *line)
{
  return onward_number_read (data, size, position, &line->size) &&
         (line->size == 0 || (onward_number_read (data, size, position, &line->method) &&
                              onward_number_read (data, size, position, &line->stored_size)));
}

static OnwardStreamReader *
open_line (const guint8 *data, gsize size, gsize *position, const Line *line, GError **error)
{
  gsize start = *position;

  if (line->stored_size > size - start || line->method >= ONWARD_STREAM_LZMA2_OLD)
    {
      (void) refuse (error, "A table of the delta is cut off, or compressed in an unknown way");
      return NULL;
    }

  *position += line->stored_size;
  return onward_stream_reader_new ((OnwardStreamMethod) line->method, data + start,
                                   line->stored_size, line->size, ONWARD_DEFLATE_TABLE_WINDOW_LOG,
                                   NULL, error);
}

/**
 * onward_deflate_table_new:
 * @delta: a delta of version 3, which must outlive the table; hostile bytes do no harm
 * @position: (inout): where its header ends; moved to where the table does
 * @error: return location for an error
 *
 * Reads the beginning of the table and checks its sizes: no more than %ONWARD_DELTA_MAX_INFLATED of
 * the old bytes is inflated, and no more than %ONWARD_DELTA_MAX_WHOLE rebuilt.
 *
 * Returns: (transfer full): the table
 */
OnwardDeflateTable *
onward_deflate_table_new (GBytes *delta, gsize *position, GError **error)
{
  g_autoptr (OnwardDeflateTable) self = g_new0 (OnwardDeflateTable, 1);
  Line old_line = { 0 };
  Line new_line = { 0 };
  gsize size;
  const guint8 *data = g_bytes_get_data (delta, &size);

  if (!onward_number_read (data, size, position, &self->old_inflated) ||
      !onward_number_read (data, size, position, &self->unfolded_size) ||
      !read_line (data, size, position, &old_line) || !read_line (data, size, position, &new_line))
    {
      (void) refuse (error, "The delta is cut off");
      return NULL;
    }
  if (self->old_inflated > ONWARD_DELTA_MAX_INFLATED ||
      self->unfolded_size > ONWARD_DELTA_MAX_WHOLE)
    {
      (void) refuse (error, "The delta inflates too much");
      return NULL;
    }

  self->work_left = ONWARD_DEFLATE_MAX_WORK;
  self->old_places = open_line (data, size, position, &old_line, error);
  if (self->old_places != NULL)
    self->new_places = open_line (data, size, position, &new_line, error);
  return self->new_places != NULL ? g_steal_pointer (&self) : NULL;
}

/**
 * onward_deflate_table_free:
 * @self: (transfer full) (nullable): a table
 *
 * Frees it.
 */
void
onward_deflate_table_free (OnwardDeflateTable *self)
{
  if (self == NULL)
    return;

  onward_stream_reader_free (self->old_places);
  onward_stream_reader_free (self->new_places);
  g_free (self);
}

/**
 * onward_deflate_table_read_old:
 * @self: a table
 * @ret_gap: (out): how many old bytes lie between the end of the last place and this one
 * @ret_in_chunks: (out): whether it is the image data of a PNG
 * @error: return location for an error
 *
 * Reads which place in the old bytes is to be inflated next. How long it is, it says itself.
 *
 * Returns: whether there is one; %FALSE without @error when there is none left
 */
gboolean
onward_deflate_table_read_old (OnwardDeflateTable *self, guint64 *ret_gap, gboolean *ret_in_chunks,
                               GError **error)
{
  guint64 number;

  if (onward_stream_reader_get_left (self->old_places) == 0 ||
      !onward_stream_reader_number (self->old_places, &number, error))
    return FALSE;

  *ret_gap = number >> 1;
  *ret_in_chunks = (number & 1) != 0;
  return TRUE;
}

/* The chunks of a PNG: what they carry, how much each, 0 for a single one; and the zlib header. */
static gboolean
read_chunks (OnwardDeflateTable *self, OnwardDeflate *deflate, GError **error)
{
  guint64 payload, chunk, head;

  if (!onward_stream_reader_number (self->new_places, &payload, error) ||
      !onward_stream_reader_number (self->new_places, &chunk, error) ||
      !onward_stream_reader_number (self->new_places, &head, error))
    return FALSE;
  if (payload == 0 || payload > ONWARD_DELTA_MAX_WHOLE || chunk > payload || head > G_MAXUINT16)
    return refuse (error, "The delta has a picture that cannot be");

  deflate->chunk = (guint32) (chunk > 0 ? chunk : payload);
  deflate->size = onward_deflate_get_chunked (payload, deflate->chunk);
  onward_number_put (deflate->head, head, sizeof deflate->head);
  return TRUE;
}

/* How it is deflated: like the last one, or a way of its own. */
static gboolean
read_way (OnwardDeflateTable *self, gboolean is_like_last, OnwardDeflate *deflate, GError **error)
{
  gboolean in_chunks = self->last.chunk > 0;
  guint64 way;

  *deflate = self->last;
  deflate->chunk = 0;
  if (!is_like_last && !onward_stream_reader_number (self->new_places, &way, error))
    return FALSE;
  if (is_like_last ? self->last.level == 0 : !onward_deflate_way_set (deflate, way, &in_chunks))
    return refuse (error, "The delta deflates in an unknown way");
  return !in_chunks || read_chunks (self, deflate, error);
}

/**
 * onward_deflate_table_read_new:
 * @self: a table
 * @ret_gap: (out): how many new bytes lie between the end of the last place and this one
 * @ret_deflate: (out): how many bytes are to be deflated, and how
 * @error: return location for an error
 *
 * Reads which place in the new bytes is to be deflated next. All together may take as much work as
 * %ONWARD_DEFLATE_MAX_WORK.
 *
 * Returns: whether there is one; %FALSE without @error when there is none left
 */
gboolean
onward_deflate_table_read_new (OnwardDeflateTable *self, guint64 *ret_gap,
                               OnwardDeflate *ret_deflate, GError **error)
{
  OnwardDeflate deflate;
  guint64 number, inflated_size;

  if (onward_stream_reader_get_left (self->new_places) == 0 ||
      !onward_stream_reader_number (self->new_places, &number, error) ||
      !onward_stream_reader_number (self->new_places, &inflated_size, error) ||
      !read_way (self, (number & 1) != 0, &deflate, error))
    return FALSE;

  deflate.inflated_size = inflated_size;
  if (onward_deflate_get_work (&deflate) > self->work_left)
    return refuse (error, "The delta deflates too much");

  self->work_left -= onward_deflate_get_work (&deflate);
  self->last = deflate;
  *ret_gap = number >> 1;
  *ret_deflate = deflate;
  return TRUE;
}
