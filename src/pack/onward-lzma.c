/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lzma.h>

#include "onward-error.h"
#include "onward-lzma.h"
#include "onward-sample.h"

#define PRESET (9 | LZMA_PRESET_EXTREME)
/* Tells which context is best as well, in a fraction of the time. */
#define TRIAL_PRESET 3
/* What a decoder holds in memory at most. */
#define MAX_DICTIONARY (16u * 1024 * 1024)
#define STEP_SIZE      (128 * 1024)

/* What a byte is predicted from: the highest bits of the one before it, and the lowest of its and
 * of a match's position. */
typedef struct
{
  guint32 lc;
  guint32 lp;
  guint32 pb;
} Context;

/* The preset's; for bytes that stand anywhere; for text; for instructions of four bytes. */
static const Context contexts[] = {
  { 3, 0, 2 },
  { 3, 0, 0 },
  { 4, 0, 0 },
  { 2, 2, 2 },
};

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (lzma_stream, lzma_end)

/* The dictionary follows from the content's size alone, so that no stream can ask for more. */
static guint32
dictionary_for (guint64 size)
{
  return (guint32) CLAMP (size, LZMA_DICT_SIZE_MIN, MAX_DICTIONARY);
}

static void
fill_filters (lzma_filter filters[3], lzma_options_lzma *options, OnwardFrameMethod method,
              guint32 preset, guint64 size)
{
  guint n = 0;

  (void) lzma_lzma_preset (options, preset);
  options->dict_size = dictionary_for (size);
  if (method == ONWARD_FRAME_LZMA2_X86)
    filters[n++] = (lzma_filter){ LZMA_FILTER_X86, NULL };
  if (method == ONWARD_FRAME_LZMA2_ARM64)
    filters[n++] = (lzma_filter){ LZMA_FILTER_ARM64, NULL };
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

static gboolean
encode (OnwardFrameMethod method, guint32 preset, const Context *context,
        const OnwardDeltaInput *content, OnwardDeltaSink sink, gpointer user_data,
        GCancellable *cancellable, GError **error)
{
  g_auto (lzma_stream) stream = LZMA_STREAM_INIT;
  lzma_options_lzma options;
  lzma_filter filters[3];

  fill_filters (filters, &options, method, preset, g_bytes_get_size (content->bytes));
  options.lc = context->lc;
  options.lp = context->lp;
  options.pb = context->pb;
  return check_code (lzma_raw_encoder (&stream, filters), ONWARD_ERROR_FAILED, error) &&
         run_stream (&stream, content, G_MAXUINT64, ONWARD_ERROR_FAILED, sink, user_data,
                     cancellable, error);
}

static gboolean
count (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  *(gsize *) user_data += size;
  return TRUE;
}

/* The context that makes a sample of @content the smallest. The stream itself names it. */
static gboolean
choose_context (OnwardFrameMethod method, GBytes *content, const Context **ret_context,
                GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) sample = onward_sample_take (content);
  gsize least = G_MAXSIZE;

  for (gsize i = 0; i < G_N_ELEMENTS (contexts); i++)
    {
      gsize size = 0;

      if (!encode (method, TRIAL_PRESET, &contexts[i], &(OnwardDeltaInput){ sample }, count, &size,
                   cancellable, error))
        return FALSE;
      if (size < least)
        *ret_context = &contexts[i];
      least = MIN (least, size);
    }
  return TRUE;
}

/**
 * onward_lzma_encode:
 * @method: LZMA2, with or without a filter
 * @content: what to compress
 * @sink: receives the stream in pieces
 * @user_data: for @sink
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Compresses @content as a raw LZMA2 stream at preset 9 extreme with a dictionary of at most
 * 16 MiB, which takes about twelve times as much memory. Equal input gives equal streams. Blocking.
 *
 * Returns: whether all went well
 */
gboolean
onward_lzma_encode (OnwardFrameMethod method, const OnwardDeltaInput *content, OnwardDeltaSink sink,
                    gpointer user_data, GCancellable *cancellable, GError **error)
{
  const Context *context = NULL;

  g_return_val_if_fail (content != NULL, FALSE);
  g_return_val_if_fail (sink != NULL, FALSE);

  return choose_context (method, content->bytes, &context, cancellable, error) &&
         encode (method, PRESET, context, content, sink, user_data, cancellable, error);
}

/**
 * onward_lzma_estimate:
 * @size: how many bytes
 *
 * Returns: the bytes of memory that onward_lzma_encode() takes for them
 */
guint64
onward_lzma_estimate (guint64 size)
{
  lzma_options_lzma options;
  lzma_filter filters[3];

  fill_filters (filters, &options, ONWARD_FRAME_LZMA2_X86, PRESET, size);
  return lzma_raw_encoder_memusage (filters);
}

/**
 * onward_lzma_decode:
 * @method: LZMA2, with or without a filter
 * @stream: exactly one raw LZMA2 stream
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
onward_lzma_decode (OnwardFrameMethod method, const OnwardDeltaInput *stream, guint64 size,
                    OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable,
                    GError **error)
{
  g_auto (lzma_stream) decoder = LZMA_STREAM_INIT;
  lzma_options_lzma options;
  lzma_filter filters[3];

  g_return_val_if_fail (stream != NULL, FALSE);
  g_return_val_if_fail (sink != NULL, FALSE);

  fill_filters (filters, &options, method, PRESET, size);
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
