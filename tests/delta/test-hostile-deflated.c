/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-deflate-table.h"
#include "onward-delta-header.h"
#include "onward-error.h"
#include "onward-number.h"
#include "onward-test-deflate.h"
#include "onward-test-delta.h"

#define BIT_31 (G_GUINT64_CONSTANT (1) << 31)
#define BIT_32 (G_GUINT64_CONSTANT (1) << 32)
#define BIT_63 (G_GUINT64_CONSTANT (1) << 63)
#define NONE   G_MAXUINT64
/* Of the ways to deflate. */
#define LEVEL_6   5
#define IN_CHUNKS (1 << 6)
#define GNU       (1 << 10)

/* What a delta may say of deflated bytes: of one old place, or of none, and of one new place, which
 * may be a picture. And what is wrong with it. */
typedef struct
{
  guint64 old_inflated, unfolded_size, old_place, gap, inflated_size, way;
  const char *why;
  guint n_chunks; /* of the numbers that follow: payload, chunk, zlib header */
  guint64 chunks[3];
} Table;

static void
append_line (GByteArray *delta, const GByteArray *stream)
{
  onward_number_append (delta, stream->len);
  if (stream->len == 0)
    return;

  onward_number_append (delta, 0);
  onward_number_append (delta, stream->len);
}

/* A delta with such a table, all of whose new bytes come from one cover of the old ones. */
static GBytes *
write_table (const Table *table)
{
  static const guint8 cover[] = { 0x1e, 1, 1, 1, 1, 0, 4, 0, 100, 0, 0 };
  const OnwardDeltaHeader header = { ONWARD_DELTA_TOGETHER, 100, 100, TRUE };
  GByteArray *delta = g_byte_array_new ();
  g_autoptr (GByteArray) old_places = g_byte_array_new ();
  g_autoptr (GByteArray) new_places = g_byte_array_new ();

  if (table->old_place != NONE)
    onward_number_append (old_places, table->old_place);
  onward_number_append (new_places, table->gap << 1);
  onward_number_append (new_places, table->inflated_size);
  onward_number_append (new_places, table->way);
  for (guint i = 0; i < table->n_chunks; i++)
    onward_number_append (new_places, table->chunks[i]);

  onward_delta_header_append (&header, delta);
  onward_number_append (delta, table->old_inflated);
  onward_number_append (delta, table->unfolded_size);
  append_line (delta, old_places);
  append_line (delta, new_places);
  g_byte_array_append (delta, old_places->data, old_places->len);
  g_byte_array_append (delta, new_places->data, new_places->len);
  g_byte_array_append (delta, cover, sizeof cover);
  return g_byte_array_free_to_bytes (delta);
}

#define NO_FILE  "has another size"
#define NO_BYTES "Deflated bytes are none"
#define TOO_MUCH "inflates too much"
#define BOMB     "inflates more than can be deflated"
#define NO_PLACE "inflates what there is not"
#define TOO_FAR  "deflates more than there is"
#define TOO_LONG "deflates too much"
#define NOTHING  "deflates nothing"
#define NO_WAY   "deflates in an unknown way"
#define EARLY    "ends too early"
#define NO_IMAGE "has a picture that cannot be"

/* clang-format off */
static const Table tables[] = {
  { 0,      100,    NONE, 0,      50,     LEVEL_6,                NO_FILE,  0, { 0 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | IN_CHUNKS,    NO_FILE,  3, { 50, 0, 0x9c78 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | IN_CHUNKS,    NO_FILE,  3, { 50, 1, 0x9c78 } },
  { 10,     100,    0,    0,      50,     LEVEL_6,                NO_BYTES, 0, { 0 } },
  { 10,     100,    1,    0,      50,     LEVEL_6,                "cut off", 0, { 0 } },
  { 10,     100,    200,  0,      50,     LEVEL_6,                NO_PLACE, 0, { 0 } },
  { 10,     100,    BIT_31, 0,    50,     LEVEL_6,                NO_PLACE, 0, { 0 } },
  { 10,     100,    BIT_32, 0,    50,     LEVEL_6,                NO_PLACE, 0, { 0 } },
  { 10,     100,    BIT_63, 0,    50,     LEVEL_6,                NO_PLACE, 0, { 0 } },
  { 200000, 100,    0,    0,      50,     LEVEL_6,                BOMB,     0, { 0 } },
  { 0,      200000, NONE, 0,      50,     LEVEL_6,                BOMB,     0, { 0 } },
  { 0,      BIT_31, NONE, 0,      50,     LEVEL_6,                TOO_MUCH, 0, { 0 } },
  { 0,      BIT_32, NONE, 0,      50,     LEVEL_6,                TOO_MUCH, 0, { 0 } },
  { 0,      G_MAXUINT64, NONE, 0, 50,     LEVEL_6,                TOO_MUCH, 0, { 0 } },
  { BIT_31, 100,    0,    0,      50,     LEVEL_6,                TOO_MUCH, 0, { 0 } },
  { BIT_32, 100,    0,    0,      50,     LEVEL_6,                TOO_MUCH, 0, { 0 } },
  { G_MAXUINT64, 100, 0,  0,      50,     LEVEL_6,                TOO_MUCH, 0, { 0 } },
  { 0,      100,    NONE, 51,     50,     LEVEL_6,                TOO_FAR,  0, { 0 } },
  { 0,      100,    NONE, BIT_31, 50,     LEVEL_6,                TOO_FAR,  0, { 0 } },
  { 0,      100,    NONE, BIT_32, 50,     LEVEL_6,                TOO_FAR,  0, { 0 } },
  { 0,      100,    NONE, BIT_63 - 1, 50, LEVEL_6,                TOO_FAR,  0, { 0 } },
  { 0,      100,    NONE, 0,      101,    LEVEL_6,                TOO_FAR,  0, { 0 } },
  { 0,      100,    NONE, 0,      0,      LEVEL_6,                NOTHING,  0, { 0 } },
  { 0,      100,    NONE, 0,      BIT_31, LEVEL_6,                TOO_LONG, 0, { 0 } },
  { 0,      100,    NONE, 0,      BIT_32, LEVEL_6,                TOO_LONG, 0, { 0 } },
  { 0,      100,    NONE, 0,      BIT_63, LEVEL_6,                TOO_LONG, 0, { 0 } },
  { 0,      100,    NONE, 0,      G_MAXUINT64, LEVEL_6,           TOO_LONG, 0, { 0 } },
  { 0,      100,    NONE, 0,      50,     9,                      NO_WAY,   0, { 0 } },
  { 0,      100,    NONE, 0,      50,     BIT_31 | LEVEL_6,       NO_WAY,   0, { 0 } },
  { 0,      100,    NONE, 0,      50,     BIT_32 | LEVEL_6,       NO_WAY,   0, { 0 } },
  { 0,      100,    NONE, 0,      50,     BIT_63 | LEVEL_6,       NO_WAY,   0, { 0 } },
  { 0,      100,    NONE, 0,      50,     G_MAXUINT64,            NO_WAY,   0, { 0 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | 7 << 7,       NO_WAY,   0, { 0 } },
  { 0,      100,    NONE, 0,      50,     2 | GNU,                NO_WAY,   0, { 0 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | GNU | 1 << 4, NO_WAY,   0, { 0 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | GNU | 1 << 11, NO_WAY,  0, { 0 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | IN_CHUNKS,    EARLY,    0, { 0 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | IN_CHUNKS,    EARLY,    1, { 50 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | IN_CHUNKS,    EARLY,    2, { 50, 0 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | IN_CHUNKS,    NO_IMAGE, 3, { 0, 0, 0x9c78 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | IN_CHUNKS,    NO_IMAGE, 3, { BIT_31, 0, 0 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | IN_CHUNKS,    NO_IMAGE, 3, { BIT_32, 0, 0 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | IN_CHUNKS,    NO_IMAGE, 3, { BIT_63, 0, 0 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | IN_CHUNKS,    NO_IMAGE, 3, { 50, 51, 0 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | IN_CHUNKS,    NO_IMAGE, 3, { 50, BIT_32, 0 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | IN_CHUNKS,    NO_IMAGE, 3, { 50, 5, 65536 } },
  { 0,      100,    NONE, 0,      50,     LEVEL_6 | IN_CHUNKS,    NO_IMAGE, 3, { 50, 5, BIT_63 } },
};
/* clang-format on */

/* Tables that inflate or deflate what there is not are refused, near the ends of the integers, too,
 * and the error says what is wrong. The first ones are right but for what comes out. */
static void
test_tables (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autoptr (GPtrArray) old_list =
          onward_test_delta_list (onward_test_deflate_text (8, 100), NULL);
      g_autoptr (GBytes) delta = write_table (&tables[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) rebuilt = onward_test_delta_apply (old_list, delta, 100, &error);
      OnwardError code =
          strcmp (tables[i].why, NO_FILE) == 0 ? ONWARD_ERROR_CORRUPT : ONWARD_ERROR_MALFORMED;

      g_assert_null (rebuilt);
      g_test_message ("table %u: %s", i, error->message);
      g_assert_error (error, ONWARD_ERROR, (int) code);
      g_assert_nonnull (strstr (error->message, tables[i].why));
    }
}

/* How a table is stored may be nothing that is unknown, and no more than there is. */
static void
test_lines (void)
{
  const struct
  {
    guint64 size, method, stored_size;
    const char *why;
  } lines[] = {
    { 5, 0, 100, "cut off" },        { 5, 0, BIT_32, "cut off" },
    { 5, 1, BIT_63, "cut off" },     { 5, 2, G_MAXUINT64, "cut off" },
    { 5, 3, 0, "an unknown way" },   { 5, BIT_32, 0, "an unknown way" },
    { 5, 0, 0, "has another size" }, { BIT_63, 0, 0, "has another size" },
  };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (lines); i++)
    {
      const OnwardDeltaHeader header = { ONWARD_DELTA_DEFLATED, 100, 100, TRUE };
      g_autoptr (GPtrArray) old_list =
          onward_test_delta_list (onward_test_deflate_text (8, 100), NULL);
      g_autoptr (GByteArray) array = g_byte_array_new ();
      g_autoptr (GBytes) delta = NULL;
      g_autoptr (GBytes) rebuilt = NULL;
      g_autoptr (GError) error = NULL;

      onward_delta_header_append (&header, array);
      onward_number_append (array, 0);
      onward_number_append (array, 100);
      if (i % 2 == 1)
        onward_number_append (array, 0);
      onward_number_append (array, lines[i / 2].size);
      onward_number_append (array, lines[i / 2].method);
      onward_number_append (array, lines[i / 2].stored_size);
      for (guint j = 0; j < 20; j++)
        onward_number_append (array, 0);
      delta = g_byte_array_free_to_bytes (g_steal_pointer (&array));
      rebuilt = onward_test_delta_apply (old_list, delta, 100, &error);
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_test_message ("line %u: %s", i, error->message);
      g_assert_nonnull (strstr (error->message, lines[i / 2].why));
    }
}

/* The beginning of a delta that deflates @n places alike, and inflates @old_inflated bytes. */
static GBytes *
write_places (guint64 old_inflated, guint n, guint64 inflated_size, guint level)
{
  GByteArray *delta = g_byte_array_new ();
  g_autoptr (GByteArray) old_places = g_byte_array_new ();
  g_autoptr (GByteArray) new_places = g_byte_array_new ();

  for (guint i = 0; i < n; i++)
    {
      onward_number_append (new_places, i > 0);
      onward_number_append (new_places, inflated_size);
      if (i == 0)
        onward_number_append (new_places, level - 1);
    }
  onward_number_append (delta, old_inflated);
  onward_number_append (delta, 0);
  append_line (delta, old_places);
  append_line (delta, new_places);
  g_byte_array_append (delta, new_places->data, new_places->len);
  return g_byte_array_free_to_bytes (delta);
}

/* How many of the places are read before the table is refused; all of them when it is not. */
static guint
read_places (GBytes *delta, GError **error)
{
  gsize position = 0;
  g_autoptr (OnwardDeflateTable) table = onward_deflate_table_new (delta, &position, error);
  OnwardDeflate deflate;
  guint64 gap;
  guint n = 0;

  while (table != NULL && onward_deflate_table_read_new (table, &gap, &deflate, error))
    n++;
  return n;
}

/* A client is not kept busy for hours: neither by much that is hard to deflate, nor by very many
 * small places, nor by what it would have to inflate before. */
static void
test_work (void)
{
  const guint64 mib = 1024 * 1024;
  const struct
  {
    guint64 old_inflated;
    guint n;
    guint64 inflated_size;
    guint level;
    guint n_read;
  } cases[] = {
    { 256 * mib, 3, 85 * mib, 6, 3 }, { 256 * mib + 1, 3, 1, 6, 0 },
    { 0, 3, 86 * mib, 6, 2 },         { 0, 1, 257 * mib, 1, 0 },
    { 0, 1, 65 * mib, 9, 0 },         { 0, 1, 63 * mib, 9, 1 },
    { 0, 2, 65 * mib, 8, 1 },         { 0, 1, G_MAXUINT64, 9, 0 },
    { 0, 1, G_MAXUINT64 / 4, 9, 0 },  { 0, 300000, 0, 6, 256 * 1024 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) delta =
          write_places (cases[i].old_inflated, cases[i].n, cases[i].inflated_size, cases[i].level);
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (read_places (delta, &error), ==, cases[i].n_read);
      if (cases[i].n_read == cases[i].n)
        g_assert_no_error (error);
      else
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/hostile-deflated/tables", test_tables);
  g_test_add_func ("/hostile-deflated/lines", test_lines);
  g_test_add_func ("/hostile-deflated/work", test_work);
  return g_test_run ();
}
