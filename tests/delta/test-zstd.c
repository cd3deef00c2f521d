/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <zstd.h>

#include "onward-error.h"
#include "onward-zstd.h"

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
encode (GBytes *bytes, GBytes *prefix)
{
  g_autoptr (GError) error = NULL;
  Output output = { g_byte_array_new (), G_MAXUINT64 };

  g_assert_true (onward_zstd_encode (bytes, prefix, collect, &output, NULL, &error));
  g_assert_no_error (error);
  return g_byte_array_free_to_bytes (output.bytes);
}

static GBytes *
decode (GBytes *frame, GBytes *prefix, guint64 size, GError **error)
{
  Output output = { g_byte_array_new (), size };
  gboolean ok = onward_zstd_decode (&(OnwardDeltaInput){ frame }, prefix, size, collect, &output,
                                    NULL, error);
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (output.bytes);

  return ok ? g_steal_pointer (&bytes) : NULL;
}

static GBytes *
make_random (guint32 seed, gsize size)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  guint8 *data = g_malloc (size + 4);

  for (gsize i = 0; i < size; i += 4)
    {
      guint32 word = g_rand_int (random);

      memcpy (data + i, &word, 4);
    }
  return g_bytes_new_take (data, size);
}

/* What was compressed comes back, and the same input always gives the same frame. */
static void
test_round_trip (void)
{
  const gsize sizes[] = { 0, 1, 100, 128 * 1024, 128 * 1024 + 1, 3000000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) bytes = make_random (i, sizes[i]);
      g_autoptr (GBytes) frame = encode (bytes, NULL);
      g_autoptr (GBytes) again = encode (bytes, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) decoded = decode (frame, NULL, sizes[i], &error);

      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (bytes, decoded));
      g_assert_true (g_bytes_equal (frame, again));
    }
}

/* A frame that holds more than promised stops at the promise. */
static void
test_bomb (void)
{
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (64 << 20), 64 << 20);
  g_autoptr (GBytes) frame = encode (zeros, NULL);
  g_autoptr (GBytes) decoded = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (g_bytes_get_size (frame), <, 16384);
  decoded = decode (frame, NULL, 1000, &error);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_null (decoded);
}

/* A frame whose window needs more memory than we give is refused before it is allocated. */
static void
test_wide_window (void)
{
  gsize size = 40 << 20;
  g_autofree guint8 *zeros = g_malloc0 (size);
  ZSTD_CCtx *encoder = ZSTD_createCCtx ();
  gsize bound = ZSTD_compressBound (size);
  guint8 *compressed = g_malloc (bound);
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (GBytes) decoded = NULL;
  g_autoptr (GError) error = NULL;

  ZSTD_CCtx_setParameter (encoder, ZSTD_c_windowLog, ONWARD_ZSTD_WINDOW_LOG + 1);
  bound = ZSTD_compress2 (encoder, compressed, bound, zeros, size);
  frame = g_bytes_new_take (compressed, bound);
  decoded = decode (frame, NULL, size, &error);
  g_assert_null (decoded);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  ZSTD_freeCCtx (encoder);
}

/* Frames that are cut, longer, followed by something, skippable or no frames at all are refused. */
static void
test_broken (void)
{
  const guint8 skippable[] = { 0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0 };
  g_autoptr (GBytes) bytes = make_random (7, 1000);
  g_autoptr (GBytes) frame = encode (bytes, NULL);
  gsize size = g_bytes_get_size (frame);
  g_autoptr (GByteArray) doubled = g_byte_array_new ();
  g_autoptr (GByteArray) skipped = g_byte_array_new ();
  g_autoptr (GPtrArray) cases = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (gsize length = 0; length < size; length += 1 + length / 3)
    g_ptr_array_add (cases, g_bytes_new_from_bytes (frame, 0, length));
  g_byte_array_append (doubled, g_bytes_get_data (frame, NULL), (guint) size);
  g_byte_array_append (doubled, (const guint8 *) "x", 1);
  g_ptr_array_add (cases, g_byte_array_free_to_bytes (g_steal_pointer (&doubled)));
  g_byte_array_append (skipped, skippable, sizeof skippable);
  g_byte_array_append (skipped, g_bytes_get_data (frame, NULL), (guint) size);
  g_ptr_array_add (cases, g_byte_array_free_to_bytes (g_steal_pointer (&skipped)));
  g_ptr_array_add (cases, g_bytes_new_static ("not zstd at all", 15));

  for (guint i = 0; i < cases->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) decoded = decode (g_ptr_array_index (cases, i), NULL, 1000, &error);

      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_null (decoded);
    }
}

/* A frame that gives fewer bytes than promised is refused, too. */
static void
test_short (void)
{
  g_autoptr (GBytes) bytes = make_random (8, 1000);
  g_autoptr (GBytes) frame = encode (bytes, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) decoded = decode (frame, NULL, 1001, &error);

  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_null (decoded);
}

/* The sink's own error stops both directions untouched, and so does cancelling. */
static void
test_stopped (void)
{
  g_autoptr (GBytes) bytes = make_random (9, 1000);
  g_autoptr (GBytes) frame = encode (bytes, NULL);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  Output output = { g_byte_array_new (), 1000 };
  g_autoptr (GError) error = NULL;

  g_assert_false (onward_zstd_encode (bytes, NULL, refuse, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_clear_error (&error);

  g_assert_false (
      onward_zstd_decode (&(OnwardDeltaInput){ frame }, NULL, 1000, refuse, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_clear_error (&error);

  g_cancellable_cancel (cancelled);
  g_assert_false (onward_zstd_decode (&(OnwardDeltaInput){ frame }, NULL, 1000, collect, &output,
                                      cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_byte_array_unref (output.bytes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/zstd/round-trip", test_round_trip);
  g_test_add_func ("/zstd/bomb", test_bomb);
  g_test_add_func ("/zstd/wide-window", test_wide_window);
  g_test_add_func ("/zstd/broken", test_broken);
  g_test_add_func ("/zstd/short", test_short);
  g_test_add_func ("/zstd/stopped", test_stopped);
  return g_test_run ();
}
