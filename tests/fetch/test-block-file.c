/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-block-check.h"
#include "onward-block-content.h"
#include "onward-block-map.h"
#include "onward-digest.h"
#include "onward-error.h"
#include "onward-test.h"

#define BLOCK 8
#define TEXT  "the quick brown fox jumps" /* three blocks and one byte */
#define SIZE  (sizeof TEXT - 1)

static OnwardBlockSink *
make_sink (const char *dir)
{
  g_autoptr (OnwardBlockFile) file = onward_block_content_open_file (dir, TEXT, SIZE, BLOCK);

  return onward_block_sink_new (file);
}

static char *
print (const OnwardRanges *ranges)
{
  return ranges == NULL ? g_strdup ("") : onward_ranges_to_string (ranges);
}

/* Writes @text and says what is proven by it, and what is bad. */
static void
put (OnwardBlockSink *sink, guint64 offset, const char *text, const char *proven, const char *bad)
{
  g_auto (OnwardBlockResult) result = { 0 };
  g_autofree char *right = NULL;
  g_autofree char *wrong = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_block_sink_write (sink, offset, (const guint8 *) text, strlen (text),
                                          &result, &error));
  g_assert_no_error (error);
  right = print (result.proven);
  wrong = print (result.bad);
  g_assert_cmpstr (right, ==, proven);
  g_assert_cmpstr (wrong, ==, bad);
  g_assert_cmpint (onward_block_result_is_useful (&result), ==, *proven != '\0');
}

static void
assert_begun (OnwardBlockSink *sink, guint64 start, guint64 end)
{
  OnwardRange begun = { 0, 0 };

  g_assert_cmpint (onward_block_sink_get_beginning (sink, &begun), ==, end > start);
  g_assert_cmpuint (begun.start, ==, start);
  g_assert_cmpuint (begun.end, ==, end);
}

/* Blocks are proven as their last byte arrives, in pieces of any size. */
static void
test_block_file_fills (void)
{
  for (gsize step = 1; step <= SIZE; step++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardBlockSink) sink = make_sink (dir);
      g_auto (OnwardBlockResult) result = { 0 };
      g_autofree char *text = NULL;
      g_autofree char *proven = NULL;

      for (gsize at = 0; at < SIZE; at += step)
        {
          gsize end = MIN (at + step, SIZE);

          g_assert_true (onward_block_sink_write (sink, at, (const guint8 *) &TEXT[at], end - at,
                                                  &result, NULL));
          g_assert_cmpuint (result.proven == NULL ? 0 : onward_ranges_get_length (result.proven),
                            ==, end == SIZE ? SIZE : end / BLOCK * BLOCK);
        }
      proven = print (result.proven);
      g_assert_cmpstr (proven, ==, "0-25");
      text = onward_test_read (dir, "part");
      g_assert_cmpstr (text, ==, TEXT);
    }
}

/* Bytes that are there already, lead nowhere or lie outside are passed over. */
static void
test_block_file_skips (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardBlockSink) sink = make_sink (dir);

  put (sink, 3, " quick", "", "");
  assert_begun (sink, 8, 9);
  put (sink, 0, "the", "", "");
  assert_begun (sink, 0, 3);
  put (sink, 5, "uic", "", "");
  assert_begun (sink, 0, 3);
  put (sink, 0, "??? quick", "0-8", "");
  assert_begun (sink, 8, 9);
  put (sink, 0, TEXT "beyond the end", "0-25", "");
  assert_begun (sink, 0, 0);
}

/* What is not a sink's own is neither stored nor judged, so that what others brought stays. */
static void
test_block_file_allows (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardBlockSink) sink = make_sink (dir);
  g_autoptr (OnwardRanges) allowed = onward_ranges_parse ("8-16", SIZE);
  g_autofree char *text = NULL;

  put (sink, 0, TEXT, "0-25", "");
  onward_block_sink_allow (sink, allowed);
  put (sink, 0, "THE QUICK BROWN FOX JUMPS", "", "8-16");
  text = onward_test_read (dir, "part");
  g_assert_true (g_str_has_prefix (text, "the quic"));
  g_assert_true (g_str_has_suffix (text, "fox jumps"));
}

/* A wrong block is told, not kept, and taken again when it comes right. */
static void
test_block_file_bad (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardBlockSink) sink = make_sink (dir);

  onward_block_sink_set_source (sink, 1, "\"a\"");
  put (sink, 0, "the quick brown Fox jumps", "0-16,24-25", "16-24");
  assert_begun (sink, 0, 0);
  put (sink, 16, "fox jump", "16-24", "");
}

/* Who can be blamed for a wrong block: only who sent all of it, of one and the same file. */
static void
test_block_file_blames (void)
{
  /* clang-format off */
  static const struct { guint source; const char *validator, *bad; } cases[] = {
    { 1, "\"a\"", "16-24" },
    { 1, "\"b\"", "" },
    { 1, NULL,    "" },
    { 2, "\"a\"", "" },
  };
  /* clang-format on */

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardBlockSink) sink = make_sink (dir);
      const char *asked = NULL;

      onward_block_sink_set_source (sink, 1, "\"a\"");
      put (sink, 16, "fox", "", "");
      asked = onward_block_sink_get_validator (sink, cases[i].source);
      g_assert_cmpstr (asked, ==, cases[i].source == 1 ? "\"a\"" : NULL);
      onward_block_sink_set_source (sink, cases[i].source, cases[i].validator);
      put (sink, 19, "-----", "", cases[i].bad);
      /* Of the next block, everything comes from there. */
      put (sink, 0, "--------", "", "0-8");
    }
}

/* What is not wanted is not missing, and what was proven stays proven. */
static void
test_block_file_wants (void)
{
  OnwardBlockGrid grid = { 25, 8 };
  g_autoptr (OnwardBlockMap) map = onward_block_map_new (&grid);
  g_autoptr (OnwardRanges) proven = onward_ranges_parse ("8-16", 25);
  g_autofree char *missing = NULL;

  onward_block_map_want (map, 7, 9);
  onward_block_map_want (map, 24, 100);
  onward_block_map_want (map, 100, 200);
  onward_block_map_prove (map, proven);
  missing = onward_ranges_to_string (onward_block_map_get_missing (map));
  g_assert_cmpstr (missing, ==, "0-8,24-25");
  g_assert_false (onward_block_map_is_missing (map, 1));
  g_assert_false (onward_block_map_is_missing (map, 2));
  g_assert_cmpuint (onward_block_grid_get_count (&grid), ==, 4);
  onward_block_map_want (map, 0, 25);
  g_assert_false (onward_block_map_is_missing (map, 1));
}

/* Sizes beyond 2^32 and the largest there is do not overflow. */
static void
test_block_file_sizes (void)
{
  OnwardBlockGrid grid = { G_MAXINT64, 1 << 20 };
  g_autoptr (OnwardBlockMap) map = onward_block_map_new (&grid);
  guint64 last = onward_block_grid_get_count (&grid) - 1;
  OnwardRange range = onward_block_grid_get_block (&grid, last);

  g_assert_cmpuint (range.end, ==, G_MAXINT64);
  g_assert_cmpuint (range.start, ==, last << 20);
  onward_block_map_want (map, G_MAXINT64 - 1, G_MAXUINT64);
  g_assert_true (onward_block_map_is_missing (map, last));
}

/* A record is checked against the file, and a beginning goes on where it was. */
static void
test_block_file_check (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardBlockFile) file = NULL;
  g_autoptr (OnwardRanges) missing = onward_ranges_parse ("0-25", SIZE);
  g_autoptr (OnwardRanges) hints = onward_ranges_parse ("0-12,16-19,24-25", SIZE);
  g_autoptr (OnwardBlockCheck) check = onward_block_check_new (missing, hints);
  g_autoptr (GError) error = NULL;
  g_autofree char *proven = NULL;

  onward_test_write (dir, "part", "the quick br--- fox jumpX");
  file = onward_block_content_open_file (dir, TEXT, SIZE, BLOCK);
  g_assert_true (onward_block_check_run (check, file, NULL, &error));
  g_assert_no_error (error);
  proven = print (check->proven);
  g_assert_cmpstr (proven, ==, "0-8");
  g_assert_cmpuint (check->begun->len, ==, 2);
  assert_begun (g_ptr_array_index (check->begun, 0), 8, 12);
  assert_begun (g_ptr_array_index (check->begun, 1), 16, 19);
  put (g_ptr_array_index (check->begun, 1), 19, " jump", "16-24", "");
  put (g_ptr_array_index (check->begun, 0), 12, "own ", "8-16", "");
}

/* Digests that do not fit the size are refused, and so is a folder in the way. */
static void
test_block_file_refuses (void)
{
  OnwardBlockGrid odd = { 17, 8 }, even = { 16, 8 };
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "part", NULL);
  g_autoptr (GBytes) digests = g_bytes_new_take (g_malloc0 (64), 64);
  g_autoptr (OnwardBlockFile) wrong = onward_block_file_new (path, &odd, digests);
  g_autoptr (OnwardBlockFile) barred = onward_block_file_new (path, &even, digests);
  g_autoptr (GError) error = NULL;

  g_assert_false (onward_block_file_open (wrong, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_clear_error (&error);

  g_assert_cmpint (mkdir (path, 0700), ==, 0);
  g_assert_false (onward_block_file_open (barred, &error));
  g_assert_cmpint ((int) error->domain, ==, (int) ONWARD_ERROR);
}

/* A link in the way is replaced, never followed: what it leads to stays as it is. */
static void
test_block_file_follows_no_link (void)
{
  OnwardBlockGrid grid = { 16, 8 };
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "part", NULL);
  g_autofree char *precious = NULL;
  g_autoptr (GBytes) digests = g_bytes_new_take (g_malloc0 (64), 64);
  g_autoptr (OnwardBlockFile) file = onward_block_file_new (path, &grid, digests);
  g_autoptr (GError) error = NULL;
  struct stat info;

  onward_test_write (dir, "precious", "precious");
  g_assert_cmpint (symlink ("precious", path), ==, 0);
  g_assert_true (onward_block_file_open (file, &error));
  g_assert_no_error (error);
  g_assert_true (onward_block_file_write (file, 0, (const guint8 *) "pack", 4, &error));
  g_assert_cmpint (lstat (path, &info), ==, 0);
  g_assert_true (S_ISREG (info.st_mode));
  precious = onward_test_read (dir, "precious");
  g_assert_cmpstr (precious, ==, "precious");
}

static OnwardBlockSink *
make_large (const char *dir, guint32 block_size, const guint8 *data, gsize size)
{
  g_autoptr (OnwardBlockFile) file = onward_block_content_open_file (dir, data, size, block_size);

  return onward_block_sink_new (file);
}

/* Much at once is stored and hashed at the same time, with the same result: what is right is
 * proven, what is wrong is told, and what is begun is gone on with. */
static void
test_block_file_much (void)
{
  const gsize size = 1024 * 1024;

  for (guint32 block_size = 1000; block_size < 2 * size; block_size *= 9)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (GBytes) content = onward_block_content_make (size);
      g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (content, NULL), size);
      g_autofree char *path = g_build_filename (dir, "part", NULL);
      g_autofree char *stored = NULL;
      g_autoptr (OnwardBlockSink) sink = make_large (dir, block_size, data, size);
      g_auto (OnwardBlockResult) result = { 0 };
      gsize half = size / 2 + 77, wrong = size / 4;

      onward_block_sink_set_source (sink, 1, "\"a\"");
      data[wrong]++;
      g_assert_true (onward_block_sink_write (sink, 0, data, half, &result, NULL));
      g_assert_true (onward_block_sink_write (sink, half, data + half, size - half, &result, NULL));
      g_assert_cmpuint (result.damaged, ==, 1);
      g_assert_true (onward_ranges_contain (result.bad, wrong, wrong + 1));
      g_assert_cmpuint (onward_ranges_get_length (result.bad) +
                            (result.proven == NULL ? 0 : onward_ranges_get_length (result.proven)),
                        ==, size);
      g_assert_true (g_file_get_contents (path, &stored, NULL, NULL));
      g_assert_cmpmem (stored, size, data, size);
    }
}

/* When the disk refuses, what was stored before is proven, and nothing beyond. */
static void
test_block_file_full (void)
{
  const gsize size = 1024 * 1024, limit = 5 * 65536 + 100;
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (GBytes) content = onward_block_content_make (size);
  const guint8 *data = g_bytes_get_data (content, NULL);
  g_autoptr (OnwardBlockSink) sink = make_large (dir, 65536, data, size);
  g_auto (OnwardBlockResult) result = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *proven = NULL;
  struct rlimit before, full;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  full = (struct rlimit){ limit, before.rlim_max };
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &full), ==, 0);
  g_assert_true (onward_block_sink_write (sink, 0, data, 65536, &result, &error));
  g_assert_false (
      onward_block_sink_write (sink, 65536, data + 65536, size - 65536, &result, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_cmpint ((int) error->domain, ==, (int) ONWARD_ERROR);
  proven = print (result.proven);
  g_assert_cmpstr (proven, ==, "0-327680");
  assert_begun (sink, 0, 0);
}

/* The file takes no more room than what arrived, wherever that is. */
static void
test_block_file_sparse (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "part", NULL);
  OnwardBlockGrid grid = { G_GUINT64_CONSTANT (5) << 30, 1 << 20 };
  gsize count = (gsize) (grid.size >> 20) * ONWARD_DIGEST_SIZE;
  g_autoptr (GBytes) digests = g_bytes_new_take (g_malloc0 (count), count);
  g_autoptr (OnwardBlockFile) file = onward_block_file_new (path, &grid, digests);
  g_autoptr (OnwardBlockSink) sink = NULL;
  g_autoptr (GError) error = NULL;
  struct stat info;

  g_assert_true (onward_block_file_open (file, &error));
  g_assert_no_error (error);
  sink = onward_block_sink_new (file);
  put (sink, grid.size - (1 << 20), "the beginning of the last block", "", "");
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpuint ((guint64) info.st_size, ==, grid.size);
  g_assert_cmpint (info.st_blocks, <, 10000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/block-file/fills", test_block_file_fills);
  g_test_add_func ("/block-file/skips", test_block_file_skips);
  g_test_add_func ("/block-file/allows", test_block_file_allows);
  g_test_add_func ("/block-file/bad", test_block_file_bad);
  g_test_add_func ("/block-file/blames", test_block_file_blames);
  g_test_add_func ("/block-file/wants", test_block_file_wants);
  g_test_add_func ("/block-file/sizes", test_block_file_sizes);
  g_test_add_func ("/block-file/check", test_block_file_check);
  g_test_add_func ("/block-file/refuses", test_block_file_refuses);
  g_test_add_func ("/block-file/follows-no-link", test_block_file_follows_no_link);
  g_test_add_func ("/block-file/much", test_block_file_much);
  g_test_add_func ("/block-file/full", test_block_file_full);
  g_test_add_func ("/block-file/sparse", test_block_file_sparse);
  return g_test_run ();
}
