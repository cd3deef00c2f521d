/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-frame-codec.h"
#include "onward-test-bytes.h"

static const OnwardFrameMethod methods[] = {
  ONWARD_FRAME_STORED,      ONWARD_FRAME_LZMA2, ONWARD_FRAME_LZMA2_X86,
  ONWARD_FRAME_LZMA2_ARM64, ONWARD_FRAME_ZSTD,
};

typedef struct
{
  GByteArray *bytes;
  guint64 limit;
} Output;

/* Fails the test as soon as a decoder emits more than it may. */
static gboolean
collect (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  Output *output = user_data;

  g_assert_cmpuint (output->bytes->len + size, <=, output->limit);
  g_byte_array_append (output->bytes, data, (guint) size);
  return TRUE;
}

static gboolean
refuse (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "Full");
  return FALSE;
}

static GBytes *
encode (OnwardFrameMethod method, GBytes *content)
{
  g_autoptr (GError) error = NULL;
  Output output = { g_byte_array_new (), G_MAXUINT64 };

  g_assert_true (onward_frame_codec_encode (method, &(OnwardDeltaInput){ content }, collect,
                                            &output, NULL, &error));
  g_assert_no_error (error);
  return g_byte_array_free_to_bytes (output.bytes);
}

static GBytes *
decode (OnwardFrameMethod method, GBytes *stored, guint64 size, GError **error)
{
  Output output = { g_byte_array_new (), size };
  gboolean ok = onward_frame_codec_decode (method, &(OnwardDeltaInput){ stored }, size, collect,
                                           &output, NULL, error);
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (output.bytes);

  return ok ? g_steal_pointer (&bytes) : NULL;
}

static void
assert_refused (OnwardFrameMethod method, GBytes *stored, guint64 size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) content = decode (method, stored, size, &error);

  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_null (content);
}

/* By every method, content of every kind comes back, and equal content gives equal bytes. */
static void
test_round_trip (void)
{
  g_autoptr (GPtrArray) contents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (contents, g_bytes_new_static ("x", 1));
  g_ptr_array_add (contents, onward_test_bytes_random (1, 128 * 1024 + 1));
  g_ptr_array_add (contents, onward_test_bytes_text (2, 600000));
  g_ptr_array_add (contents, onward_test_bytes_code (3, 300000));
  for (guint i = 0; i < contents->len * G_N_ELEMENTS (methods); i++)
    {
      OnwardFrameMethod method = methods[i % G_N_ELEMENTS (methods)];
      GBytes *content = g_ptr_array_index (contents, i / G_N_ELEMENTS (methods));
      g_autoptr (GBytes) stored = encode (method, content);
      g_autoptr (GBytes) again = encode (method, content);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) decoded = decode (method, stored, g_bytes_get_size (content), &error);

      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (decoded, content));
      g_assert_true (g_bytes_equal (stored, again));
    }
}

static void
assert_filtered (OnwardFrameMethod method, GBytes *code)
{
  g_autoptr (GBytes) plain = encode (ONWARD_FRAME_LZMA2, code);
  g_autoptr (GBytes) filtered = encode (method, code);

  g_assert_cmpuint (g_bytes_get_size (filtered), <, g_bytes_get_size (plain) * 9 / 10);
}

/* The filters make code smaller, each that of its processor. */
static void
test_filters (void)
{
  g_autoptr (GBytes) x86 = onward_test_bytes_code (4, 500000);
  g_autoptr (GBytes) arm64 = onward_test_bytes_code_arm64 (4, 500000);

  assert_filtered (ONWARD_FRAME_LZMA2_X86, x86);
  assert_filtered (ONWARD_FRAME_LZMA2_ARM64, arm64);
}

/* What the stream's first chunk says of its context: ((pb × 5) + lp) × 9 + lc. */
static guint
read_context (GBytes *content)
{
  g_autoptr (GBytes) stored = encode (ONWARD_FRAME_LZMA2, content);

  return ((const guint8 *) g_bytes_get_data (stored, NULL))[5];
}

/* Text is compressed by a context without alignment, instructions of four bytes by another. */
static void
test_contexts (void)
{
  g_autoptr (GBytes) text = onward_test_bytes_text (6, 300000);
  g_autoptr (GBytes) code = onward_test_bytes_code_arm64 (6, 300000);

  g_assert_cmpuint (read_context (text), <=, 4);
  g_assert_cmpuint (read_context (code), >=, 2 * 5 * 9);
}

/* A frame that would give a thousand times what it promises stops at its promise. */
static void
test_bomb (void)
{
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (32 << 20), 32 << 20);

  for (guint i = 1; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GBytes) stored = encode (methods[i], zeros);

      g_assert_cmpuint (g_bytes_get_size (stored), <, 32768);
      assert_refused (methods[i], stored, 32 << 10);
      assert_refused (methods[i], stored, (32 << 20) - 1);
      assert_refused (methods[i], stored, 0);
    }
}

/* A frame cut anywhere, with something behind it, or shorter than promised is refused. */
static void
test_sizes (void)
{
  g_autoptr (GBytes) content = onward_test_bytes_text (5, 5000);

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GBytes) stored = encode (methods[i], content);
      gsize size = g_bytes_get_size (stored);
      guint8 *longer = g_malloc0 (size + 1);
      g_autoptr (GBytes) followed = g_bytes_new_take (longer, size + 1);

      memcpy (longer, g_bytes_get_data (stored, NULL), size);
      assert_refused (methods[i], followed, 5000);
      assert_refused (methods[i], stored, 5001);
      assert_refused (methods[i], stored, 4999);
      for (gsize length = 0; length < size; length += 1 + length / 4)
        {
          g_autoptr (GBytes) cut = g_bytes_new_from_bytes (stored, 0, length);

          assert_refused (methods[i], cut, 5000);
        }
    }
}

/* Any one flipped bit gives an error or as many bytes as promised. */
static void
test_damaged (void)
{
  g_autoptr (GBytes) content = onward_test_bytes_text (6, 700);

  for (guint i = 1; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GBytes) stored = encode (methods[i], content);
      gsize size = g_bytes_get_size (stored);

      for (gsize bit = 0; bit < size * 8; bit++)
        {
          guint8 *data = g_memdup2 (g_bytes_get_data (stored, NULL), size);
          g_autoptr (GBytes) damaged = g_bytes_new_take (data, size);
          g_autoptr (GBytes) decoded = NULL;
          g_autoptr (GError) error = NULL;

          data[bit / 8] ^= (guint8) (1u << (bit % 8));
          decoded = decode (methods[i], damaged, 700, &error);
          g_assert_true ((decoded == NULL) == (error != NULL));
          g_assert_true (decoded == NULL || g_bytes_get_size (decoded) == 700);
        }
    }
}

/* The sink's own error stops both directions untouched, and so does cancelling. */
static void
test_stopped (void)
{
  g_autoptr (GBytes) content = onward_test_bytes_text (7, 5000);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  g_cancellable_cancel (cancelled);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GBytes) stored = encode (methods[i], content);
      g_autoptr (GError) error = NULL;

      g_assert_false (onward_frame_codec_encode (methods[i], &(OnwardDeltaInput){ content }, refuse,
                                                 NULL, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
      g_clear_error (&error);
      g_assert_false (onward_frame_codec_decode (methods[i], &(OnwardDeltaInput){ stored }, 5000,
                                                 refuse, NULL, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
      g_clear_error (&error);
      g_assert_false (onward_frame_codec_encode (methods[i], &(OnwardDeltaInput){ content }, refuse,
                                                 NULL, cancelled, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      g_assert_false (onward_frame_codec_decode (methods[i], &(OnwardDeltaInput){ stored }, 5000,
                                                 refuse, NULL, cancelled, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

/* A frame on its way: what has not arrived is not what it will be. */
typedef struct
{
  GBytes *whole;
  guint8 *here;
  gsize end;           /* what is before it was waited for */
  gsize end_at_output; /* when the first bytes came out */
  guint64 left;
} Arriving;

static gboolean
arrive (gsize end, gpointer user_data, GCancellable *cancellable, GError **error)
{
  Arriving *self = user_data;

  g_assert_cmpuint (end, <=, g_bytes_get_size (self->whole));
  if (self->here == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "Nothing comes any more");
      return FALSE;
    }
  memcpy (self->here, g_bytes_get_data (self->whole, NULL), end);
  self->end = MAX (self->end, end);
  return TRUE;
}

static gboolean
take (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  Arriving *self = user_data;

  if (self->end_at_output == 0)
    self->end_at_output = self->end;
  self->left -= size;
  return TRUE;
}

/* Nothing is looked at before it has arrived, and what has arrived comes out before the rest has;
 * when that does not come, its error is told. */
static void
test_arriving (void)
{
  const gsize size = 1000000;
  g_autoptr (GBytes) content = onward_test_bytes_random (8, size);

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GBytes) whole = encode (methods[i], content);
      g_autofree guint8 *room = g_malloc (g_bytes_get_size (whole));
      g_autoptr (GBytes) here = g_bytes_new_static (room, g_bytes_get_size (whole));
      Arriving arriving = { whole, room, 0, 0, size };
      OnwardDeltaInput input = { here, arrive, &arriving };
      g_autoptr (GError) error = NULL;

      memset (room, 0xa5, g_bytes_get_size (whole));
      onward_frame_codec_decode (methods[i], &input, size, take, &arriving, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (arriving.left, ==, 0);
      g_assert_cmpuint (arriving.end, ==, g_bytes_get_size (whole));
      g_assert_cmpuint (arriving.end_at_output, <, size / 2);

      arriving = (Arriving){ .whole = whole };
      g_assert_false (
          onward_frame_codec_decode (methods[i], &input, size, take, &arriving, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/frame-codec/round-trip", test_round_trip);
  g_test_add_func ("/frame-codec/filters", test_filters);
  g_test_add_func ("/frame-codec/contexts", test_contexts);
  g_test_add_func ("/frame-codec/bomb", test_bomb);
  g_test_add_func ("/frame-codec/sizes", test_sizes);
  g_test_add_func ("/frame-codec/damaged", test_damaged);
  g_test_add_func ("/frame-codec/stopped", test_stopped);
  g_test_add_func ("/frame-codec/arriving", test_arriving);
  return g_test_run ();
}
