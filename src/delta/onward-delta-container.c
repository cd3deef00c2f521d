/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-delta-container.h"
#include "onward-error.h"
#include "onward-number.h"

/* More than any content may have is no size. */
#define MAX_SIZE (G_GUINT64_CONSTANT (1) << 40)

/* What the table says of a stream, or of the small ones together. */
typedef struct
{
  guint64 size;
  guint64 stored_size;
  OnwardStreamMethod method;
} Line;

typedef struct
{
  const OnwardParts *old_parts;
  OnwardDeltaVersion version;
  const guint8 *data;
  gsize size;
  gsize position;
  Line lines[ONWARD_N_STREAMS];
  Line small;
} Table;

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, why);
  return FALSE;
}

static gboolean
read_number (Table *self, guint64 *ret_number, GError **error)
{
  return onward_number_read (self->data, self->size, &self->position, ret_number) ||
         refuse (error, "The delta is cut off");
}

static gboolean
read_how_stored (Table *self, Line *line, GError **error)
{
  guint64 method;

  if (line->size == 0)
    return TRUE;
  if (!read_number (self, &method, error) || !read_number (self, &line->stored_size, error))
    return FALSE;
  if (method > ONWARD_STREAM_LZMA2_OLD ||
      (method == ONWARD_STREAM_LZMA2_OLD &&
       onward_parts_get_size (self->old_parts) > ONWARD_STREAM_MAX_OLD))
    return refuse (error, "A stream of the delta is compressed in an unknown way");

  line->method = (OnwardStreamMethod) method;
  return TRUE;
}

/* Which streams there are: bit n is stream n. Once all were named, with their sizes. */
static gboolean
read_streams (Table *self, guint64 *ret_streams, GError **error)
{
  *ret_streams = ONWARD_ALL_STREAMS;
  if (self->version >= ONWARD_DELTA_TOGETHER && !read_number (self, ret_streams, error))
    return FALSE;
  return *ret_streams <= ONWARD_ALL_STREAMS ||
         refuse (error, "The delta has a stream of an unknown kind");
}

static gboolean
read_table (Table *self, GError **error)
{
  guint64 streams;

  if (!read_streams (self, &streams, error))
    return FALSE;

  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    {
      Line *line = &self->lines[i];

      if ((streams >> i & 1) != 0 && !read_number (self, &line->size, error))
        return FALSE;
      if (line->size > MAX_SIZE)
        return refuse (error, "A stream of the delta is too long");
      if (line->size <= ONWARD_STREAM_MAX_SMALL)
        self->small.size += line->size;
      else if (!read_how_stored (self, line, error))
        return FALSE;
    }
  return read_how_stored (self, &self->small, error);
}

static OnwardStreamReader *
open_line (Table *self, const Line *line, guint window_log, GError **error)
{
  const guint8 *data = self->data + self->position;
  g_autoptr (GBytes) old_bytes = NULL;

  if (line->stored_size > self->size - self->position)
    {
      (void) refuse (error, "The delta is cut off");
      return NULL;
    }

  self->position += line->stored_size;
  if (line->method == ONWARD_STREAM_LZMA2_OLD)
    old_bytes = onward_parts_join (self->old_parts);
  return onward_stream_reader_new (line->method, data, line->stored_size, line->size, window_log,
                                   old_bytes, error);
}

/* The small streams are uncompressed at once. */
static gboolean
open_small (OnwardDeltaContainer *self, Table *table, GError **error)
{
  g_autoptr (OnwardStreamReader) reader =
      open_line (table, &table->small, ONWARD_STREAM_WINDOW_LOG, error);
  const guint8 *at;

  self->small = g_malloc (table->small.size + 1);
  if (reader == NULL || !onward_stream_reader_read (reader, self->small, table->small.size, error))
    return FALSE;

  at = self->small;
  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    {
      gsize size = table->lines[i].size;

      if (size > ONWARD_STREAM_MAX_SMALL)
        continue;
      self->readers[i] =
          onward_stream_reader_new (ONWARD_STREAM_STORED, at, size, size, 0, NULL, error);
      at += size;
    }
  return TRUE;
}

static gboolean
open_large (OnwardDeltaContainer *self, Table *table, GError **error)
{
  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    {
      if (self->readers[i] != NULL)
        continue;
      self->readers[i] =
          open_line (table, &table->lines[i], onward_delta_stream_get_window_log (i), error);
      if (self->readers[i] == NULL)
        return FALSE;
    }
  return table->position == table->size || refuse (error, "Something follows the delta");
}

/**
 * onward_delta_container_new:
 * @delta: a delta, which must outlive the container; hostile bytes do no harm
 * @version: its version, 2 or later
 * @position: where in it the table of streams begins
 * @old_parts: the old contents
 * @error: return location for an error
 *
 * Reads the table: which streams there are, each one's size, and how it is stored unless it is a
 * small one; then how the small ones are. The streams follow, the small ones first. All readers
 * together take at most 62 MiB.
 *
 * Returns: (transfer full): the streams
 */
OnwardDeltaContainer *
onward_delta_container_new (GBytes *delta, OnwardDeltaVersion version, gsize position,
                            const OnwardParts *old_parts, GError **error)
{
  g_autoptr (OnwardDeltaContainer) self = g_new0 (OnwardDeltaContainer, 1);
  Table table = { .old_parts = old_parts, .version = version, .position = position };

  table.data = g_bytes_get_data (delta, &table.size);
  if (!read_table (&table, error) || !open_small (self, &table, error) ||
      !open_large (self, &table, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * onward_delta_container_free:
 * @self: (transfer full) (nullable): streams
 *
 * Frees them.
 */
void
onward_delta_container_free (OnwardDeltaContainer *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    onward_stream_reader_free (self->readers[i]);
  g_free (self->small);
  g_free (self);
}

/**
 * onward_delta_container_check:
 * @self: streams that were read
 * @error: return location for an error
 *
 * Returns: whether nothing is left in them
 */
gboolean
onward_delta_container_check (const OnwardDeltaContainer *self, GError **error)
{
  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    if (onward_stream_reader_get_left (self->readers[i]) > 0)
      return refuse (error, "The delta says more than is needed");
  return TRUE;
}
