/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <zlib.h>

#include "onward-deflate-search.h"
#include "onward-deflates.h"
#include "onward-delta.h"
#include "onward-redeflate.h"
#include "onward-test-deflate.h"

static const OnwardTestWay usual = { 6, 8, Z_DEFAULT_STRATEGY };

static GArray *
find (const GByteArray *file)
{
  return onward_deflates_find (file->data, file->len);
}

static gboolean
append (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

/* Deflates again, in pieces of @step bytes. */
static GBytes *
redeflate (const OnwardDeflate *deflate, GBytes *inflated, gsize step)
{
  GByteArray *output = g_byte_array_new ();
  g_autoptr (OnwardRedeflate) self = onward_redeflate_new (deflate, append, output);
  g_autoptr (GError) error = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (inflated, &size);

  for (gsize i = 0; i < size; i += step)
    g_assert_true (onward_redeflate_write (self, data + i, MIN (step, size - i), &error));
  g_assert_true (onward_redeflate_finish (self, &error));
  g_assert_no_error (error);
  return g_byte_array_free_to_bytes (output);
}

/* What is at @deflate gives @expected, and when @comes_back, a way is found to make it again. */
static void
assert_deflate (const GByteArray *file, OnwardDeflate *deflate, GBytes *expected,
                gboolean comes_back)
{
  const guint8 *bytes = file->data + deflate->start;
  g_autoptr (GBytes) inflated = onward_deflates_inflate (bytes, deflate);
  const gsize steps[] = { 1000, 65536, 1 << 20 };

  g_assert_true (g_bytes_equal (inflated, expected));
  g_assert_true (onward_deflate_search_run (bytes, inflated, deflate) == comes_back);
  for (guint i = 0; comes_back && i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (GBytes) again = redeflate (deflate, inflated, steps[i]);

      g_assert_cmpmem (g_bytes_get_data (again, NULL), g_bytes_get_size (again), bytes,
                       deflate->size);
    }
}

static void
assert_only (const GByteArray *file, GBytes *expected, gboolean comes_back)
{
  g_autoptr (GArray) deflates = find (file);

  g_assert_cmpuint (deflates->len, ==, 1);
  assert_deflate (file, &g_array_index (deflates, OnwardDeflate, 0), expected, comes_back);
}

static void
assert_none (const GByteArray *file)
{
  g_autoptr (GArray) deflates = find (file);

  g_assert_cmpuint (deflates->len, ==, 0);
}

/* Every level and memory that programs use is found again, in a gzip file and in a PNG. */
static void
test_ways (void)
{
  g_autoptr (GBytes) text = onward_test_deflate_text (1, 300000);

  for (int level = 1; level <= 9; level++)
    for (int memory = 8; memory <= 9; memory++)
      {
        const OnwardTestWay way = { level, memory, Z_DEFAULT_STRATEGY };
        const OnwardTestWay filtered = { level, memory, Z_FILTERED };
        g_autoptr (GByteArray) gzip = g_byte_array_new ();
        g_autoptr (GByteArray) png = g_byte_array_new ();

        onward_test_deflate_gzip (gzip, text, &way);
        assert_only (gzip, text, TRUE);
        onward_test_deflate_png (png, text, &filtered, MAX_WBITS, 8192);
        assert_only (png, text, TRUE);
      }
}

/* What other programs make is known as such: another strategy, a smaller memory, nothing packed,
 * and a flush in the middle. */
static void
test_other_ways (void)
{
  const OnwardTestWay ways[] = {
    { 6, 8, Z_HUFFMAN_ONLY }, { 6, 8, Z_RLE }, { 6, 8, Z_FIXED }, { 6, 2, 0 }, { 0, 8, 0 }
  };
  g_autoptr (GBytes) text = onward_test_deflate_text (2, 100000);

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (GByteArray) gzip = g_byte_array_new ();
      g_autoptr (GByteArray) png = g_byte_array_new ();

      onward_test_deflate_gzip (gzip, text, &ways[i]);
      assert_only (gzip, text, FALSE);
      onward_test_deflate_png (png, text, &ways[i], MAX_WBITS, 1 << 20);
      assert_only (png, text, FALSE);
    }
}

/* Members of a zip are found with their sizes before or behind them, between others that are not
 * deflated, and behind something else. */
static void
test_zip (void)
{
  g_autoptr (GBytes) text = onward_test_deflate_text (3, 50000);
  g_autoptr (GBytes) other = onward_test_deflate_text (4, 1000);

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GByteArray) file = g_byte_array_new ();
      g_autoptr (GArray) deflates = NULL;

      if (i >= 2)
        g_byte_array_append (file, (const guint8 *) "#!/usr/bin/python3\n", 19);
      onward_test_deflate_zip (file, "first", text, &usual, i % 2 == 1);
      onward_test_deflate_zip (file, "stored", other, NULL, FALSE);
      onward_test_deflate_zip (file, "last", other, &usual, i % 2 == 0);
      onward_test_deflate_zip_end (file, 3);
      deflates = find (file);
      g_assert_cmpuint (deflates->len, ==, 2);
      assert_deflate (file, &g_array_index (deflates, OnwardDeflate, 0), text, TRUE);
      assert_deflate (file, &g_array_index (deflates, OnwardDeflate, 1), other, TRUE);
    }
}

/* A zip that begins with its directory, as those of Firefox do, is known, too. */
static void
test_directory_first (void)
{
  static const guint8 start[] = { 200, 1, 0, 0, 'P', 'K', 1, 2, 0, 0, 0, 0 };
  g_autoptr (GBytes) text = onward_test_deflate_text (5, 50000);
  g_autoptr (GByteArray) file = g_byte_array_new ();

  g_byte_array_append (file, start, sizeof start);
  onward_test_deflate_zip (file, "chrome.manifest", text, &usual, FALSE);
  assert_only (file, text, TRUE);
}

/* An executable that has a zip behind it is left whole, and so is text that only names one. */
static void
test_no_zip (void)
{
  g_autoptr (GBytes) text = onward_test_deflate_text (6, 50000);
  g_autoptr (GByteArray) program = g_byte_array_new ();
  g_autoptr (GByteArray) other = g_byte_array_new ();

  g_byte_array_append (program,
                       (const guint8 *) "\x7f"
                                        "ELF",
                       4);
  onward_test_deflate_zip (program, "payload", text, &usual, FALSE);
  onward_test_deflate_zip_end (program, 1);
  assert_none (program);

  g_byte_array_append (other, (const guint8 *) "text", 4);
  onward_test_deflate_zip (other, "payload", text, &usual, FALSE);
  assert_none (other);
}

/* Several members of a gzip file are found, and what follows them does no harm. */
static void
test_gzip_members (void)
{
  g_autoptr (GBytes) text = onward_test_deflate_text (7, 50000);
  g_autoptr (GBytes) other = onward_test_deflate_text (8, 5000);
  const OnwardTestWay best = { 9, 8, Z_DEFAULT_STRATEGY };
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GArray) deflates = NULL;

  onward_test_deflate_gzip (file, text, &usual);
  onward_test_deflate_gzip (file, other, &best);
  g_byte_array_append (file, (const guint8 *) "trailing", 8);
  deflates = find (file);
  g_assert_cmpuint (deflates->len, ==, 2);
  assert_deflate (file, &g_array_index (deflates, OnwardDeflate, 0), text, TRUE);
  assert_deflate (file, &g_array_index (deflates, OnwardDeflate, 1), other, TRUE);
}

/* A PNG's chunks may be of any size, but not of different ones, and its window may be smaller. */
static void
test_png (void)
{
  const gsize chunks[] = { 3, 100, 8192, 100000 };
  g_autoptr (GBytes) text = onward_test_deflate_text (9, 60000);
  g_autoptr (GByteArray) small = g_byte_array_new ();
  g_autoptr (GByteArray) uneven = g_byte_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (chunks); i++)
    {
      g_autoptr (GByteArray) file = g_byte_array_new ();

      onward_test_deflate_png (file, text, &usual, MAX_WBITS, chunks[i]);
      assert_only (file, text, TRUE);
    }

  onward_test_deflate_png (small, text, &usual, 12, 8192);
  assert_only (small, text, TRUE);

  /* The first chunk behind the header, of which four bytes move to the second. */
  onward_test_deflate_png (uneven, text, &usual, MAX_WBITS, 100);
  uneven->data[8 + 25 + 3] = 96;
  assert_none (uneven);
}

/* A file that is a zlib stream from its first to its last byte. */
static void
test_zlib (void)
{
  g_autoptr (GBytes) text = onward_test_deflate_text (10, 60000);
  g_autoptr (GBytes) deflated = onward_test_deflate_run (text, &usual, MAX_WBITS);
  g_autoptr (GByteArray) file = g_byte_array_new ();

  g_byte_array_append (file, g_bytes_get_data (deflated, NULL),
                       (guint) g_bytes_get_size (deflated));
  assert_only (file, text, TRUE);
  g_byte_array_append (file, (const guint8 *) "x", 1);
  assert_none (file);
}

static void
assert_harmless (const GByteArray *file)
{
  for (gsize at = 0; at < file->len; at++)
    {
      g_autofree guint8 *cut = g_memdup2 (file->data, at);
      g_autofree guint8 *damaged = g_memdup2 (file->data, file->len);
      g_autoptr (GArray) of_cut = onward_deflates_find (cut, at);
      g_autoptr (GArray) of_damaged = NULL;

      damaged[at] ^= 0xff;
      of_damaged = onward_deflates_find (damaged, file->len);
      g_assert_cmpuint (MAX (of_cut->len, of_damaged->len), <=, 2);
    }
}

/* Files cut anywhere, or with any damaged byte, only give what really inflates. */
static void
test_damaged (void)
{
  g_autoptr (GBytes) text = onward_test_deflate_text (11, 600);
  g_autoptr (GByteArray) zip = g_byte_array_new ();
  g_autoptr (GByteArray) gzip = g_byte_array_new ();
  g_autoptr (GByteArray) png = g_byte_array_new ();

  onward_test_deflate_zip (zip, "a", text, &usual, FALSE);
  onward_test_deflate_zip (zip, "b", text, &usual, TRUE);
  onward_test_deflate_zip_end (zip, 2);
  onward_test_deflate_gzip (gzip, text, &usual);
  onward_test_deflate_png (png, text, &usual, MAX_WBITS, 50);
  assert_harmless (zip);
  assert_harmless (gzip);
  assert_harmless (png);
}

/* Headers that point at themselves, into one another, or far beyond the file find nothing twice. */
static void
test_hostile_zip (void)
{
  g_autoptr (GBytes) text = onward_test_deflate_text (12, 600);
  g_autoptr (GByteArray) inner = g_byte_array_new ();
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GByteArray) many = g_byte_array_new ();
  g_autoptr (GBytes) quoted = NULL;
  const OnwardTestWay stored = { 0, 8, 0 };

  onward_test_deflate_zip (inner, "inner", text, &usual, FALSE);
  quoted = g_bytes_new (inner->data, inner->len);
  onward_test_deflate_zip (file, "outer", quoted, &stored, FALSE);
  assert_only (file, quoted, TRUE);

  for (guint i = 18; i < 22; i++)
    inner->data[i] = 0xfe;
  assert_none (inner);

  for (guint i = 0; i < 100000; i++)
    g_byte_array_append (many, (const guint8 *) "PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0", 16);
  assert_none (many);
}

/* What would give more than is looked at is left alone. */
static void
test_bomb (void)
{
  gsize size = ONWARD_DELTA_MAX_INFLATED + 1;
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (size), size);
  const OnwardTestWay fast = { 1, 8, Z_DEFAULT_STRATEGY };
  g_autoptr (GByteArray) file = g_byte_array_new ();

  onward_test_deflate_gzip (file, zeros, &fast);
  assert_none (file);
}

/* What is probably deflated shows by its beginning. */
static void
test_beginnings (void)
{
  g_autoptr (GBytes) text = onward_test_deflate_text (1, 5000);
  const guint8 *data = g_bytes_get_data (text, NULL);
  g_autoptr (GByteArray) zip = g_byte_array_new ();
  g_autoptr (GByteArray) gzip = g_byte_array_new ();
  g_autoptr (GByteArray) png = g_byte_array_new ();

  onward_test_deflate_zip (zip, "name", text, &usual, FALSE);
  onward_test_deflate_gzip (gzip, text, &usual);
  onward_test_deflate_png (png, text, &usual, MAX_WBITS, 8192);
  g_assert_true (onward_deflates_begin (zip->data, 8));
  g_assert_true (onward_deflates_begin (gzip->data, 8));
  g_assert_true (onward_deflates_begin (png->data, 8));
  g_assert_false (onward_deflates_begin (zip->data, 3));
  g_assert_false (onward_deflates_begin (data, 8));
  g_assert_false (onward_deflates_begin (data, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/deflates/ways", test_ways);
  g_test_add_func ("/deflates/other-ways", test_other_ways);
  g_test_add_func ("/deflates/zip", test_zip);
  g_test_add_func ("/deflates/directory-first", test_directory_first);
  g_test_add_func ("/deflates/no-zip", test_no_zip);
  g_test_add_func ("/deflates/gzip-members", test_gzip_members);
  g_test_add_func ("/deflates/png", test_png);
  g_test_add_func ("/deflates/zlib", test_zlib);
  g_test_add_func ("/deflates/damaged", test_damaged);
  g_test_add_func ("/deflates/hostile-zip", test_hostile_zip);
  g_test_add_func ("/deflates/bomb", test_bomb);
  g_test_add_func ("/deflates/beginnings", test_beginnings);
  return g_test_run ();
}
