/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <zlib.h>

#include "onward-error.h"
#include "onward-inflate.h"
#include "onward-redeflate-proof.h"
#include "onward-redeflate.h"
#include "onward-test-deflate.h"

static gboolean
append (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

/* The zlib of this system is the one whose bytes deltas are made of, at every level. */
static void
test_proof (void)
{
  for (guint level = 1; level <= ONWARD_DEFLATE_MAX_LEVEL; level++)
    g_assert_true (onward_redeflate_proof_run (level));
}

/* A limit that is reached to the byte does no harm; one byte less is an error. */
static void
test_limit (void)
{
  const OnwardTestWay way = { 9, 8, Z_DEFAULT_STRATEGY };
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (1 << 20), 1 << 20);
  g_autoptr (GBytes) deflated = onward_test_deflate_run (zeros, &way, -MAX_WBITS);
  const guint8 *data = g_bytes_get_data (deflated, NULL);
  gsize size = g_bytes_get_size (deflated);
  g_autoptr (GByteArray) output = g_byte_array_new ();
  g_autoptr (GByteArray) less = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  gsize used = 0;

  g_assert_true (onward_inflate_run (data, size, FALSE, 1 << 20, append, output, &used, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (used, ==, size);
  g_assert_cmpuint (output->len, ==, 1 << 20);
  g_assert_false (
      onward_inflate_run (data, size, FALSE, (1 << 20) - 1, append, less, &used, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_cmpuint (less->len, <, 1 << 20);
}

/* Deflated bytes that are cut off, or are none, are refused. */
static void
test_not_deflated (void)
{
  const OnwardTestWay way = { 6, 8, Z_DEFAULT_STRATEGY };
  g_autoptr (GBytes) text = onward_test_deflate_text (1, 100000);
  g_autoptr (GBytes) deflated = onward_test_deflate_run (text, &way, -MAX_WBITS);
  const guint8 *data = g_bytes_get_data (deflated, NULL);
  const gsize sizes[] = { 0, 1, 2, 100, g_bytes_get_size (deflated) - 1 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint in_chunks = 0; in_chunks < 2; in_chunks++)
      {
        g_autoptr (GByteArray) output = g_byte_array_new ();
        g_autoptr (GError) error = NULL;
        gsize used;

        g_assert_false (onward_inflate_run (data, sizes[i], in_chunks == 1, G_MAXUINT64, append,
                                            output, &used, &error));
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      }
}

/* Chunks of a PNG hold exactly as many bytes as was said: another zlib is noticed. */
static void
test_other_size (void)
{
  OnwardDeflate deflate = { .chunk = 100, .level = 6, .memory = 8, .window = 15 };
  g_autoptr (GBytes) text = onward_test_deflate_text (2, 5000);
  const guint8 *data = g_bytes_get_data (text, NULL);
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  guint64 right = 0;

  for (guint payload = 1; payload < 4000; payload++)
    {
      g_autoptr (GByteArray) output = g_byte_array_new ();
      g_autoptr (OnwardRedeflate) self = NULL;
      g_autoptr (GError) error = NULL;

      deflate.size = onward_deflate_get_chunked (payload, deflate.chunk);
      g_assert_cmpuint (onward_deflate_get_payload (&deflate), ==, payload);
      self = onward_redeflate_new (&deflate, append, output);
      g_assert_true (onward_redeflate_write (self, data, 5000, &error));
      if (onward_redeflate_finish (self, &error))
        right = output->len == deflate.size ? right + 1 : 2;
      else
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
    }
  g_assert_cmpuint (right, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/redeflate/proof", test_proof);
  g_test_add_func ("/redeflate/limit", test_limit);
  g_test_add_func ("/redeflate/not-deflated", test_not_deflated);
  g_test_add_func ("/redeflate/other-size", test_other_size);
  return g_test_run ();
}
