/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-entity-tag.h"
#include "onward-retry-after.h"

#define NOW 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */
#define DAY (24 * 60 * 60)

/* A server may ask for a minute to a day; what makes no sense asks for nothing. */
static void
test_retry_after_parses (void)
{
  /* clang-format off */
  static const struct { const char *value; guint seconds; } cases[] = {
    { NULL,                             0 },
    { "",                               0 },
    { "120",                            120 },
    { "0",                              60 },
    { "59",                             60 },
    { "3600",                           3600 },
    { "86401",                          DAY },
    { "99999999999999999999999999",     DAY },
    { "-5",                             0 },
    { "1.5",                            0 },
    { "soon",                           0 },
    { "Sun, 06 Nov 1994 08:59:37 GMT",  600 },
    { "Sun, 06 Nov 1994 08:49:38 GMT",  60 },
    { "Sat, 05 Nov 1994 08:49:37 GMT",  60 },
    { "Sun, 06 Nov 2994 08:49:37 GMT",  DAY },
    { "Sun, 06 Foo 1994 08:59:37 GMT",  0 },
    { "Sun, 36 Nov 1994 08:59:37 GMT",  0 },
    { "Sun, 06 Nov 1994 28:59:37 GMT",  0 },
    { "Sun, 06 Nov 1994 08:59:37 CET",  0 },
    { "Sunday, 06-Nov-94 08:49:37 GMT", 0 },
    { "Sun Nov  6 08:49:37 1994",       0 },
  };
  /* clang-format on */

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("“%s”", cases[i].value);
      g_assert_cmpuint (onward_retry_after_parse (cases[i].value, NOW), ==, cases[i].seconds);
    }
}

/* A tag that could not be sent back safely counts as none, and only a strong one as strong. */
static void
test_entity_tag_parses (void)
{
  g_autofree char *long_tag = g_strnfill (300, 'a');
  /* clang-format off */
  const struct { const char *value; gboolean good, strong; } cases[] = {
    { "\"abc-123\"",        TRUE,  TRUE },
    { "\"\"",               TRUE,  TRUE },
    { "W/\"abc\"",          TRUE,  FALSE },
    { NULL,                 FALSE, FALSE },
    { "",                   FALSE, FALSE },
    { "\"",                 FALSE, FALSE },
    { "abc",                FALSE, FALSE },
    { "\"a\"b\"",           FALSE, FALSE },
    { "\"a b\"",            FALSE, FALSE },
    { "\"a\r\nX: y\"",      FALSE, FALSE },
    { "\"\xff\xfe\"",       FALSE, FALSE },
    { "w/\"abc\"",          FALSE, FALSE },
    { long_tag,             FALSE, FALSE },
  };
  /* clang-format on */

  memset (long_tag, '"', 1);
  long_tag[299] = '"';
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *tag = onward_entity_tag_parse (cases[i].value);

      g_assert_cmpstr (tag, ==, cases[i].good ? cases[i].value : NULL);
      g_assert_cmpint (onward_entity_tag_is_strong (tag), ==, cases[i].strong);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/headers/retry-after", test_retry_after_parses);
  g_test_add_func ("/headers/entity-tag", test_entity_tag_parses);
  return g_test_run ();
}
