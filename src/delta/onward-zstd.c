/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <zstd.h>

#include "onward-error.h"
#include "onward-zstd.h"

#define LEVEL 19
/* With old bytes at hand, matches are far away: a wider table finds them. */
#define PREFIX_CHAIN_LOG 25
#define STEP_SIZE        (128 * 1024)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ZSTD_CCtx, ZSTD_freeCCtx)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ZSTD_DCtx, ZSTD_freeDCtx)

static gboolean
check_code (size_t code, OnwardError on_error, GError **error)
{
  if (!ZSTD_isError (code))
    return TRUE;

  g_set_error (error, ONWARD_ERROR, on_error, "zstd: %s", ZSTD_getErrorName (code));
  return FALSE;
}

/* The window must reach from the end of the content back to the beginning of the prefix. */
static int
window_log_for (gsize size)
{
  return (int) CLAMP (g_bit_storage (size), 10, 30);
}

static gboolean
set_up_encoder (ZSTD_CCtx *encoder, gsize size, GBytes *prefix, GError **error)
{
  gsize prefix_size = prefix != NULL ? g_bytes_get_size (prefix) : 0;
  int window_log = MIN (window_log_for (size), ONWARD_ZSTD_WINDOW_LOG);
  size_t code = ZSTD_CCtx_setParameter (encoder, ZSTD_c_compressionLevel, LEVEL);

  if (prefix_size > 0)
    {
      window_log = window_log_for (size + prefix_size);
      code = ZSTD_CCtx_setParameter (encoder, ZSTD_c_enableLongDistanceMatching, 1);
      if (!ZSTD_isError (code))
        code = ZSTD_CCtx_setParameter (encoder, ZSTD_c_chainLog, PREFIX_CHAIN_LOG);
      if (!ZSTD_isError (code))
        code = ZSTD_CCtx_refPrefix (encoder, g_bytes_get_data (prefix, NULL), prefix_size);
    }
  if (!ZSTD_isError (code))
    code = ZSTD_CCtx_setParameter (encoder, ZSTD_c_windowLog, window_log);
  if (!ZSTD_isError (code))
    code = ZSTD_CCtx_setPledgedSrcSize (encoder, size);

  return check_code (code, ONWARD_ERROR_FAILED, error);
}

/**
 * onward_zstd_encode:
 * @bytes: what to compress
 * @prefix: (nullable): old bytes to refer to
 * @sink: receives the frame in pieces
 * @user_data: for @sink
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Compresses @bytes as one zstd frame at level 19. With a prefix, the decoder's window stays as
 * large as @bytes alone, so it must not exceed the window of %ONWARD_ZSTD_WINDOW_LOG. Equal input
 * gives equal frames. Blocking.
 *
 * Returns: whether all went well
 */
gboolean
onward_zstd_encode (GBytes *bytes, GBytes *prefix, OnwardDeltaSink sink, gpointer user_data,
                    GCancellable *cancellable, GError **error)
{
  g_autoptr (ZSTD_CCtx) encoder = ZSTD_createCCtx ();
  g_autofree guint8 *buffer = g_malloc (STEP_SIZE);
  ZSTD_inBuffer in = { 0 };
  gsize size;
  size_t left;

  g_return_val_if_fail (bytes != NULL, FALSE);
  g_return_val_if_fail (sink != NULL, FALSE);

  in.src = g_bytes_get_data (bytes, &size);
  if (!set_up_encoder (encoder, size, prefix, error))
    return FALSE;

  do
    {
      ZSTD_outBuffer out = { buffer, STEP_SIZE, 0 };
      ZSTD_EndDirective mode;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      if (in.pos == in.size)
        in.size += MIN (size - in.size, STEP_SIZE);
      mode = in.size == size ? ZSTD_e_end : ZSTD_e_continue;
      left = ZSTD_compressStream2 (encoder, &out, &in, mode);
      if (!check_code (left, ONWARD_ERROR_FAILED, error))
        return FALSE;
      if (out.pos > 0 && !sink (buffer, out.pos, user_data, error))
        return FALSE;
    }
  while (left > 0 || in.pos < size);

  return TRUE;
}

/* Skippable frames and the formats of old zstd versions are none of ours. */
static gboolean
check_magic (const ZSTD_inBuffer *in, GError **error)
{
  guint32 magic = 0;

  if (in->size >= sizeof magic)
    memcpy (&magic, in->src, sizeof magic);
  if (GUINT32_FROM_LE (magic) == ZSTD_MAGICNUMBER)
    return TRUE;

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Not a zstd frame");
  return FALSE;
}

static gboolean
set_up_decoder (ZSTD_DCtx *decoder, GBytes *prefix, GError **error)
{
  size_t code = ZSTD_DCtx_setParameter (decoder, ZSTD_d_windowLogMax, ONWARD_ZSTD_WINDOW_LOG);

  if (!ZSTD_isError (code) && prefix != NULL)
    code =
        ZSTD_DCtx_refPrefix (decoder, g_bytes_get_data (prefix, NULL), g_bytes_get_size (prefix));
  return check_code (code, ONWARD_ERROR_FAILED, error);
}

static gboolean
check_end (const ZSTD_inBuffer *in, gsize size, guint64 remaining, GError **error)
{
  if (in->pos == size && remaining == 0)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
               "The zstd frame ends %" G_GUINT64_FORMAT " bytes early, with %" G_GSIZE_FORMAT
               " bytes behind it",
               remaining, size - in->pos);
  return FALSE;
}

/* The decoder is given no more than what is there. */
static gboolean
refill (ZSTD_inBuffer *in, const OnwardDeltaInput *frame, GCancellable *cancellable, GError **error)
{
  gsize step = MIN (g_bytes_get_size (frame->bytes) - in->size, STEP_SIZE);

  if (!onward_delta_input_wait (frame, in->size + step, cancellable, error))
    return FALSE;

  in->size += step;
  return TRUE;
}

/**
 * onward_zstd_decode:
 * @frame: exactly one zstd frame
 * @prefix: (nullable): the old bytes it was compressed with
 * @size: the number of bytes it must give
 * @sink: receives them in consecutive pieces
 * @user_data: for @sink
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Decompresses @frame in a window of at most 16 MiB. Never emits more than @size bytes; a frame
 * that would, that ends early, or that something follows fails with %ONWARD_ERROR_MALFORMED.
 * Blocking.
 *
 * Returns: whether exactly @size bytes were emitted
 */
gboolean
onward_zstd_decode (const OnwardDeltaInput *frame, GBytes *prefix, guint64 size,
                    OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (ZSTD_DCtx) decoder = ZSTD_createDCtx ();
  g_autofree guint8 *buffer = g_malloc (STEP_SIZE);
  ZSTD_inBuffer in = { 0 };
  guint64 remaining = size;
  size_t hint;

  g_return_val_if_fail (frame != NULL, FALSE);
  g_return_val_if_fail (sink != NULL, FALSE);

  in.src = g_bytes_get_data (frame->bytes, NULL);
  if (!refill (&in, frame, cancellable, error) || !check_magic (&in, error) ||
      !set_up_decoder (decoder, prefix, error))
    return FALSE;

  do
    {
      ZSTD_outBuffer out = { buffer, STEP_SIZE, 0 };
      size_t before = in.pos;

      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          (in.pos == in.size && !refill (&in, frame, cancellable, error)))
        return FALSE;

      hint = ZSTD_decompressStream (decoder, &out, &in);
      if (!check_code (hint, ONWARD_ERROR_MALFORMED, error))
        return FALSE;
      if (out.pos > remaining || (hint > 0 && out.pos == 0 && in.pos == before))
        {
          g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "The zstd frame is %s",
                       out.pos > remaining ? "larger than promised" : "cut off");
          return FALSE;
        }
      if (out.pos > 0 && !sink (buffer, out.pos, user_data, error))
        return FALSE;
      remaining -= out.pos;
    }
  while (hint > 0);

  return check_end (&in, g_bytes_get_size (frame->bytes), remaining, error);
}
