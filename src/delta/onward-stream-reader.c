/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lzma.h>
#include <string.h>
#include <zstd.h>

#include "onward-error.h"
#include "onward-stream-reader.h"

#define STEP_SIZE (64 * 1024)

struct _OnwardStreamReader
{
  OnwardStreamMethod method;
  guint64 hidden; /* bytes that are still to be uncompressed */

  const guint8 *at; /* (unowned): uncompressed bytes that are still to be read */
  gsize available;  /* how many */
  guint8 *buffer;   /* (owned) (nullable): where they are, unless stored */

  lzma_stream lzma;
  ZSTD_DCtx *zstd; /* (owned) (nullable) */
  ZSTD_inBuffer zstd_input;
};

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "A stream of the delta %s", why);
  return FALSE;
}

static gboolean
open_lzma (OnwardStreamReader *self, const guint8 *data, gsize stored_size, guint window_log,
           GBytes *old_bytes, GError **error)
{
  lzma_options_lzma options = { 0 };
  lzma_filter filters[] = { { LZMA_FILTER_LZMA2, &options }, { LZMA_VLI_UNKNOWN, NULL } };
  gsize old_size = 0;

  if (old_bytes != NULL)
    options.preset_dict = g_bytes_get_data (old_bytes, &old_size);
  options.preset_dict_size = (guint32) old_size;
  options.dict_size = onward_delta_stream_get_dictionary (self->hidden, old_size, window_log);
  self->lzma.next_in = data;
  self->lzma.avail_in = stored_size;
  return lzma_raw_decoder (&self->lzma, filters) == LZMA_OK ||
         refuse (error, "cannot be uncompressed");
}

static gboolean
open_zstd (OnwardStreamReader *self, const guint8 *data, gsize stored_size, guint window_log,
           GError **error)
{
  self->zstd = ZSTD_createDCtx ();
  self->zstd_input = (ZSTD_inBuffer){ data, stored_size, 0 };
  return !ZSTD_isError (
             ZSTD_DCtx_setParameter (self->zstd, ZSTD_d_windowLogMax, (int) window_log)) ||
         refuse (error, "cannot be uncompressed");
}

static gboolean
open_stored (OnwardStreamReader *self, const guint8 *data, gsize stored_size, GError **error)
{
  if (self->hidden != stored_size)
    return refuse (error, "has another size than it says");

  self->at = data;
  self->available = stored_size;
  self->hidden = 0;
  return TRUE;
}

/**
 * onward_stream_reader_new:
 * @method: how the stream is compressed
 * @data: its bytes, which must outlive the reader; hostile bytes do no harm
 * @stored_size: how many
 * @size: how many bytes it gives
 * @window_log: it looks back at most 2 to the power of this
 * @old_bytes: (nullable): for %ONWARD_STREAM_LZMA2_OLD: what it may look back at
 * @error: return location for an error
 *
 * Returns: (transfer full): a reader that takes a little more memory than what it looks back at
 */
OnwardStreamReader *
onward_stream_reader_new (OnwardStreamMethod method, const guint8 *data, gsize stored_size,
                          guint64 size, guint window_log, GBytes *old_bytes, GError **error)
{
  g_autoptr (OnwardStreamReader) self = g_new0 (OnwardStreamReader, 1);
  gboolean ok = FALSE;

  self->method = method;
  self->hidden = size;
  switch (method)
    {
    case ONWARD_STREAM_STORED:
      ok = open_stored (self, data, stored_size, error);
      break;
    case ONWARD_STREAM_LZMA2:
      ok = open_lzma (self, data, stored_size, window_log, NULL, error);
      break;
    case ONWARD_STREAM_LZMA2_OLD:
      ok = open_lzma (self, data, stored_size, window_log, old_bytes, error);
      break;
    case ONWARD_STREAM_ZSTD:
      ok = open_zstd (self, data, stored_size, window_log, error);
      break;
    }
  return ok ? g_steal_pointer (&self) : NULL;
}

/**
 * onward_stream_reader_free:
 * @self: (transfer full) (nullable): a reader
 *
 * Frees it.
 */
void
onward_stream_reader_free (OnwardStreamReader *self)
{
  if (self == NULL)
    return;

  lzma_end (&self->lzma);
  ZSTD_freeDCtx (self->zstd);
  g_free (self->buffer);
  g_free (self);
}

/**
 * onward_stream_reader_get_left:
 * @self: a reader
 *
 * Returns: how many bytes are still to be read
 */
guint64
onward_stream_reader_get_left (const OnwardStreamReader *self)
{
  return self->hidden + self->available;
}

static gboolean
step_lzma (OnwardStreamReader *self, gsize wanted, GError **error)
{
  lzma_ret code;

  self->lzma.next_out = self->buffer;
  self->lzma.avail_out = wanted;
  code = lzma_code (&self->lzma, LZMA_FINISH);
  if (code != LZMA_OK && code != LZMA_STREAM_END)
    return refuse (error, "is no LZMA2");

  self->available = wanted - self->lzma.avail_out;
  return TRUE;
}

static gboolean
step_zstd (OnwardStreamReader *self, gsize wanted, GError **error)
{
  ZSTD_outBuffer output = { self->buffer, wanted, 0 };

  if (ZSTD_isError (ZSTD_decompressStream (self->zstd, &output, &self->zstd_input)))
    return refuse (error, "is no zstd");

  self->available = output.pos;
  return TRUE;
}

/* Uncompresses some more: all that is left, or a buffer full of it. */
static gboolean
refill (OnwardStreamReader *self, GError **error)
{
  gsize wanted = MIN (self->hidden, STEP_SIZE);
  gboolean ok;

  if (wanted == 0)
    return refuse (error, "ends too early");

  if (self->buffer == NULL)
    self->buffer = g_malloc (wanted);
  ok = self->method == ONWARD_STREAM_ZSTD ? step_zstd (self, wanted, error)
                                          : step_lzma (self, wanted, error);
  if (!ok)
    return FALSE;
  if (self->available == 0)
    return refuse (error, "is cut off");

  self->at = self->buffer;
  self->hidden -= self->available;
  return TRUE;
}

/**
 * onward_stream_reader_read:
 * @self: a reader
 * @data: (out caller-allocates): the next bytes
 * @size: how many
 * @error: return location for an error
 *
 * Returns: whether there are so many
 */
gboolean
onward_stream_reader_read (OnwardStreamReader *self, guint8 *data, gsize size, GError **error)
{
  while (size > 0)
    {
      gsize step;

      if (self->available == 0 && !refill (self, error))
        return FALSE;

      step = MIN (size, self->available);
      memcpy (data, self->at, step);
      self->at += step;
      self->available -= step;
      data += step;
      size -= step;
    }
  return TRUE;
}

/**
 * onward_stream_reader_number:
 * @self: a reader
 * @ret_number: (out): the next number
 * @error: return location for an error
 *
 * Reads what onward_number_append() wrote.
 *
 * Returns: whether there is one
 */
gboolean
onward_stream_reader_number (OnwardStreamReader *self, guint64 *ret_number, GError **error)
{
  guint64 number = 0;

  for (guint shift = 0; shift < 64; shift += 7)
    {
      guint64 byte;

      if (self->available == 0 && !refill (self, error))
        return FALSE;

      byte = *self->at++;
      self->available--;
      if (shift == 63 && byte > 1)
        break;
      number |= (byte & 0x7f) << shift;
      if (byte < 0x80)
        {
          *ret_number = number;
          return TRUE;
        }
    }
  return refuse (error, "holds a number that is too large");
}
