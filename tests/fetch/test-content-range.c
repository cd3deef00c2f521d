/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-content-range.h"

/* Only a range that says everything, and says it consistently, can be relied on. */
static void
test_content_range_parses (void)
{
  /* clang-format off */
  static const struct { const char *value; gboolean good; guint64 start, end, total; } cases[] = {
    { "bytes 0-0/1",                                   TRUE,  0, 1, 1 },
    { "bytes 10-19/100",                               TRUE,  10, 20, 100 },
    { "bytes 4294967296-8589934591/8589934592",        TRUE,  G_GUINT64_CONSTANT (4294967296),
      G_GUINT64_CONSTANT (8589934592), G_GUINT64_CONSTANT (8589934592) },
    { "bytes 0-18446744073709551613/18446744073709551615", TRUE, 0, G_MAXUINT64 - 1, G_MAXUINT64 },
    { NULL,                                            FALSE, 0, 0, 0 },
    { "",                                              FALSE, 0, 0, 0 },
    { "bytes",                                         FALSE, 0, 0, 0 },
    { "bytes ",                                        FALSE, 0, 0, 0 },
    { "bytes */100",                                   FALSE, 0, 0, 0 },
    { "bytes 0-9/*",                                   FALSE, 0, 0, 0 },
    { "bytes 0-9",                                     FALSE, 0, 0, 0 },
    { "bytes 9-0/10",                                  FALSE, 0, 0, 0 },
    { "bytes 0-10/10",                                 FALSE, 0, 0, 0 },
    { "bytes -5/10",                                   FALSE, 0, 0, 0 },
    { "bytes 0--5/10",                                 FALSE, 0, 0, 0 },
    { "bytes +0-5/10",                                 FALSE, 0, 0, 0 },
    { "bytes 0-5/10 ",                                 FALSE, 0, 0, 0 },
    { "bytes  0-5/10",                                 FALSE, 0, 0, 0 },
    { "bytes=0-5/10",                                  FALSE, 0, 0, 0 },
    { "Bytes 0-5/10",                                  FALSE, 0, 0, 0 },
    { "items 0-5/10",                                  FALSE, 0, 0, 0 },
    { "bytes 0-5/10, bytes 6-7/10",                    FALSE, 0, 0, 0 },
    { "bytes 0x0-0x5/10",                              FALSE, 0, 0, 0 },
    { "bytes 0-5/18446744073709551616",                FALSE, 0, 0, 0 },
    { "bytes 0-99999999999999999999/999999999999999999999", FALSE, 0, 0, 0 },
  };
  /* clang-format on */

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 start = 7, end = 7, total = 7;

      g_test_message ("“%s”", cases[i].value);
      g_assert_cmpint (onward_content_range_parse (cases[i].value, &start, &end, &total), ==,
                       cases[i].good);
      g_assert_cmpuint (start, ==, cases[i].good ? cases[i].start : 7);
      g_assert_cmpuint (end, ==, cases[i].good ? cases[i].end : 7);
      g_assert_cmpuint (total, ==, cases[i].good ? cases[i].total : 7);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/content-range/parses", test_content_range_parses);
  return g_test_run ();
}
