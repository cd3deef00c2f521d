/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-anchors.h"
#include "onward-chapters-plan.h"
#include "onward-chapters.h"
#include "onward-delta-header.h"
#include "onward-error.h"
#include "onward-number.h"
#include "onward-test-delta.h"
#include "onward-test-golden.h"

#define KIB G_GUINT64_CONSTANT (1024)

static GBytes *
make_random (guint32 seed, gsize size)
{
  guint8 *data = g_malloc (size + 1);

  for (gsize i = 0; i < size; i++)
    {
      seed = seed * 1664525 + 1013904223;
      data[i] = (guint8) (seed >> 24);
    }
  return g_bytes_new_take (data, size);
}

/* @parts of @bytes, each of @size bytes, in this order. */
static GBytes *
shuffle (GBytes *bytes, const guint *order, guint n_parts, gsize size)
{
  GByteArray *all = g_byte_array_new ();
  const guint8 *data = g_bytes_get_data (bytes, NULL);

  for (guint i = 0; i < n_parts; i++)
    g_byte_array_append (all, data + order[i] * size, (guint) size);
  return g_byte_array_free_to_bytes (all);
}

/* The size of a delta with so small a window, which gives the new bytes again. */
static gsize
round_trip (GBytes *old_bytes, GBytes *new_bytes, guint64 window)
{
  const OnwardDeltaMaker maker = { .effort = ONWARD_DELTA_FAST, .window = window };
  g_autoptr (GPtrArray) old_list = onward_test_delta_list (g_bytes_ref (old_bytes), NULL);
  g_autoptr (GPtrArray) new_list = onward_test_delta_list (g_bytes_ref (new_bytes), NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) delta = onward_delta_make_run (&maker, old_list, new_list, NULL, &error);
  g_autoptr (GBytes) rebuilt = NULL;
  OnwardDeltaHeader header;
  gsize position;

  g_assert_no_error (error);
  g_assert_true (onward_delta_header_read (&header, delta, &position, &error));
  g_assert_cmpint (header.version, ==, ONWARD_DELTA_CHAPTERS);
  rebuilt = onward_test_delta_apply (old_list, delta, g_bytes_get_size (new_bytes), &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (rebuilt, new_bytes));
  return g_bytes_get_size (delta);
}

/* What is larger than a window costs next to nothing, also when its parts moved far. */
static void
test_moved (void)
{
  const guint same[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
  const guint turned[] = { 12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3 };
  const guint grown[] = { 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 };
  g_autoptr (GBytes) old_bytes = make_random (1, 1024 * KIB);
  g_autoptr (GBytes) equal = shuffle (old_bytes, same, 16, 64 * KIB);
  g_autoptr (GBytes) moved = shuffle (old_bytes, turned, 16, 64 * KIB);
  g_autoptr (GBytes) longer = shuffle (old_bytes, grown, 16, 64 * KIB);

  g_assert_cmpuint (round_trip (old_bytes, equal, 512 * KIB), <, 1000);
  g_assert_cmpuint (round_trip (old_bytes, moved, 512 * KIB), <, 1500);
  g_assert_cmpuint (round_trip (old_bytes, longer, 512 * KIB), <, 1500);
}

/* Sizes at the edges, bytes that are all alike, and nothing to start from. */
static void
test_edges (void)
{
  const gsize sizes[] = { 1, 9999, 10000, 10001, 20000, 20001, 200000 };
  g_autoptr (GBytes) none = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (100 * KIB), 100 * KIB);
  g_autoptr (GBytes) more_zeros = g_bytes_new_take (g_malloc0 (131 * KIB), 131 * KIB);
  g_autoptr (GBytes) large = make_random (2, 50000);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) bytes = make_random (3, sizes[i]);

      (void) round_trip (large, bytes, 20000);
      (void) round_trip (bytes, large, 20000);
    }
  (void) round_trip (none, large, 20000);
  g_assert_cmpuint (round_trip (large, none, 20000), <, 16);
  g_assert_cmpuint (round_trip (zeros, more_zeros, 10 * KIB), <, 2000);
}

/* Anchors are where the same bytes are, wherever that is, and not many where all is alike. */
static void
test_anchors (void)
{
  g_autoptr (GBytes) bytes = make_random (4, 256 * KIB);
  g_autoptr (GBytes) rest = g_bytes_new_from_bytes (bytes, 1000, 255 * KIB);
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (256 * KIB), 256 * KIB);
  g_autoptr (GArray) anchors = onward_anchors_list (bytes, 10, NULL);
  g_autoptr (GArray) moved = onward_anchors_list (rest, 10, NULL);
  g_autoptr (GArray) alike = onward_anchors_list (zeros, 10, NULL);
  guint n_found = 0;

  g_assert_cmpuint (anchors->len, >, 100);
  g_assert_cmpuint (anchors->len, <, 400);
  g_assert_cmpuint (alike->len, <=, 512);
  for (guint i = 0; i < moved->len; i++)
    for (guint j = 0; j < anchors->len; j++)
      n_found += g_array_index (moved, OnwardAnchor, i).key ==
                     g_array_index (anchors, OnwardAnchor, j).key &&
                 g_array_index (moved, OnwardAnchor, i).position + 1000 ==
                     g_array_index (anchors, OnwardAnchor, j).position;
  g_assert_cmpuint (n_found + 5, >=, moved->len);
}

/* No chapter has more old bytes than the window, or reaches out of them; all new ones are made. */
static void
test_plan (void)
{
  const guint64 windows[] = { 1, 2, 1000, 65536, 1 << 20 };
  g_autoptr (GBytes) old_bytes = make_random (5, 3000);
  g_autoptr (GBytes) new_bytes = make_random (6, 4000);

  for (guint i = 0; i < G_N_ELEMENTS (windows); i++)
    {
      g_autoptr (GArray) plan = onward_chapters_plan_make (old_bytes, new_bytes, windows[i], NULL);
      guint64 end = 0;

      for (guint j = 0; j < plan->len; j++)
        {
          const OnwardChapter *chapter = &g_array_index (plan, OnwardChapter, j);

          g_assert_cmpuint (chapter->old_size, <=, windows[i]);
          g_assert_cmpuint (chapter->old_start + chapter->old_size, <=, 3000);
          g_assert_cmpuint (chapter->new_start, ==, end);
          end += chapter->new_size;
        }
      g_assert_cmpuint (end, ==, 4000);
    }
}

/* What stayed in its place starts from that alone; what changed looks around. */
static void
test_in_place (void)
{
  g_autoptr (GBytes) old_bytes = make_random (5, 4000);
  guint8 *changed = g_memdup2 (g_bytes_get_data (old_bytes, NULL), 4000);
  g_autoptr (GBytes) new_bytes = g_bytes_new_take (changed, 4000);
  g_autoptr (GArray) plan = NULL;

  changed[2600]++;
  plan = onward_chapters_plan_make (old_bytes, new_bytes, 1000, NULL);
  g_assert_cmpuint (plan->len, ==, 8);
  for (guint i = 0; i < plan->len; i++)
    {
      const OnwardChapter *chapter = &g_array_index (plan, OnwardChapter, i);

      g_assert_cmpuint (chapter->old_size, ==, i == 5 ? 1000 : 500);
      g_assert_true (chapter->old_start == chapter->new_start || i == 5);
    }
}

/* A chapter of a delta by hand: from these of 1000 old bytes so many of 1000 new ones. */
typedef struct
{
  guint64 old_start, old_size, new_size;
  OnwardDeltaVersion version;
  gboolean is_deflated;
  const char *why;
} Case;

static GBytes *
make_chapter (const Case *chapter)
{
  const OnwardDeltaHeader header = { chapter->version, chapter->old_size, chapter->new_size,
                                     chapter->is_deflated };
  GByteArray *delta = g_byte_array_new ();

  onward_delta_header_append (&header, delta);
  return g_byte_array_free_to_bytes (delta);
}

/* Chapters that reach out, that have chapters, or that are endlessly many are refused. */
static void
test_hostile (void)
{
  const Case cases[] = {
    { 0, 1001, 1, ONWARD_DELTA_TOGETHER, FALSE, "outside" },
    { 1001, 0, 1, ONWARD_DELTA_TOGETHER, FALSE, "outside" },
    { G_MAXUINT64, 2, 1, ONWARD_DELTA_TOGETHER, FALSE, "outside" },
    { 2, G_MAXUINT64, 1, ONWARD_DELTA_TOGETHER, FALSE, "outside" },
    { 0, 10, 0, ONWARD_DELTA_TOGETHER, FALSE, "outside" },
    { 0, 10, 1001, ONWARD_DELTA_TOGETHER, FALSE, "outside" },
    { 0, 10, G_MAXUINT64, ONWARD_DELTA_TOGETHER, FALSE, "outside" },
    { 0, 10, 10, ONWARD_DELTA_CHAPTERS, FALSE, "cannot be one" },
    { 0, 10, 10, ONWARD_DELTA_TOGETHER, TRUE, "cannot be one" },
    { 0, 10, 10, ONWARD_DELTA_DEFLATED, FALSE, "cannot be one" },
    { 0, 10, 10, ONWARD_DELTA_TOGETHER, FALSE, "cut off" },
  };
  const OnwardDeltaHeader header = { ONWARD_DELTA_CHAPTERS, 1000, 1000, FALSE };
  g_autoptr (GPtrArray) old_list = onward_test_delta_list (make_random (7, 1000), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) array = g_byte_array_new ();
      g_autoptr (GBytes) chapter = make_chapter (&cases[i]);
      g_autoptr (GBytes) delta = NULL;
      g_autoptr (GBytes) rebuilt = NULL;
      g_autoptr (GError) error = NULL;

      onward_delta_header_append (&header, array);
      g_assert_true (onward_chapters_append (cases[i].old_start, cases[i].old_size,
                                             cases[i].new_size, chapter, array));
      delta = g_byte_array_free_to_bytes (g_steal_pointer (&array));
      rebuilt = onward_test_delta_apply (old_list, delta, 1000, &error);
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_nonnull (strstr (error->message, cases[i].why));
      g_assert_null (rebuilt);
    }
}

/* More chapters than a large delta would have are too many, though each makes something. */
static void
test_many (void)
{
  const OnwardDeltaHeader header = { ONWARD_DELTA_CHAPTERS, 1000, 1000, FALSE };
  const OnwardDeltaMaker maker = { .effort = ONWARD_DELTA_FAST };
  g_autoptr (GPtrArray) old_list = onward_test_delta_list (make_random (8, 1000), NULL);
  g_autoptr (GPtrArray) none = onward_test_delta_list (g_bytes_new_static ("", 0), NULL);
  g_autoptr (GPtrArray) one = onward_test_delta_list (g_bytes_new_static ("x", 1), NULL);
  g_autoptr (GBytes) chapter = onward_delta_make_run (&maker, none, one, NULL, NULL);
  g_autoptr (GByteArray) array = g_byte_array_new ();
  g_autoptr (GBytes) delta = NULL;
  g_autoptr (GBytes) rebuilt = NULL;
  g_autoptr (GError) error = NULL;

  onward_delta_header_append (&header, array);
  for (guint i = 0; i < 1000; i++)
    g_assert_true (onward_chapters_append (0, 0, 1, chapter, array));
  delta = g_byte_array_free_to_bytes (g_steal_pointer (&array));
  rebuilt = onward_test_delta_apply (old_list, delta, 1000, &error);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_nonnull (strstr (error->message, "too many chapters"));
}

/* Cut off anywhere, or with something behind them, chapters are refused. */
static void
test_cut (void)
{
  const OnwardDeltaMaker maker = { .effort = ONWARD_DELTA_FAST, .window = 2000 };
  g_autoptr (GPtrArray) old_list = onward_test_delta_list (make_random (10, 3000), NULL);
  g_autoptr (GPtrArray) new_list = onward_test_delta_list (make_random (10, 2900), NULL);
  g_autoptr (GBytes) delta = onward_delta_make_run (&maker, old_list, new_list, NULL, NULL);
  gsize size = g_bytes_get_size (delta);

  for (gsize length = 0; length <= size + 1; length++)
    {
      guint8 *data = g_malloc0 (length + 1);
      g_autoptr (GBytes) cut = g_bytes_new_take (data, length);
      g_autoptr (GBytes) rebuilt = NULL;
      g_autoptr (GError) error = NULL;

      if (length == size)
        continue;
      memcpy (data, g_bytes_get_data (delta, NULL), MIN (length, size));
      rebuilt = onward_test_delta_apply (old_list, cut, 2900, &error);
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

/* Old bytes in crumbs cannot be put together again and again, though few of them are. */
static void
test_crumbs (void)
{
  const OnwardDeltaHeader header = { ONWARD_DELTA_CHAPTERS, 1000, 100, FALSE };
  const Case whole = { 0, 1000, 1, ONWARD_DELTA_TOGETHER, FALSE, NULL };
  g_autoptr (GPtrArray) old_list = onward_test_delta_list (g_bytes_new_static ("0", 1), NULL);
  g_autoptr (GBytes) chapter = make_chapter (&whole);
  g_autoptr (GByteArray) array = g_byte_array_new ();
  g_autoptr (GBytes) delta = NULL;
  g_autoptr (GBytes) rebuilt = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i < 1000; i++)
    g_ptr_array_add (old_list, g_bytes_new_static ("0", 1));
  onward_delta_header_append (&header, array);
  g_assert_true (onward_chapters_append (0, 1000, 1, chapter, array));
  delta = g_byte_array_free_to_bytes (g_steal_pointer (&array));
  rebuilt = onward_test_delta_apply (old_list, delta, 100, &error);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_nonnull (strstr (error->message, "too many chapters"));
}

/* A delta does not grow beyond what an array holds, near the ends of the integers, too. What is
 * refused is not looked at, and need not be there. */
static void
test_too_large (void)
{
  const guint64 limit = G_GUINT64_CONSTANT (1) << 31;
  const struct
  {
    guint64 before;
    guint64 size;
  } cases[] = {
    { limit - 100, 100 },   { limit, 1 },         { limit + 30, 1 },
    { limit + 30, limit },  { limit * 2 - 1, 1 }, { 10, limit },
    { 10, limit * 2 - 10 }, { 10, limit * 2 },    { 10, G_GUINT64_CONSTANT (1) << 63 },
    { 10, G_MAXUINT64 },
  };
  g_autoptr (GByteArray) fits = g_byte_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GByteArray delta = { .len = (guint) cases[i].before };
      g_autoptr (GBytes) chapter = g_bytes_new_static ("", (gsize) cases[i].size);
      g_autoptr (GBytes) small = g_bytes_new_static ("small", 5);

      g_assert_false (onward_chapters_append (0, 10, 10, chapter, &delta));
      g_assert_cmpuint (delta.len, ==, cases[i].before);
      g_assert_true (onward_chapters_append (0, 10, 10, small, fits));
    }
}

static void
make_golden_lists (GPtrArray **ret_old_list, GPtrArray **ret_new_list)
{
  const guint order[] = { 3, 1, 2, 5, 4, 0, 0 };
  GBytes *old_bytes = make_random (9, 60000);

  *ret_new_list = onward_test_delta_list (shuffle (old_bytes, order, 7, 10000), NULL);
  *ret_old_list = onward_test_delta_list (old_bytes, NULL);
}

/* A delta of version 5 stays readable for ever. */
static void
test_golden (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "delta-5", NULL);
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  g_autoptr (GBytes) delta = file != NULL ? g_mapped_file_get_bytes (file) : NULL;
  g_autoptr (GPtrArray) old_list = NULL;
  g_autoptr (GPtrArray) new_list = NULL;
  g_autoptr (GBytes) rebuilt = NULL;
  g_autoptr (GError) error = NULL;

  make_golden_lists (&old_list, &new_list);
  g_assert_nonnull (delta);
  rebuilt = onward_test_delta_apply (old_list, delta, 70000, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (rebuilt, g_ptr_array_index (new_list, 0)));
}

static gboolean
write_golden (const char *dir)
{
  const OnwardDeltaMaker maker = { .window = 40000 };
  g_autofree char *path = g_build_filename (dir, "delta-5", NULL);
  g_autoptr (GPtrArray) old_list = NULL;
  g_autoptr (GPtrArray) new_list = NULL;
  g_autoptr (GBytes) delta = NULL;

  make_golden_lists (&old_list, &new_list);
  delta = onward_delta_make_run (&maker, old_list, new_list, NULL, NULL);
  return delta != NULL && g_file_set_contents (path, g_bytes_get_data (delta, NULL),
                                               (gssize) g_bytes_get_size (delta), NULL);
}

int
main (int argc, char **argv)
{
  static const OnwardTestGolden tests[] = {
    { "/chapters/moved", test_moved },       { "/chapters/edges", test_edges },
    { "/chapters/anchors", test_anchors },   { "/chapters/plan", test_plan },
    { "/chapters/in-place", test_in_place }, { "/chapters/hostile", test_hostile },
    { "/chapters/many", test_many },         { "/chapters/cut", test_cut },
    { "/chapters/crumbs", test_crumbs },     { "/chapters/too-large", test_too_large },
    { "/chapters/golden", test_golden },
  };

  return onward_test_golden_run (argc, argv, tests, G_N_ELEMENTS (tests), write_golden);
}
