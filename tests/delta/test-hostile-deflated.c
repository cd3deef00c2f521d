/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-deflate-table.h"
#include "onward-delta-header.h"
#include "onward-error.h"
#include "onward-number.h"
#include "onward-test-deflate.h"
#include "onward-test-delta.h"

/* What a delta may say of deflated bytes: of one old place, or with G_MAXUINT64 of none, and of one
 * new place. */
typedef struct
{
  guint64 old_inflated, unfolded_size, old_place, gap, inflated_size, way;
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

  if (table->old_place != G_MAXUINT64)
    onward_number_append (old_places, table->old_place);
  onward_number_append (new_places, table->gap << 1);
  onward_number_append (new_places, table->inflated_size);
  onward_number_append (new_places, table->way);

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

/* Tables that inflate or deflate what there is not are refused, near the ends of the integers, too:
 * old size 100, new size 100, then what the table begins with. The first one is right but for what
 * comes out. */
static void
test_tables (void)
{
  const Table tables[] = {
    { 0, 100, G_MAXUINT64, 0, 50, 5 },
    { 10, 100, 0, 0, 50, 5 },
    { 200000, 100, 0, 0, 50, 5 },
    { 0, 200000, G_MAXUINT64, 0, 50, 5 },
    { 10, 100, 200, 0, 50, 5 },
    { 0, G_MAXUINT64, G_MAXUINT64, 0, 50, 5 },
    { G_MAXUINT64, 100, 0, 0, 50, 5 },
    { 0, 100, G_MAXUINT64, G_MAXUINT64 >> 1, 50, 5 },
    { 0, 100, G_MAXUINT64, 0, G_MAXUINT64, 5 },
    { 0, 100, G_MAXUINT64, 0, 0, 5 },
    { 0, 100, G_MAXUINT64, 0, 50, 9 },
    { 0, 100, G_MAXUINT64, 0, 50, G_MAXUINT64 },
    { 0, 100, G_MAXUINT64, 0, 50, 5 | 7 << 7 },
    { 0, 100, G_MAXUINT64, 0, 50, 5 | 1 << 6 },
    { 0, 100, G_MAXUINT64, 0, 50, 2 | 1 << 10 },
    { 0, 100, G_MAXUINT64, 0, 50, 5 | 1 << 10 | 1 << 4 },
    { 0, 100, G_MAXUINT64, 0, 50, 5 | 1 << 10 | 1 << 11 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autoptr (GPtrArray) old_list =
          onward_test_delta_list (onward_test_deflate_text (8, 100), NULL);
      g_autoptr (GBytes) delta = write_table (&tables[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) rebuilt = onward_test_delta_apply (old_list, delta, 100, &error);

      g_assert_true (g_error_matches (
          error, ONWARD_ERROR, i == 0 ? (int) ONWARD_ERROR_CORRUPT : (int) ONWARD_ERROR_MALFORMED));
      g_assert_null (rebuilt);
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
  g_test_add_func ("/hostile-deflated/work", test_work);
  return g_test_run ();
}
