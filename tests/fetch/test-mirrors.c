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

/* A wrong block is never asked again of who sent it, when there is somebody else. */
static void
test_mirrors_bad_block (void)
{
  g_autoptr (OnwardMirrors) mirrors = make_mirrors (2);

  for (guint i = 0; i < 2; i++)
    {
      g_assert_false (onward_mirrors_are_all_wrong (mirrors, 7));
      g_assert_cmpint (onward_mirrors_pick (mirrors, 7, 0), ==, (int) i);
      onward_mirrors_note_bad_block (mirrors, i, 7);
    }
  g_assert_true (onward_mirrors_are_all_wrong (mirrors, 7));
  g_assert_cmpint (onward_mirrors_pick (mirrors, 7, 0), ==, -1);
  /* Others are not concerned. */
  g_assert_cmpint (onward_mirrors_pick (mirrors, 8, 0), ==, 0);
}

/* The only address has a second chance: damage can be an accident of the line. */
static void
test_mirrors_bad_block_alone (void)
{
  g_autoptr (OnwardMirrors) mirrors = make_mirrors (1);

  for (guint i = 0; i < 2; i++)
    {
      g_assert_false (onward_mirrors_are_all_wrong (mirrors, 7));
      g_assert_cmpint (onward_mirrors_pick (mirrors, 7, 0), ==, 0);
      onward_mirrors_note_bad_block (mirrors, 0, 7);
    }
  g_assert_true (onward_mirrors_are_all_wrong (mirrors, 7));
}

/* So has an address whose mirrors do not have the file, or do not answer, until they are back. */
static void
test_mirrors_bad_block_with_others_away (void)
{
  g_autoptr (OnwardMirrors) mirrors = make_mirrors (3);

  onward_mirrors_note_bad_block (mirrors, 0, 7);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_cmpint (onward_mirrors_pick (mirrors, 7, 0), ==, 1);
      onward_mirrors_note_failure (mirrors, 2);
      if (i < 3)
        onward_mirrors_note_missing (mirrors, 1);
      if (i >= 2)
        onward_mirrors_note_failure (mirrors, 1);
      if (i < 4)
        onward_mirrors_begin_round (mirrors);
    }
  g_assert_false (onward_mirrors_are_all_wrong (mirrors, 7));
  g_assert_cmpint (onward_mirrors_pick (mirrors, 7, 0), ==, 0);

  onward_mirrors_begin_round (mirrors);
  onward_mirrors_note_found (mirrors, 2);
  g_assert_cmpint (onward_mirrors_pick (mirrors, 7, 0), >, 0);
  onward_mirrors_note_bad_block (mirrors, 2, 7);
  g_assert_true (onward_mirrors_are_all_wrong (mirrors, 7));
}

static int
pick (OnwardMirrors *mirrors)
{
  return onward_mirrors_pick (mirrors, ONWARD_MIRRORS_NO_BLOCK, 0);
}

static void
deliver (OnwardMirrors *mirrors, guint index, guint64 bytes)
{
  onward_mirrors_note_begun (mirrors, index);
  onward_mirrors_note_ended (mirrors, index, bytes, G_USEC_PER_SEC);
}

/* What an address delivered decides: slow ones, failing ones and those with damage come later. */
static void
test_mirrors_score (void)
{
  g_autoptr (OnwardMirrors) mirrors = make_mirrors (3);

  deliver (mirrors, 0, 1000);
  g_assert_cmpint (pick (mirrors), ==, 0);
  deliver (mirrors, 1, 5000);
  g_assert_cmpint (pick (mirrors), ==, 1);
  /* What is unknown counts half as much as the best. */
  onward_mirrors_note_failure (mirrors, 1);
  onward_mirrors_begin_round (mirrors);
  onward_mirrors_note_failure (mirrors, 1);
  onward_mirrors_begin_round (mirrors);
  g_assert_cmpint (pick (mirrors), ==, 2);
  onward_mirrors_note_useful (mirrors, 1);
  g_assert_cmpint (pick (mirrors), ==, 1);
  onward_mirrors_note_bad_block (mirrors, 1, 3);
  g_assert_cmpint (pick (mirrors), ==, 2);
  /* A moment says nothing about a rate. */
  onward_mirrors_note_begun (mirrors, 2);
  onward_mirrors_note_ended (mirrors, 2, 1, 10);
  g_assert_cmpint (pick (mirrors), ==, 2);
}

/* Every address has one connection before any has two, and none has more than four. */
static void
test_mirrors_spread (void)
{
  g_autoptr (OnwardMirrors) mirrors = make_mirrors (2);

  for (int i = 0; i < 8; i++)
    {
      g_assert_cmpint (pick (mirrors), ==, i % 2);
      onward_mirrors_note_begun (mirrors, (guint) i % 2);
    }
  g_assert_cmpint (pick (mirrors), ==, -1);
  g_assert_true (onward_mirrors_is_at_work (mirrors, 1));
  onward_mirrors_note_ended (mirrors, 1, 0, 0);
  g_assert_cmpint (pick (mirrors), ==, 1);
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

/* A mirror that is dead keeps nobody from hearing that; but a silent network says nothing. */
static void
test_mirrors_missing_and_dead (void)
{
  g_autoptr (OnwardMirrors) mirrors = make_mirrors (2);

  for (guint i = 0; i < 5; i++)
    {
      g_assert_false (onward_mirrors_are_all_missing (mirrors));
      onward_mirrors_note_failure (mirrors, 0);
      onward_mirrors_note_failure (mirrors, 1);
    }
  g_assert_false (onward_mirrors_are_all_missing (mirrors));
  for (guint i = 0; i < 3; i++)
    onward_mirrors_note_missing (mirrors, 0);
  g_assert_true (onward_mirrors_are_all_missing (mirrors));
  onward_mirrors_note_busy (mirrors, 1, 1000);
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
  g_test_add_func ("/mirrors/bad-block-alone", test_mirrors_bad_block_alone);
  g_test_add_func ("/mirrors/bad-block-with-others-away", test_mirrors_bad_block_with_others_away);
  g_test_add_func ("/mirrors/score", test_mirrors_score);
  g_test_add_func ("/mirrors/spread", test_mirrors_spread);
  g_test_add_func ("/mirrors/missing", test_mirrors_missing);
  g_test_add_func ("/mirrors/missing-and-dead", test_mirrors_missing_and_dead);
  g_test_add_func ("/mirrors/busy", test_mirrors_busy);
  return g_test_run ();
}
