/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-block-file.h"
#include "onward-digest.h"
#include "onward-error.h"
#include "onward-test.h"

#define BLOCK 8
#define TEXT  "the quick brown fox jumps" /* three blocks and one byte */
#define SIZE  (sizeof TEXT - 1)

static OnwardBlockFile *
make_file (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "part", NULL);
  g_autoptr (GByteArray) digests = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  OnwardBlockFile *file = NULL;

  for (gsize start = 0; start < SIZE; start += BLOCK)
    {
      OnwardDigest digest;

      onward_digest_of_data (&TEXT[start], MIN (BLOCK, SIZE - start), &digest);
      g_byte_array_append (digests, digest.bytes, sizeof digest.bytes);
    }
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&digests));
  file = onward_block_file_new (path, SIZE, BLOCK, bytes);
  onward_block_map_want (onward_block_file_get_map (file), 0, SIZE);
  g_assert_true (onward_block_file_open (file, &error));
  g_assert_no_error (error);
  return file;
}

static OnwardBlockResult
put (OnwardBlockFile *file, guint64 offset, const char *text)
{
  OnwardBlockResult result = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_block_file_write (file, offset, (const guint8 *) text, strlen (text),
                                          &result, &error));
  g_assert_no_error (error);
  return result;
}

static void
assert_received (OnwardBlockFile *file, const char *expected)
{
  g_autoptr (OnwardRanges) received = onward_block_file_get_received (file);
  g_autofree char *text = onward_ranges_to_string (received);

  g_assert_cmpstr (text, ==, expected);
}

/* Blocks are proven as their last byte arrives, in pieces of any size. */
static void
test_block_file_fills (void)
{
  for (gsize step = 1; step <= SIZE; step++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardBlockFile) file = make_file (dir);
      g_autofree char *text = NULL;
      guint verified = 0;

      for (gsize at = 0; at < SIZE; at += step)
        {
          g_autofree char *piece = g_strndup (&TEXT[at], step);

          verified += put (file, at, piece).verified;
          g_assert_cmpuint (verified, ==, MIN (at + step, SIZE) == SIZE ? 4 : (at + step) / BLOCK);
        }
      text = onward_test_read (dir, "part");
      g_assert_cmpstr (text, ==, TEXT);
    }
}

/* Bytes that are there already, lead nowhere or lie outside are passed over. */
static void
test_block_file_skips (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardBlockFile) file = make_file (dir);

  (void) put (file, 3, " quick");
  assert_received (file, "8-9");
  (void) put (file, 0, "the");
  assert_received (file, "0-3");
  (void) put (file, 5, "uic");
  assert_received (file, "0-3");
  g_assert_cmpuint (put (file, 0, "??? quick").verified, ==, 1);
  assert_received (file, "0-9");
  /* The whole answer again: what is proven stays, the rest goes on. */
  g_assert_cmpuint (put (file, 0, TEXT "beyond the end").verified, ==, 3);
  assert_received (file, "0-25");
}

/* A wrong block is told, not kept, and taken again when it comes right. */
static void
test_block_file_bad (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardBlockFile) file = make_file (dir);
  OnwardBlockResult result = put (file, 0, "the quick brown Fox jumps");

  g_assert_cmpuint (result.verified, ==, 3);
  g_assert_cmpuint (result.bad, ==, 1);
  g_assert_cmpuint (result.bad_block, ==, 2);
  g_assert_true (result.is_blamed);
  assert_received (file, "0-16,24-25");

  (void) put (file, 16, "fox");
  onward_block_file_change_source (file);
  result = put (file, 19, "-----");
  g_assert_cmpuint (result.bad, ==, 1);
  g_assert_false (result.is_blamed);
  result = put (file, 16, "fox jump");
  g_assert_cmpuint (result.verified, ==, 1);
  assert_received (file, "0-25");
}

/* What is not wanted is neither stored nor proven. */
static void
test_block_file_wants (void)
{
  g_autoptr (OnwardBlockMap) map = onward_block_map_new (25, 8);
  g_autofree char *missing = NULL;

  onward_block_map_want (map, 7, 9);
  onward_block_map_want (map, 24, 100);
  onward_block_map_want (map, 100, 200);
  onward_block_map_prove (map, 1);
  missing = onward_ranges_to_string (onward_block_map_get_missing (map));
  g_assert_cmpstr (missing, ==, "0-8,24-25");
  g_assert_false (onward_block_map_is_missing (map, 1));
  g_assert_false (onward_block_map_is_missing (map, 2));
  g_assert_cmpuint (onward_block_map_get_count (map), ==, 4);
  /* What was proven stays proven when it is wanted again. */
  onward_block_map_want (map, 0, 25);
  g_assert_false (onward_block_map_is_missing (map, 1));
}

/* Sizes beyond 2^32 and the largest there is do not overflow. */
static void
test_block_file_sizes (void)
{
  g_autoptr (OnwardBlockMap) map = onward_block_map_new (G_MAXINT64, 1 << 20);
  guint64 last = onward_block_map_get_count (map) - 1;
  OnwardRange range = onward_block_map_get_block (map, last);

  g_assert_cmpuint (range.end, ==, G_MAXINT64);
  g_assert_cmpuint (range.start, ==, last << 20);
  onward_block_map_want (map, G_MAXINT64 - 1, G_MAXUINT64);
  g_assert_true (onward_block_map_is_missing (map, last));
}

/* A record is checked against the file, and a beginning goes on where it was. */
static void
test_block_file_recheck (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardBlockFile) file = NULL;
  g_autoptr (OnwardRanges) hints = onward_ranges_parse ("0-12,16-25", SIZE);
  g_autoptr (GError) error = NULL;

  onward_test_write (dir, "part", "the quick br--- fox jumpX");
  file = make_file (dir);
  g_assert_true (onward_block_file_recheck (file, hints, NULL, &error));
  g_assert_no_error (error);
  assert_received (file, "0-12,16-24");
  g_assert_cmpuint (put (file, 12, "own fox jumps").verified, ==, 2);
  assert_received (file, "0-25");
}

/* Digests that do not fit the size, and links in the way, are refused. */
static void
test_block_file_refuses (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "part", NULL);
  g_autoptr (GBytes) digests = g_bytes_new_take (g_malloc0 (64), 64);
  g_autoptr (OnwardBlockFile) wrong = onward_block_file_new (path, 17, 8, digests);
  g_autoptr (OnwardBlockFile) linked = onward_block_file_new (path, 16, 8, digests);
  g_autoptr (GError) error = NULL;

  g_assert_false (onward_block_file_open (wrong, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_clear_error (&error);

  onward_test_write (dir, "precious", "precious");
  g_assert_cmpint (symlink ("precious", path), ==, 0);
  g_assert_false (onward_block_file_open (linked, &error));
  g_assert_cmpint ((int) error->domain, ==, (int) ONWARD_ERROR);
}

/* The file takes no more room than what arrived. */
static void
test_block_file_sparse (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "part", NULL);
  guint64 size = G_GUINT64_CONSTANT (5) << 30;
  gsize count = (gsize) (size >> 20) * ONWARD_DIGEST_SIZE;
  g_autoptr (GBytes) digests = g_bytes_new_take (g_malloc0 (count), count);
  g_autoptr (OnwardBlockFile) file = onward_block_file_new (path, size, 1 << 20, digests);
  g_autoptr (GError) error = NULL;
  struct stat info;

  g_assert_true (onward_block_file_open (file, &error));
  g_assert_no_error (error);
  onward_block_map_want (onward_block_file_get_map (file), 0, size);
  (void) put (file, size - (1 << 20), "the beginning of the last block");
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpuint ((guint64) info.st_size, ==, size);
  g_assert_cmpint (info.st_blocks, <, 10000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/block-file/fills", test_block_file_fills);
  g_test_add_func ("/block-file/skips", test_block_file_skips);
  g_test_add_func ("/block-file/bad", test_block_file_bad);
  g_test_add_func ("/block-file/wants", test_block_file_wants);
  g_test_add_func ("/block-file/sizes", test_block_file_sizes);
  g_test_add_func ("/block-file/recheck", test_block_file_recheck);
  g_test_add_func ("/block-file/refuses", test_block_file_refuses);
  g_test_add_func ("/block-file/sparse", test_block_file_sparse);
  return g_test_run ();
}
