/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-cover-map.h"
#include "onward-field-value.h"
#include "onward-fields.h"
#include "onward-number.h"
#include "onward-suffix-array.h"

/* What is covered moves with its cover, the longer of two; what is between, with what is before. */
static void
test_map (void)
{
  const OnwardCover covers[] = {
    { 1000, 500, 100 }, { 1100, 700, 40 }, { 1140, 580, 60 }, { 1200, 9000, 10 }
  };
  const struct
  {
    guint64 offset, expected;
  } cases[] = {
    { 99, G_MAXUINT64 }, { 100, 0 },   { 179, 79 },  { 199, 99 },  { 200, 160 },
    { 239, 199 },        { 299, 259 }, { 300, 100 }, { 339, 139 }, { 799, 599 },
  };
  g_autoptr (OnwardCoverMap) map =
      onward_cover_map_new (covers, G_N_ELEMENTS (covers), 1000, 400, 800);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 moved = G_MAXUINT64;

      (void) onward_cover_map_lookup (map, cases[i].offset, &moved);
      g_assert_cmpuint (moved, ==, cases[i].expected);
    }
}

/* A cover that goes on where one ended is told by a guess alone. */
static void
test_trail (void)
{
  OnwardCoverTrail trail = { 0 };
  const OnwardCover covers[] = {
    { 0, 5000, 100 }, { 120, 5100, 50 }, { 200, 90000, 10 }, { 210, 5190, 20 }
  };
  const gint64 jumps[] = { 5000, 0, 84820, 0 };

  for (guint i = 0; i < G_N_ELEMENTS (covers); i++)
    {
      gint64 jump = 1;
      guint choice = onward_cover_trail_choose (&trail, &covers[i], &jump);

      g_assert_cmpint (ABS (jump), <=, ABS (jumps[i]));
      g_assert_cmpuint (onward_cover_trail_foretell (&trail, choice, covers[i].target) +
                            (guint64) jump,
                        ==, covers[i].source);
      onward_cover_trail_follow (&trail, &covers[i], choice, jump);
    }
}

/* Every kind of field says the same of a value and back. */
static void
test_values (void)
{
  const OnwardSpace space = { .size = 1 << 20 };
  const struct
  {
    OnwardFieldKind kind;
    guint64 value, anchor, target;
  } cases[] = {
    { ONWARD_FIELD_RELATIVE, 0xfffffff0, 0x1000, 0xff0 },
    { ONWARD_FIELD_BACKWARD, 0x20, 0x1000, 0xfe0 },
    { ONWARD_FIELD_BASED, 0x20, 0x1000, 0x1020 },
    { ONWARD_FIELD_INDEX, 3, 0x1000, 0x1048 },
    { ONWARD_FIELD_ABSOLUTE, 0x123456789a, 0, 0x123456789a },
    { ONWARD_FIELD_PLACE, 0x1234, 0, ONWARD_SPACE_UNMAPPED + 0x1234 },
    { ONWARD_FIELD_BRANCH, 0x97fffffc, 0x1000, 0xff0 },
    { ONWARD_FIELD_BRANCH, 0x14000004, 0x1000, 0x1010 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const OnwardField field = { .kind = cases[i].kind };

      g_assert_cmphex (onward_field_value_decode (&field, cases[i].value, cases[i].anchor, &space),
                       ==, cases[i].target);
      g_assert_cmphex (onward_field_value_encode (&field, cases[i].target, cases[i].anchor,
                                                  cases[i].value, &space),
                       ==, cases[i].value);
    }
}

/* adrp x0, and what completes it: add x0, x0, and ldr x0, [x0]. */
static void
test_pairs (void)
{
  const OnwardField page = { .kind = ONWARD_FIELD_PAGE };
  const OnwardField low = { .kind = ONWARD_FIELD_LOW };
  const OnwardField scaled = { .kind = ONWARD_FIELD_LOW_SCALED };

  g_assert_cmphex (onward_field_value_encode (&page, 0x5678, 0x1234, 0x90000000, NULL), ==,
                   0x90000020);
  g_assert_cmphex (onward_field_value_encode (&page, 0x1678, 0x5234, 0x90000000, NULL), ==,
                   0x90ffffe0);
  g_assert_cmphex (onward_field_value_encode (&low, 0x5678, 0, 0x91000000, NULL), ==, 0x9119e000);
  g_assert_cmphex (onward_field_value_encode (&scaled, 0x5678, 0, 0xf9400000, NULL), ==,
                   0xf9433c00);
}

/* Fields come in order, and of those upon one another the first stays. */
static void
test_order (void)
{
  g_autoptr (OnwardFields) fields = onward_fields_new ();
  const guint32 offsets[] = { 40, 44, 10, 46, 11, 100, 90, 80, 70, 4, 40 };
  const guint32 expected[] = { 4, 10, 40, 44, 70, 80, 90, 100 };

  for (guint i = 0; i < G_N_ELEMENTS (offsets); i++)
    onward_fields_add (fields, offsets[i], ONWARD_FIELD_RELATIVE, (gint32) i);
  onward_fields_finish (fields);
  g_assert_cmpuint (fields->array->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (onward_fields_get (fields, i)->offset, ==, expected[i]);
  g_assert_cmpint (onward_fields_get (fields, 2)->extra, ==, 0);
  g_assert_cmpuint (onward_fields_search (fields, 44), ==, 3);
  g_assert_cmpuint (onward_fields_search (fields, 101), ==, 8);
}

/* Numbers of every size come back, and no more than 64 bits are read. */
static void
test_numbers (void)
{
  const guint64 numbers[] = { 0, 1, 127, 128, 16383, 16384, G_MAXUINT32, G_MAXINT64, G_MAXUINT64 };
  const guint8 endless[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr (GByteArray) array = g_byte_array_new ();
      guint64 number = 0;
      gsize position = 0;

      onward_number_append (array, numbers[i]);
      g_assert_true (onward_number_read (array->data, array->len, &position, &number));
      g_assert_cmpuint (number, ==, numbers[i]);
      g_assert_cmpuint (position, ==, array->len);
      position = 0;
      g_assert_false (onward_number_read (array->data, array->len - 1, &position, &number));
      g_assert_cmpuint (onward_number_fold (onward_number_unfold (numbers[i])), ==, numbers[i]);
    }
  for (gsize length = 0; length <= sizeof endless; length++)
    {
      guint64 number;
      gsize position = 0;

      g_assert_false (onward_number_read (endless, length, &position, &number));
    }
}

/* The longest beginning is found wherever it is: compared with looking everywhere. */
static void
test_search (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  guint8 data[2000], wanted[40];
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (OnwardSuffixArray) array = NULL;

  for (guint i = 0; i < sizeof data; i++)
    data[i] = (guint8) g_rand_int_range (random, 0, 3);
  bytes = g_bytes_new (data, sizeof data);
  array = onward_suffix_array_new (bytes, NULL);
  for (guint i = 0; i < 500; i++)
    {
      gsize best = 0, found, position;

      for (guint n = 0; n < sizeof wanted; n++)
        wanted[n] = (guint8) g_rand_int_range (random, 0, 3);
      for (gsize at = 0; at < sizeof data; at++)
        {
          gsize n = 0;

          while (n < sizeof wanted && at + n < sizeof data && data[at + n] == wanted[n])
            n++;
          best = MAX (best, n);
        }
      found = onward_suffix_array_search (array, wanted, sizeof wanted, &position);
      g_assert_cmpuint (found, ==, best);
      g_assert_cmpmem (data + position, found, wanted, best);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/cover/map", test_map);
  g_test_add_func ("/cover/trail", test_trail);
  g_test_add_func ("/cover/values", test_values);
  g_test_add_func ("/cover/pairs", test_pairs);
  g_test_add_func ("/cover/order", test_order);
  g_test_add_func ("/cover/numbers", test_numbers);
  g_test_add_func ("/cover/search", test_search);
  return g_test_run ();
}
