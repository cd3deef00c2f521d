/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-version.h"

/* Each row is lower than the next: the examples of Semantic Versioning, numbers beyond 64 bits,
 * and above all the text that is no version. */
static const char *const ascending[] = {
  "",
  "1.0",
  "one",
  "0.0.0-0",
  "0.0.0",
  "0.0.1",
  "0.9.99",
  "1.0.0--",
  "1.0.0-alpha",
  "1.0.0-alpha.1",
  "1.0.0-alpha.beta",
  "1.0.0-beta",
  "1.0.0-beta.2",
  "1.0.0-beta.11",
  "1.0.0-rc.1",
  "1.0.0-rc.1.0",
  "1.0.0",
  "1.2.0",
  "1.10.0+x",
  "2.0.0-1",
  "2.0.0-2",
  "2.0.0-10",
  "2.0.0-99999999999999999999998",
  "2.0.0-99999999999999999999999",
  "2.0.0-1a",
  "2.0.0-A",
  "2.0.0-a",
  "2.0.0",
  "99999999999999999999999.999999999999999999.99999999999999999",
};

static int
sign (int order)
{
  return (order > 0) - (order < 0);
}

/* The order of the table holds for every pair, both ways round. */
static void
test_version_order (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ascending); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (ascending); j++)
      g_assert_cmpint (sign (onward_version_compare (ascending[i], ascending[j])), ==,
                       (i > j) - (i < j));
}

/* Build metadata makes no difference. */
static void
test_version_build_ignored (void)
{
  g_assert_cmpint (onward_version_compare ("1.0.0+1", "1.0.0+2"), ==, 0);
  g_assert_cmpint (onward_version_compare ("1.0.0", "1.0.0+a-b.001"), ==, 0);
  g_assert_cmpint (onward_version_compare ("1.0.0-a+1", "1.0.0-a"), ==, 0);
  g_assert_cmpint (onward_version_compare ("1.0.0-a+9", "1.0.0-a.1"), <, 0);
  g_assert_cmpint (onward_version_compare ("1.0.0+b-b", "1.0.0-b"), >, 0);
}

/* What Semantic Versioning allows is valid. */
static void
test_version_valid (void)
{
  /* clang-format off */
  const char *valid[] = {
    "0.0.4", "1.2.3", "10.20.30", "1.1.2-prerelease+meta", "1.1.2+meta", "1.1.2+meta-valid",
    "1.0.0-alpha", "1.0.0-alpha.beta", "1.0.0-alpha.beta.1", "1.0.0-alpha0.valid",
    "1.0.0-rc.1+build.1", "2.0.0-rc.1+build.123", "1.2.3----RC-SNAPSHOT.12.9.1--.12+788",
    "1.2.3----R-S.12.9.1--.12", "1.0.0+0.build.1-rc.10000aaa-kk-0.1", "1.0.0-0A.is.legal",
    "1.0.0--", "1.0.0-0-0", "1.0.0-00a", "1.0.0+00", "0.0.0",
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (valid); i++)
    g_assert_true (onward_version_is_valid (valid[i]));
}

/* What it forbids is not, nor is anything that would not do as the name of a folder. */
static void
test_version_invalid (void)
{
  /* clang-format off */
  const char *invalid[] = {
    "", "1", "1.2", "1.2.3.4", "v1.2.3", "01.1.1", "1.01.1", "1.1.01", "00.0.0", "1.2.3-01",
    "1.2.3-0123.0123", "1.2.3-", "1.2.3+", "1.2.3-+b", "1.2.3-a..b", "1.2.3-a.", "1.2.3-.a",
    "1.2.3+a..b", "1.2.3+a+b", "1.2.3+.", "1.2.-3", "-1.2.3", "+1.2.3", " 1.2.3", "1.2.3 ",
    "1.2.3\n", "1. 2.3", "1.2.3-a_b", "1.2.3-é", "alpha", "1.2.3/../../x", "..", ".", "1..2",
    "1.2.3-a/b", "1.2.3+\xff", "1,2,3", "١.٢.٣", "1.2.3\x1b[31m",
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (invalid); i++)
    {
      g_assert_false (onward_version_is_valid (invalid[i]));
      g_assert_cmpint (onward_version_compare (invalid[i], "0.0.0-0"), <, 0);
      g_assert_cmpint (onward_version_compare (invalid[i], invalid[i]), ==, 0);
    }
  g_assert_false (onward_version_is_valid (NULL));
}

/* The limit on length is exact. */
static void
test_version_length (void)
{
  g_autofree char *most = g_strdup_printf ("1.0.0-%0122d", 0);
  g_autofree char *more = g_strconcat (most, "a", NULL);

  most[6] = 'a';
  more[6] = 'a';
  g_assert_cmpuint (strlen (most), ==, 128);
  g_assert_true (onward_version_is_valid (most));
  g_assert_false (onward_version_is_valid (more));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/version/order", test_version_order);
  g_test_add_func ("/version/build-ignored", test_version_build_ignored);
  g_test_add_func ("/version/valid", test_version_valid);
  g_test_add_func ("/version/invalid", test_version_invalid);
  g_test_add_func ("/version/length", test_version_length);

  return g_test_run ();
}
