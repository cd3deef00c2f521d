/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-frame-codec.h"
#include "onward-lzma.h"
#include "onward-zstd.h"

#define STEP_SIZE (128 * 1024)

static gboolean
pass_on (const OnwardDeltaInput *input, OnwardDeltaSink sink, gpointer user_data,
         GCancellable *cancellable, GError **error)
{
  gsize size, step;
  const guint8 *data = g_bytes_get_data (input->bytes, &size);

  for (gsize done = 0; done < size; done += step)
    {
      step = MIN (size - done, STEP_SIZE);
      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !onward_delta_input_wait (input, done + step, cancellable, error) ||
          !sink (data + done, step, user_data, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
pass_on_exactly (const OnwardDeltaInput *stored, guint64 size, OnwardDeltaSink sink,
                 gpointer user_data, GCancellable *cancellable, GError **error)
{
  if (g_bytes_get_size (stored->bytes) == size)
    return pass_on (stored, sink, user_data, cancellable, error);

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                       "A stored frame has another size than its content");
  return FALSE;
}

/**
 * onward_frame_codec_encode:
 * @method: how to compress, except as a delta
 * @content: the frame's uncompressed bytes; how far they were looked at tells how far it is
 * @sink: receives what goes into the pack, in pieces
 * @user_data: for @sink
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Compresses one frame. Equal input gives equal bytes. Blocking.
 *
 * Returns: whether all went well
 */
gboolean
onward_frame_codec_encode (OnwardFrameMethod method, const OnwardDeltaInput *content,
                           OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable,
                           GError **error)
{
  switch (method)
    {
    case ONWARD_FRAME_STORED:
      return pass_on (content, sink, user_data, cancellable, error);
    case ONWARD_FRAME_LZMA2:
    case ONWARD_FRAME_LZMA2_X86:
    case ONWARD_FRAME_LZMA2_ARM64:
      return onward_lzma_encode (method, content, sink, user_data, cancellable, error);
    case ONWARD_FRAME_ZSTD:
      return onward_zstd_encode (content->bytes, NULL, sink, user_data, cancellable, error);
    case ONWARD_FRAME_DELTA:
    case ONWARD_FRAME_TREE_DELTA:
      break;
    }
  g_return_val_if_reached (FALSE);
}

/**
 * onward_frame_codec_decode:
 * @method: how the frame is compressed, except as a delta
 * @stored: the frame's bytes in the pack; hostile bytes do no harm
 * @size: the size of its content
 * @sink: receives the content in consecutive pieces
 * @user_data: for @sink
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Decompresses one frame in bounded memory (a window of at most 16 MiB). Never emits more than
 * @size bytes; whatever is not exactly such a frame fails with %ONWARD_ERROR_MALFORMED. Blocking.
 *
 * Returns: whether exactly @size bytes were emitted
 */
gboolean
onward_frame_codec_decode (OnwardFrameMethod method, const OnwardDeltaInput *stored, guint64 size,
                           OnwardDeltaSink sink, gpointer user_data, GCancellable *cancellable,
                           GError **error)
{
  switch (method)
    {
    case ONWARD_FRAME_STORED:
      return pass_on_exactly (stored, size, sink, user_data, cancellable, error);
    case ONWARD_FRAME_LZMA2:
    case ONWARD_FRAME_LZMA2_X86:
    case ONWARD_FRAME_LZMA2_ARM64:
      return onward_lzma_decode (method, stored, size, sink, user_data, cancellable, error);
    case ONWARD_FRAME_ZSTD:
      return onward_zstd_decode (stored, NULL, size, sink, user_data, cancellable, error);
    case ONWARD_FRAME_DELTA:
    case ONWARD_FRAME_TREE_DELTA:
      break;
    }
  g_return_val_if_reached (FALSE);
}
