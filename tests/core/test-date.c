/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-date.h"
#include "onward-error.h"

typedef struct
{
  const char *text;
  gint64 seconds;
} Row;

/* Dates and moments mean the seconds that `date -u +%s` tells. */
static void
test_date_valid (void)
{
  static const Row rows[] = {
    { "1970-01-01", 0 },
    { "2026-10-02", 1790899200 },
    { "2026-10-02T09:15:00Z", 1790932500 },
    { "2026-10-02T09:15:00.125Z", 1790932500 },
    { "2026-10-02T09:15:00+05:30", 1790912700 },
    { "2026-10-02T09:15:00-08:00", 1790961300 },
    { "2026-10-02T00:00:00+14:00", 1790848800 },
    { "2024-02-29", 1709164800 },
    { "2000-02-29T23:59:59Z", 951868799 },
    { "9999-12-31T23:59:59Z", G_GINT64_CONSTANT (253402300799) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 seconds = -1;

      g_assert_true (onward_date_parse (rows[i].text, &seconds, &error));
      g_assert_no_error (error);
      g_assert_cmpint (seconds, ==, rows[i].seconds);
      g_assert_true (onward_date_parse (rows[i].text, NULL, NULL));
    }
}

/* Other spellings and days that do not exist are refused. */
static void
test_date_invalid (void)
{
  /* clang-format off */
  const char *bad[] = {
    "", "2026", "2026-10", "2026-1-2", "26-10-02", "2026/10/02", "20261002", "2026-W40-5",
    "2026-275",
    "2026-13-01", "2026-00-01", "2026-10-00", "2026-10-32", "2026-02-29", "1900-02-29",
    "1969-12-31",
    "0000-01-01", "+2026-10-02", "-2026-10-02", " 2026-10-02", "2026-10-02 ", "2026-10-02Z",
    "2026-10-02T", "2026-10-02T09", "2026-10-02T09:15", "2026-10-02T09:15Z", "2026-10-02T09:15:00",
    "2026-10-02 09:15:00Z", "2026-10-02t09:15:00z", "2026-10-02T24:00:00Z", "2026-10-02T09:60:00Z",
    "2026-10-02T09:15:60Z", "2026-10-02T09:15:00.Z", "2026-10-02T09:15:00.1234567890Z",
    "2026-10-02T09:15:00,5Z", "2026-10-02T09:15:00+0530", "2026-10-02T09:15:00+05",
    "2026-10-02T09:15:00+24:00", "2026-10-02T09:15:00+05:60", "2026-10-02T09:15:00ZZ",
    "2026-10-02T09:15:00Z\n", "２０２６-10-02", "2026-10-0x", "2026-10-02T-9:15:00Z", "12026-10-02",
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 seconds = 7;

      g_assert_false (onward_date_parse (bad[i], &seconds, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_cmpint (seconds, ==, 7);
    }
}

/* A moment is told by its day, and one that no calendar has does no harm. */
static void
test_date_format (void)
{
  g_autofree char *last_second = onward_date_format (86399);
  g_autofree char *next_day = onward_date_format (86400);
  g_autofree char *never = onward_date_format (G_MAXINT64);

  g_assert_cmpstr (last_second, ==, "1970-01-01");
  g_assert_cmpstr (next_day, ==, "1970-01-02");
  g_assert_cmpstr (never, ==, "?");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/date/valid", test_date_valid);
  g_test_add_func ("/date/invalid", test_date_invalid);
  g_test_add_func ("/date/format", test_date_format);

  return g_test_run ();
}
