/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <zlib.h>

#include "onward-error.h"
#include "onward-gnu-deflate.h"
#include "onward-redeflate.h"

/* zlib is always given so much at once: what it makes may depend on it. */
#define STEP_SIZE (64 * 1024)

struct _OnwardRedeflate
{
  OnwardDeflate deflate;
  OnwardDeltaSink sink;
  gpointer user_data;
  OnwardGnuDeflate *gnu; /* (owned) (nullable): what to use instead of zlib */
  z_stream stream;
  gboolean has_begun;
  gsize filled; /* of the input */

  /* Of a PNG. */
  uLong checksum;       /* of what is deflated */
  guint64 payload_left; /* what all chunks still carry */
  guint64 chunk_left;   /* what this one does */
  uLong chunk_checksum;

  guint8 input[STEP_SIZE];
  guint8 output[STEP_SIZE];
};

static void
init_zlib (OnwardRedeflate *self)
{
  const OnwardDeflate *deflate = &self->deflate;
  int status =
      deflateInit2 (&self->stream, deflate->level, Z_DEFLATED, -deflate->window, deflate->memory,
                    deflate->is_filtered ? Z_FILTERED : Z_DEFAULT_STRATEGY);

  g_assert (status == Z_OK);
}

/**
 * onward_redeflate_new:
 * @deflate: how to deflate; of a PNG also the size of what comes out
 * @sink: receives the deflated bytes
 * @user_data: for @sink
 *
 * Takes about half a MiB.
 *
 * Returns: (transfer full): what deflates
 */
OnwardRedeflate *
onward_redeflate_new (const OnwardDeflate *deflate, OnwardDeltaSink sink, gpointer user_data)
{
  OnwardRedeflate *self = g_new0 (OnwardRedeflate, 1);

  self->deflate = *deflate;
  self->sink = sink;
  self->user_data = user_data;
  self->checksum = adler32 (0, NULL, 0);
  if (deflate->chunk > 0)
    self->payload_left = onward_deflate_get_payload (deflate);
  if (deflate->is_gnu)
    self->gnu = onward_gnu_deflate_new (deflate->level, sink, user_data);
  else
    init_zlib (self);
  return self;
}

/**
 * onward_redeflate_free:
 * @self: (transfer full) (nullable): what deflates
 *
 * Frees it.
 */
void
onward_redeflate_free (OnwardRedeflate *self)
{
  if (self == NULL)
    return;

  onward_gnu_deflate_free (self->gnu);
  (void) deflateEnd (&self->stream);
  g_free (self);
}

static gboolean
refuse_size (GError **error)
{
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
                       "What was deflated has another size than before");
  return FALSE;
}

static gboolean
emit_number (OnwardRedeflate *self, uLong number, GError **error)
{
  guint32 disk = GUINT32_TO_BE ((guint32) number);

  return self->sink (&disk, sizeof disk, self->user_data, error);
}

static gboolean
begin_chunk (OnwardRedeflate *self, GError **error)
{
  static const guint8 kind[4] = "IDAT";

  self->chunk_left = MIN (self->deflate.chunk, self->payload_left);
  self->payload_left -= self->chunk_left;
  self->chunk_checksum = crc32 (0, kind, sizeof kind);
  if (self->chunk_left == 0)
    return refuse_size (error);
  return emit_number (self, self->chunk_left, error) &&
         self->sink (kind, sizeof kind, self->user_data, error);
}

static gboolean
emit_in_chunks (OnwardRedeflate *self, const guint8 *data, gsize size, GError **error)
{
  while (size > 0)
    {
      gsize step;

      if (self->chunk_left == 0 && !begin_chunk (self, error))
        return FALSE;

      step = MIN (size, self->chunk_left);
      if (!self->sink (data, step, self->user_data, error))
        return FALSE;

      self->chunk_checksum = crc32 (self->chunk_checksum, data, (uInt) step);
      self->chunk_left -= step;
      data += step;
      size -= step;
      if (self->chunk_left == 0 && !emit_number (self, self->chunk_checksum, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
emit (OnwardRedeflate *self, const guint8 *data, gsize size, GError **error)
{
  if (self->deflate.chunk > 0)
    return emit_in_chunks (self, data, size, error);
  return size == 0 || self->sink (data, size, self->user_data, error);
}

/* Deflates what was gathered. */
static gboolean
consume (OnwardRedeflate *self, int flush, GError **error)
{
  if (self->deflate.chunk > 0 && !self->has_begun &&
      !emit (self, self->deflate.head, sizeof self->deflate.head, error))
    return FALSE;

  self->has_begun = TRUE;
  self->checksum = adler32 (self->checksum, self->input, (uInt) self->filled);
  self->stream.next_in = self->input;
  self->stream.avail_in = (uInt) self->filled;
  self->filled = 0;
  do
    {
      self->stream.next_out = self->output;
      self->stream.avail_out = sizeof self->output;
      (void) deflate (&self->stream, flush);
      if (!emit (self, self->output, sizeof self->output - self->stream.avail_out, error))
        return FALSE;
    }
  while (self->stream.avail_out == 0);
  return TRUE;
}

/**
 * onward_redeflate_write:
 * @self: what deflates
 * @data: bytes
 * @size: how many
 * @error: return location for an error
 *
 * Deflates more bytes.
 *
 * Returns: whether the sink took what came out
 */
gboolean
onward_redeflate_write (OnwardRedeflate *self, const guint8 *data, gsize size, GError **error)
{
  if (self->gnu != NULL)
    return onward_gnu_deflate_write (self->gnu, data, size, error);

  while (size > 0)
    {
      gsize step = MIN (size, sizeof self->input - self->filled);

      memcpy (self->input + self->filled, data, step);
      self->filled += step;
      data += step;
      size -= step;
      if (self->filled == sizeof self->input && !consume (self, Z_NO_FLUSH, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * onward_redeflate_finish:
 * @self: what deflates
 * @error: return location for an error
 *
 * Ends it. Call it once.
 *
 * Returns: whether the sink took all, and of a PNG whether it has the size it must have; if not,
 *   zlib is another one here
 */
gboolean
onward_redeflate_finish (OnwardRedeflate *self, GError **error)
{
  guint32 checksum;

  if (self->gnu != NULL)
    return onward_gnu_deflate_finish (self->gnu, error);
  if (!consume (self, Z_FINISH, error))
    return FALSE;
  if (self->deflate.chunk == 0)
    return TRUE;

  checksum = GUINT32_TO_BE ((guint32) self->checksum);
  return emit (self, (const guint8 *) &checksum, sizeof checksum, error) &&
         (self->payload_left + self->chunk_left == 0 || refuse_size (error));
}
