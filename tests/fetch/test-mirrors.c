/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-address.h"
#include "onward-mirrors.h"

static OnwardMirrors *
make_mirrors (guint count)
{
  OnwardMirrors *mirrors = onward_mirrors_new ();

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *text = g_strdup_printf ("https://%u.example.org/", i);
      g_autoptr (GUri) address = onward_address_parse (text, FALSE, NULL);

      onward_mirrors_add (mirrors, address);
    }
  return mirrors;
}

/* The best address is asked first; a round asks each once. */
static void
test_mirrors_round (void)
{
  g_autoptr (OnwardMirrors) mirrors = make_mirrors (3);

  for (guint round = 0; round < 2; round++)
    {
      for (int i = 0; i < 3; i++)
        {
          g_assert_cmpint (onward_mirrors_pick (mirrors, ONWARD_MIRRORS_NO_BLOCK, 0), ==, i);
          onward_mirrors_note_failure (mirrors, (guint) i);
        }
      g_assert_cmpint (onward_mirrors_pick (mirrors, ONWARD_MIRRORS_NO_BLOCK, 0), ==, -1);
      onward_mirrors_begin_round (mirrors);
    }
}

/* A wrong block is asked of whoever has sent it wrong least, and of nobody three times. */
static void
test_mirrors_bad_block (void)
{
  g_autoptr (OnwardMirrors) mirrors = make_mirrors (2);

  g_assert_cmpuint (onward_mirrors_get_suspect (mirrors), ==, ONWARD_MIRRORS_NO_BLOCK);
  for (guint i = 0; i < 4; i++)
    {
      g_assert_false (onward_mirrors_are_all_wrong (mirrors, 7));
      g_assert_cmpint (onward_mirrors_pick (mirrors, 7, 0), ==, (int) (i % 2));
      onward_mirrors_note_bad_block (mirrors, i % 2, 7);
      g_assert_cmpuint (onward_mirrors_get_suspect (mirrors), ==, 7);
    }
  g_assert_true (onward_mirrors_are_all_wrong (mirrors, 7));
  g_assert_cmpint (onward_mirrors_pick (mirrors, 7, 0), ==, -1);
  /* Others are not concerned. */
  g_assert_cmpint (onward_mirrors_pick (mirrors, 8, 0), ==, 0);
  onward_mirrors_note_good_block (mirrors, 7);
  g_assert_cmpuint (onward_mirrors_get_suspect (mirrors), ==, ONWARD_MIRRORS_NO_BLOCK);
}

/* Only when every address has said three times that there is no file, there is none. */
static void
test_mirrors_missing (void)
{
  g_autoptr (OnwardMirrors) mirrors = make_mirrors (2);

  for (guint i = 0; i < 3; i++)
    {
      onward_mirrors_note_missing (mirrors, 0);
      g_assert_false (onward_mirrors_are_all_missing (mirrors));
    }
  for (guint i = 0; i < 2; i++)
    onward_mirrors_note_missing (mirrors, 1);
  onward_mirrors_note_found (mirrors, 1);
  onward_mirrors_note_missing (mirrors, 1);
  g_assert_false (onward_mirrors_are_all_missing (mirrors));
  onward_mirrors_note_missing (mirrors, 1);
  onward_mirrors_note_missing (mirrors, 1);
  g_assert_true (onward_mirrors_are_all_missing (mirrors));
  onward_mirrors_forgive (mirrors);
  g_assert_false (onward_mirrors_are_all_missing (mirrors));
}

/* A busy server is left alone while others serve, and for as long as the first one asks. */
static void
test_mirrors_busy (void)
{
  g_autoptr (OnwardMirrors) mirrors = make_mirrors (2);

  onward_mirrors_note_busy (mirrors, 0, 1000);
  g_assert_cmpint (onward_mirrors_pick (mirrors, ONWARD_MIRRORS_NO_BLOCK, 999), ==, 1);
  g_assert_cmpint (onward_mirrors_get_busy_until (mirrors, 999), ==, 0);
  onward_mirrors_note_busy (mirrors, 1, 2000);
  g_assert_cmpint (onward_mirrors_pick (mirrors, ONWARD_MIRRORS_NO_BLOCK, 999), ==, -1);
  g_assert_cmpint (onward_mirrors_get_busy_until (mirrors, 999), ==, 1000);
  g_assert_cmpint (onward_mirrors_pick (mirrors, ONWARD_MIRRORS_NO_BLOCK, 1000), ==, 0);
  onward_mirrors_forget_busy (mirrors);
  g_assert_cmpint (onward_mirrors_get_busy_until (mirrors, 999), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mirrors/round", test_mirrors_round);
  g_test_add_func ("/mirrors/bad-block", test_mirrors_bad_block);
  g_test_add_func ("/mirrors/missing", test_mirrors_missing);
  g_test_add_func ("/mirrors/busy", test_mirrors_busy);
  return g_test_run ();
}
