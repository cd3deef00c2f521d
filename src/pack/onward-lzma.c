/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lzma.h>

#include "onward-error.h"
#include "onward-lzma.h"

#define PRESET (9 | LZMA_PRESET_EXTREME)
/* What a decoder holds in memory at most. */
#define MAX_DICTIONARY (16u * 1024 * 1024)
#define STEP_SIZE      (128 * 1024)

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (lzma_stream, lzma_end)

/* The dictionary follows from the content's size alone, so that no stream can ask for more. */
static guint32
dictionary_for (guint64 size)
{
  return (guint32) CLAMP (size, LZMA_DICT_SIZE_MIN, MAX_DICTIONARY);
}

static void
fill_filters (lzma_filter filters[3], lzma_options_lzma *options, gboolean x86, guint64 size)
{
  guint n = 0;

  (void) lzma_lzma_preset (options, PRESET);
  options->dict_size = dictionary_for (size);
  if (x86)
    filters[n++] = (lzma_filter){ LZMA_FILTER_X86, NULL };
  filters[n++] = (lzma_filter){ LZMA_FILTER_LZMA2, options };
  filters[n] = (lzma_filter){ LZMA_VLI_UNKNOWN, NULL };
}

static gboolean
check_code (lzma_ret code, OnwardError on_error, GError **error)
{
  if (code == LZMA_OK || code == LZMA_STREAM_END)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, on_error,
               code == LZMA_BUF_ERROR ? "The LZMA stream is cut off" : "LZMA failed with code %d",
               (int) code);
  return FALSE;
}

/* Pumps @input through @stream until its end; more than @limit bytes of output is an error. */
static gboolean
run_stream (lzma_stream *stream, const OnwardDeltaInput *input, guint64 limit, OnwardError on_error,
            OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (STEP_SIZE);
  gsize size = g_bytes_get_size (input->bytes), left = size;
  lzma_ret code;

  stream->next_in = g_bytes_get_data (input->bytes, NULL);
  do
    {
      gsize made;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      if (stream->avail_in == 0)
        {
          stream->avail_in = MIN (left, STEP_SIZE);
          left -= stream->avail_in;
          if (!onward_delta_input_wait (input, size - left, cancellable, error))
            return FALSE;
        }
      stream->next_out = buffer;
      stream->avail_out = STEP_SIZE;
      code = lzma_code (stream, left == 0 ? LZMA_FINISH : LZMA_RUN);
      if (!check_code (code, on_error, error))
        return FALSE;

      made = STEP_SIZE - stream->avail_out;
      if (stream->total_out > limit)
        {
          g_set_error_literal (error, ONWARD_ERROR, on_error,
                               "The LZMA stream is larger than promised");
          return FALSE;
        }
      if (made > 0 && !sink (buffer, made, user_data, error))
        return FALSE;
    }
  while (code != LZMA_STREAM_END);

  stream->avail_in += left;
  return TRUE;
}

/**
 * onward_lzma_encode:
 * @bytes: what to compress
 * @x86: whether it is x86 code
 * @sink: receives the stream in pieces
 * @user_data: for @sink
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Compresses @bytes as a raw LZMA2 stream at preset 9 extreme with a dictionary of at most 16 MiB,
 * which takes about twelve times as much memory. Equal input gives equal streams. Blocking.
 *
 * Returns: whether all went well
 */
gboolean
onward_lzma_encode (GBytes *bytes, gboolean x86, OnwardDeltaSink sink, gpointer user_data,
                    GCancellable *cancellable, GError **error)
{
  g_auto (lzma_stream) stream = LZMA_STREAM_INIT;
  lzma_options_lzma options;
  lzma_filter filters[3];

  g_return_val_if_fail (bytes != NULL, FALSE);
  g_return_val_if_fail (sink != NULL, FALSE);

  fill_filters (filters, &options, x86, g_bytes_get_size (bytes));
  if (!check_code (lzma_raw_encoder (&stream, filters), ONWARD_ERROR_FAILED, error))
    return FALSE;

  return run_stream (&stream, &(OnwardDeltaInput){ bytes }, G_MAXUINT64, ONWARD_ERROR_FAILED, sink,
                     user_data, cancellable, error);
}

/**
 * onward_lzma_decode:
 * @stream: exactly one raw LZMA2 stream
 * @x86: whether it was compressed as x86 code
 * @size: the number of bytes it must give
 * @sink: receives them in consecutive pieces
 * @user_data: for @sink
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Decompresses @stream with a dictionary of at most 16 MiB. Never emits more than @size bytes; a
 * stream that would, that ends early, or that something follows fails with
 * %ONWARD_ERROR_MALFORMED. Blocking.
 *
 * Returns: whether exactly @size bytes were emitted
 */
gboolean
onward_lzma_decode (const OnwardDeltaInput *stream, gboolean x86, guint64 size,
                    OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable,
                    GError **error)
{
  g_auto (lzma_stream) decoder = LZMA_STREAM_INIT;
  lzma_options_lzma options;
  lzma_filter filters[3];

  g_return_val_if_fail (stream != NULL, FALSE);
  g_return_val_if_fail (sink != NULL, FALSE);

  fill_filters (filters, &options, x86, size);
  if (!check_code (lzma_raw_decoder (&decoder, filters), ONWARD_ERROR_FAILED, error) ||
      !run_stream (&decoder, stream, size, ONWARD_ERROR_MALFORMED, sink, user_data, cancellable,
                   error))
    return FALSE;

  if (decoder.avail_in == 0 && decoder.total_out == size)
    return TRUE;

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                       "The LZMA stream does not end where it should");
  return FALSE;
}
