/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <zlib.h>

#include "onward-error.h"
#include "onward-gnu-deflate.h"
#include "onward-huffman.h"
#include "onward-test-deflate.h"

typedef enum
{
  NOISE,
  THREE,
  RUNS,
  TEXT,
} Kind;

/* What gzip 1.12 makes of some bytes: how much, and its checksum. */
typedef struct
{
  Kind kind;
  gsize size;
  guint level;
  gsize deflated_size;
  guint32 checksum;
} Sample;

/* clang-format off */
static const Sample samples[] = {
  { NOISE,      3, 6,     5, 0x21fa9dad },
  { NOISE,  70000, 9, 70015, 0x94ea2536 },
  { NOISE,  65536, 6, 65546, 0x81f777c4 },
  { NOISE, 200000, 4, 200035, 0x7018c525 },
  { NOISE, 200000, 5, 200035, 0x7018c525 },
  { NOISE, 200000, 7, 200035, 0x7018c525 },
  { NOISE, 200000, 8, 200035, 0x7018c525 },
  { NOISE, 300000, 9, 300050, 0xe1f23e1e },
  { THREE,      3, 6,     5, 0x6c486e7f },
  { THREE,  70000, 9, 16904, 0x7daf1571 },
  { THREE,  65536, 6, 15740, 0xf3194f5b },
  { THREE, 200000, 4, 50346, 0xceb0c45c },
  { THREE, 200000, 5, 49195, 0x252d0840 },
  { THREE, 200000, 7, 47163, 0x072ce13b },
  { THREE, 200000, 8, 47059, 0xc27e6003 },
  { THREE, 300000, 9, 69817, 0x068cf067 },
  { RUNS,       3, 6,     5, 0x562d30e3 },
  { RUNS,   70000, 9,  1302, 0x1b7bcf46 },
  { RUNS,   65536, 6,  1331, 0xb5b4cbca },
  { RUNS,  200000, 4,  3695, 0x2691facf },
  { RUNS,  200000, 5,  3799, 0x325ff96b },
  { RUNS,  200000, 7,  3872, 0x6e806568 },
  { RUNS,  200000, 8,  3635, 0x092f303c },
  { RUNS,  300000, 9,  5378, 0x83ef7d08 },
  { TEXT,       3, 6,     5, 0x56982b31 },
  { TEXT,   70000, 9, 18065, 0xb1be83f0 },
  { TEXT,   65536, 6, 17030, 0x036a5c98 },
  { TEXT,  200000, 4, 48305, 0xb089b62b },
  { TEXT,  200000, 5, 48273, 0xf046b75f },
  { TEXT,  200000, 7, 48284, 0xe57a4737 },
  { TEXT,  200000, 8, 48284, 0xe57a4737 },
  { TEXT,  300000, 9, 71513, 0x3d3e67be },
};
/* clang-format on */

static guint8
make_byte (Kind kind, guint32 state)
{
  switch (kind)
    {
    case NOISE:
      return (guint8) (state >> 24);
    case THREE:
      return (guint8) ((state >> 24) % 3);
    case RUNS:
      return (state >> 16) % 200 == 0 ? (guint8) (state >> 24) : 'a';
    case TEXT:
      break;
    }
  return 0;
}

static GBytes *
make_bytes (Kind kind, gsize size)
{
  guint8 *data;
  guint32 state = 1;

  if (kind == TEXT)
    return onward_test_deflate_text (1, size);

  data = g_malloc (size);
  for (gsize i = 0; i < size; i++)
    {
      state = state * 1664525 + 1013904223;
      data[i] = make_byte (kind, state);
    }
  return g_bytes_new_take (data, size);
}

static gboolean
append (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

/* Deflates in pieces of @step bytes. */
static GBytes *
run (GBytes *bytes, guint level, gsize step)
{
  GByteArray *output = g_byte_array_new ();
  g_autoptr (OnwardGnuDeflate) self = onward_gnu_deflate_new (level, append, output);
  g_autoptr (GError) error = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  for (gsize i = 0; i < size; i += step)
    g_assert_true (onward_gnu_deflate_write (self, data + i, MIN (step, size - i), &error));
  g_assert_true (onward_gnu_deflate_finish (self, &error));
  g_assert_no_error (error);
  return g_byte_array_free_to_bytes (output);
}

/* What comes out is what gzip makes, byte for byte, however the bytes come in. */
static void
test_like_gzip (void)
{
  const gsize steps[] = { 1, 1000, 65536, 1 << 20 };

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      const Sample *sample = &samples[i];
      g_autoptr (GBytes) bytes = make_bytes (sample->kind, sample->size);

      for (guint j = 0; j < G_N_ELEMENTS (steps); j++)
        {
          g_autoptr (GBytes) deflated = run (bytes, sample->level, steps[j]);
          gsize size;
          const guint8 *data = g_bytes_get_data (deflated, &size);

          g_test_message ("sample %u, pieces of %zu", i, steps[j]);
          g_assert_cmpuint (size, ==, sample->deflated_size);
          g_assert_cmphex (crc32 (0, data, (uInt) size), ==, sample->checksum);
        }
    }
}

static void
assert_inflates (GBytes *deflated, GBytes *expected)
{
  gsize size, expected_size;
  const guint8 *data = g_bytes_get_data (deflated, &size);
  const guint8 *expected_data = g_bytes_get_data (expected, &expected_size);
  g_autofree guint8 *inflated = g_malloc (expected_size + 1);
  z_stream stream = { .next_in = (Bytef *) data,
                      .avail_in = (uInt) size,
                      .next_out = inflated,
                      .avail_out = (uInt) expected_size + 1 };

  g_assert_cmpint (inflateInit2 (&stream, -MAX_WBITS), ==, Z_OK);
  g_assert_cmpint (inflate (&stream, Z_FINISH), ==, Z_STREAM_END);
  g_assert_cmpmem (inflated, stream.total_out, expected_data, expected_size);
  (void) inflateEnd (&stream);
}

/* It inflates to what it was, whatever the size: around all at which something begins anew. */
static void
test_sizes (void)
{
  const gsize edges[] = { 1, 262, 0x8000 - 262, 0x8000, 0x10000 - 262, 0x10000, 0x18000 };

  for (guint i = 0; i < G_N_ELEMENTS (edges); i++)
    for (gsize size = MAX (edges[i], 3) - 2; size < edges[i] + 3; size++)
      {
        g_autoptr (GBytes) bytes = make_bytes (i % 2 == 0 ? THREE : TEXT, size);
        g_autoptr (GBytes) deflated = run (bytes, i % 3 == 0 ? 9 : 6, size);

        assert_inflates (deflated, bytes);
      }
}

/* A sink that wants no more is listened to. */
static gboolean
refuse (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_FAILED, "Enough");
  return FALSE;
}

static void
test_refused (void)
{
  g_autoptr (GBytes) bytes = make_bytes (NOISE, 300000);
  g_autoptr (OnwardGnuDeflate) self = onward_gnu_deflate_new (6, refuse, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (onward_gnu_deflate_write (self, g_bytes_get_data (bytes, NULL), 300000, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
}

/* Codes that would be too long are cut, and every code can still be told from all others. */
static void
test_codes (void)
{
  g_autofree OnwardHuffman *code = g_new0 (OnwardHuffman, 1);
  guint32 last = 1, next = 1;
  double sum = 0;

  code->n_symbols = 30;
  code->max_length = 15;
  for (guint i = 0; i < 22; i++)
    {
      guint32 count = last + next;

      code->counts[i] = last;
      last = next;
      next = count;
    }
  onward_huffman_build (code);
  for (guint i = 0; i < code->n_symbols; i++)
    {
      g_assert_cmpuint (code->lengths[i], <=, 15);
      g_assert_true ((code->lengths[i] > 0) == (i < 22));
      sum += code->lengths[i] > 0 ? 1.0 / (1u << code->lengths[i]) : 0;
    }
  g_assert_cmpfloat (sum, ==, 1.0);
  g_assert_cmpuint (code->n_used, ==, 22);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/gnu-deflate/like-gzip", test_like_gzip);
  g_test_add_func ("/gnu-deflate/sizes", test_sizes);
  g_test_add_func ("/gnu-deflate/refused", test_refused);
  g_test_add_func ("/gnu-deflate/codes", test_codes);
  return g_test_run ();
}
