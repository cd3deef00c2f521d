/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-ranges.h"

#define SPACE 48

static void
assert_text (const OnwardRanges *ranges, const char *expected)
{
  g_autofree char *text = onward_ranges_to_string (ranges);

  g_assert_cmpstr (text, ==, expected);
}

/* Ranges that touch or overlap become one. */
static void
test_ranges_add (void)
{
  g_autoptr (OnwardRanges) ranges = onward_ranges_new ();

  assert_text (ranges, "");
  onward_ranges_add (ranges, 10, 20);
  onward_ranges_add (ranges, 40, 50);
  onward_ranges_add (ranges, 5, 5);
  assert_text (ranges, "10-20,40-50");
  onward_ranges_add (ranges, 20, 25);
  assert_text (ranges, "10-25,40-50");
  onward_ranges_add (ranges, 0, 3);
  assert_text (ranges, "0-3,10-25,40-50");
  onward_ranges_add (ranges, 2, 45);
  assert_text (ranges, "0-50");
  onward_ranges_add (ranges, 10, 20);
  assert_text (ranges, "0-50");
  g_assert_cmpuint (onward_ranges_get_length (ranges), ==, 50);
  g_assert_cmpuint (onward_ranges_get_count (ranges), ==, 1);
}

/* A range can be cut off at either side, out of the middle, or across several. */
static void
test_ranges_subtract (void)
{
  g_autoptr (OnwardRanges) ranges = onward_ranges_parse ("0-10,20-30,40-50", 50);

  g_assert_nonnull (ranges);
  onward_ranges_subtract (ranges, 10, 20);
  assert_text (ranges, "0-10,20-30,40-50");
  onward_ranges_subtract (ranges, 4, 6);
  assert_text (ranges, "0-4,6-10,20-30,40-50");
  onward_ranges_subtract (ranges, 8, 42);
  assert_text (ranges, "0-4,6-8,42-50");
  onward_ranges_subtract (ranges, 5, 5);
  onward_ranges_subtract (ranges, 0, G_MAXUINT64);
  assert_text (ranges, "");
}

/* A set answers for whole ranges only. */
static void
test_ranges_contain (void)
{
  g_autoptr (OnwardRanges) ranges = onward_ranges_parse ("10-20,30-40", 40);

  g_assert_true (onward_ranges_contain (ranges, 10, 20));
  g_assert_true (onward_ranges_contain (ranges, 33, 34));
  g_assert_true (onward_ranges_contain (ranges, 25, 25));
  g_assert_false (onward_ranges_contain (ranges, 9, 11));
  g_assert_false (onward_ranges_contain (ranges, 19, 21));
  g_assert_false (onward_ranges_contain (ranges, 10, 40));
  g_assert_false (onward_ranges_contain (ranges, 40, 41));
}

/* A copy leads a life of its own. */
static void
test_ranges_copy (void)
{
  g_autoptr (OnwardRanges) ranges = onward_ranges_parse ("1-2", 9);
  g_autoptr (OnwardRanges) copy = onward_ranges_copy (ranges);

  onward_ranges_add (copy, 5, 6);
  assert_text (ranges, "1-2");
  assert_text (copy, "1-2,5-6");
  g_assert_cmpuint (onward_ranges_get (copy, 1)->start, ==, 5);
  g_assert_cmpuint (onward_ranges_get (copy, 1)->end, ==, 6);
}

static void
assert_model (const OnwardRanges *ranges, const gboolean model[SPACE])
{
  guint64 length = 0;

  for (guint i = 0; i < SPACE; i++)
    {
      g_assert_cmpint (onward_ranges_contain (ranges, i, i + 1), ==, model[i]);
      length += model[i] ? 1 : 0;
    }
  g_assert_cmpuint (onward_ranges_get_length (ranges), ==, length);

  for (guint i = 1; i < onward_ranges_get_count (ranges); i++)
    g_assert_cmpuint (onward_ranges_get (ranges, i - 1)->end, <,
                      onward_ranges_get (ranges, i)->start);
}

/* Random additions and subtractions agree with a plain array of flags, and survive being text. */
static void
test_ranges_model (void)
{
  g_autoptr (OnwardRanges) ranges = onward_ranges_new ();
  gboolean model[SPACE] = { FALSE };

  for (guint step = 0; step < 3000; step++)
    {
      g_autofree char *text = NULL;
      gint32 start = g_test_rand_int_range (0, SPACE);
      gint32 end = g_test_rand_int_range (start, MIN (start + 8, SPACE));
      gboolean add = g_test_rand_bit ();

      for (gint32 i = start; i < end; i++)
        model[i] = add;
      if (add)
        onward_ranges_add (ranges, (guint64) start, (guint64) end);
      else
        onward_ranges_subtract (ranges, (guint64) start, (guint64) end);
      assert_model (ranges, model);

      text = onward_ranges_to_string (ranges);
      onward_ranges_free (g_steal_pointer (&ranges));
      ranges = onward_ranges_parse (text, SPACE);
      assert_text (ranges, text);
    }
}

/* What is written can be read, up to the largest numbers there are. */
static void
test_ranges_parse (void)
{
  static const char *const texts[] = {
    "",
    "0-1",
    "0-1048576,2097152-3145728",
    "18446744073709551614-18446744073709551615",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (OnwardRanges) ranges = onward_ranges_parse (texts[i], G_MAXUINT64);

      g_assert_nonnull (ranges);
      assert_text (ranges, texts[i]);
    }
}

/* Anything but ordered, separate ranges within the limit is refused. */
static void
test_ranges_parse_refuses (void)
{
  static const char *const texts[] = {
    " ",
    "0",
    "-",
    "0-",
    "-1",
    "0-0",
    "5-4",
    "0-1,",
    ",0-1",
    "0-1,,2-3",
    "0-1;2-3",
    "0-2,1-3",
    "0-2,2-3",
    "4-5,0-1",
    "0-1 ",
    " 0-1",
    "+0-1",
    "0-+1",
    "00-1",
    "0-01",
    "0x0-1",
    "0--1",
    "0-101",
    "0-1,100-102",
    "0-18446744073709551616",
    "0-99999999999999999999999",
    "0-1\n",
    "0-1e1",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_null (onward_ranges_parse (texts[i], 100));
  g_assert_null (onward_ranges_parse ("0-18446744073709551616", G_MAXUINT64));
  g_assert_null (onward_ranges_parse ("0-1", 0));
}

/* A text may hold 65,536 ranges and not one more. */
static void
test_ranges_parse_caps (void)
{
  g_autoptr (GString) text = g_string_new ("0-1");
  g_autoptr (OnwardRanges) ranges = NULL;

  for (guint i = 1; i < 65536; i++)
    g_string_append_printf (text, ",%u-%u", i * 2, i * 2 + 1);
  ranges = onward_ranges_parse (text->str, G_MAXUINT64);
  g_assert_nonnull (ranges);
  g_assert_cmpuint (onward_ranges_get_count (ranges), ==, 65536);

  g_string_append (text, ",900000-900001");
  g_assert_null (onward_ranges_parse (text->str, G_MAXUINT64));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/ranges/add", test_ranges_add);
  g_test_add_func ("/ranges/subtract", test_ranges_subtract);
  g_test_add_func ("/ranges/contain", test_ranges_contain);
  g_test_add_func ("/ranges/copy", test_ranges_copy);
  g_test_add_func ("/ranges/model", test_ranges_model);
  g_test_add_func ("/ranges/parse", test_ranges_parse);
  g_test_add_func ("/ranges/parse-refuses", test_ranges_parse_refuses);
  g_test_add_func ("/ranges/parse-caps", test_ranges_parse_caps);

  return g_test_run ();
}
