/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "fuzz.h"
#include "onward-frame-codec.h"

#define MAX_SIZE (1 << 16)

static const OnwardFrameMethod methods[] = {
  ONWARD_FRAME_STORED, ONWARD_FRAME_LZMA2,       ONWARD_FRAME_LZMA2_X86,
  ONWARD_FRAME_ZSTD,   ONWARD_FRAME_LZMA2_ARM64,
};

static gboolean
count (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  guint64 *left = user_data;

  g_assert_cmpuint (size, <=, *left);
  *left -= size;
  return TRUE;
}

/* A byte for the method, four for the size of the content, and a frame. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) stored = NULL;
  g_autoptr (GError) error = NULL;
  guint32 content_size;
  guint64 left;
  gboolean ok;

  if (size < 5)
    return 0;

  memcpy (&content_size, data + 1, sizeof content_size);
  left = GUINT32_FROM_LE (content_size) % MAX_SIZE;
  stored = g_bytes_new (data + 5, size - 5);
  ok = onward_frame_codec_decode (methods[data[0] % G_N_ELEMENTS (methods)],
                                  &(OnwardDeltaInput){ stored }, left, count, &left, NULL, &error);
  g_assert_true (ok == (error == NULL));
  g_assert_true (!ok || left == 0);
  return 0;
}
