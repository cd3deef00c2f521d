/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-byte-count.h"

/* A number of bytes is typed as for curl and wget. */
static void
test_byte_count_parse (void)
{
  static const struct
  {
    const char *text;
    guint64 bytes;
  } cases[] = {
    { NULL, 0 },        { "1", 1 },          { "500000", 500000 }, { "500k", 500000 },
    { "500K", 500000 }, { "1.5M", 1500000 }, { "2M", 2000000 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 bytes = 77;

      g_assert_true (onward_byte_count_parse (cases[i].text, &bytes, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (bytes, ==, cases[i].bytes);
    }
}

/* What is no number, or no number that makes sense, is wrong usage and changes nothing. */
static void
test_byte_count_refuse (void)
{
  static const char *const texts[] = { "",    "fast", "0",  "-1",  "-5k",  "nan",  "inf",
                                       "0.5", "k",    "1m", "1kk", "1 MB", "1e30", "99999999999M" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 bytes = 77;

      g_assert_false (onward_byte_count_parse (texts[i], &bytes, &error));
      g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
      g_assert_cmpuint (bytes, ==, 77);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/byte-count/parse", test_byte_count_parse);
  g_test_add_func ("/byte-count/refuse", test_byte_count_refuse);
  return g_test_run ();
}
