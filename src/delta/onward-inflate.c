/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <zlib.h>

#include "onward-deflate.h"
#include "onward-error.h"
#include "onward-inflate.h"

#define STEP_SIZE (64 * 1024)
/* zlib counts in 32 bits. */
#define MAX_STEP (1u << 30)

/* Deflated bytes on their way. */
typedef struct
{
  const guint8 *data;
  gsize size;
  gboolean in_chunks;

  gsize position; /* what zlib has or had */
  z_stream stream;
  guint64 left; /* how many bytes may still come out */
  guint8 buffer[STEP_SIZE];
} Inflation;

static void
inflation_free (Inflation *self)
{
  (void) inflateEnd (&self->stream);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Inflation, inflation_free)

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Deflated bytes %s", why);
  return FALSE;
}

/* Hands zlib the bytes of the chunk that follows. */
static gboolean
take_chunk (Inflation *self, GError **error)
{
  const guint8 *header = self->data + self->position;
  gsize rest = self->size - self->position;
  guint32 length;

  if (rest < ONWARD_DEFLATE_CHUNK_COST || memcmp (header + 4, "IDAT", 4) != 0)
    return refuse (error, "are cut off");

  memcpy (&length, header, sizeof length);
  length = GUINT32_FROM_BE (length);
  if (length > MIN (rest - ONWARD_DEFLATE_CHUNK_COST, MAX_STEP))
    return refuse (error, "are cut off");

  self->stream.next_in = (guint8 *) header + ONWARD_DEFLATE_CHUNK_HEADER;
  self->stream.avail_in = length;
  self->position += length + ONWARD_DEFLATE_CHUNK_COST;
  return TRUE;
}

static gboolean
take_input (Inflation *self, GError **error)
{
  gsize size = MIN (self->size - self->position, MAX_STEP);

  if (self->in_chunks)
    return take_chunk (self, error);
  if (size == 0)
    return refuse (error, "are cut off");

  self->stream.next_in = (guint8 *) self->data + self->position;
  self->stream.avail_in = (uInt) size;
  self->position += size;
  return TRUE;
}

static gboolean
pass_on (Inflation *self, OnwardDeltaSink sink, gpointer user_data, GError **error)
{
  gsize size = sizeof self->buffer - self->stream.avail_out;

  if (size > self->left)
    return refuse (error, "give more than they may");

  self->left -= size;
  return size == 0 || sink (self->buffer, size, user_data, error);
}

static gboolean
inflate_all (Inflation *self, OnwardDeltaSink sink, gpointer user_data, GError **error)
{
  gboolean wants_input = TRUE;
  int status = Z_OK;

  while (status != Z_STREAM_END)
    {
      if (wants_input && self->stream.avail_in == 0 && !take_input (self, error))
        return FALSE;

      self->stream.next_out = self->buffer;
      self->stream.avail_out = sizeof self->buffer;
      status = inflate (&self->stream, Z_NO_FLUSH);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
        return refuse (error, "are none");
      /* What fills the buffer may go on without input. */
      wants_input = self->stream.avail_out > 0;
      if (!pass_on (self, sink, user_data, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * onward_inflate_run:
 * @data: where deflated bytes begin; hostile ones do no harm
 * @size: how many bytes follow, of which some may belong to something else
 * @in_chunks: whether these are the IDAT chunks of a PNG, else nothing but deflated bytes
 * @limit: how many bytes they may give
 * @sink: receives what they give
 * @user_data: for @sink
 * @ret_used: (out): how many bytes they have
 * @error: return location for an error
 *
 * Inflates. A PNG's checksums are not looked at: who needs them makes them again. Blocking.
 *
 * Returns: whether they came to their end
 */
gboolean
onward_inflate_run (const guint8 *data, gsize size, gboolean in_chunks, guint64 limit,
                    OnwardDeltaSink sink, gpointer user_data, gsize *ret_used, GError **error)
{
  g_autoptr (Inflation) self = g_new0 (Inflation, 1);

  self->data = data;
  self->size = size;
  self->in_chunks = in_chunks;
  self->left = limit;
  if (inflateInit2 (&self->stream, in_chunks ? MAX_WBITS : -MAX_WBITS) != Z_OK)
    return refuse (error, "cannot be inflated: no memory");
  if (!inflate_all (self, sink, user_data, error))
    return FALSE;
  if (in_chunks && self->stream.avail_in > 0)
    return refuse (error, "have something behind them");

  *ret_used = self->position - self->stream.avail_in;
  return TRUE;
}
