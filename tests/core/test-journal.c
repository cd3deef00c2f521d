/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "onward-error.h"
#include "onward-journal.h"
#include "onward-test.h"

typedef struct
{
  OnwardTestDir *dir; /* (owned) */
  char *path;         /* (owned) */
  char *bad;          /* (owned) */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->dir = onward_test_make_dir ();
  fixture->path = g_build_filename (fixture->dir, "state.ini", NULL);
  fixture->bad = g_build_filename (fixture->dir, "state.ini.bad", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_free (fixture->path);
  g_free (fixture->bad);
  onward_test_remove_dir (fixture->dir);
}

static OnwardDigest
digest_of (const char *text)
{
  OnwardDigest digest;

  onward_digest_of_data (text, strlen (text), &digest);
  return digest;
}

static void
save (OnwardJournal *journal)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_journal_save (journal, &error));
  g_assert_no_error (error);
}

static void
assert_received (OnwardJournal *journal, const OnwardDigest *digest, guint64 size,
                 const char *expected_validator, const char *expected_ranges)
{
  g_autofree char *validator = NULL;
  g_autoptr (OnwardRanges) received = NULL;
  g_autofree char *text = NULL;

  g_assert_true (onward_journal_get_transfer (journal, digest, size, &validator, &received));
  text = onward_ranges_to_string (received);
  g_assert_cmpstr (validator, ==, expected_validator);
  g_assert_cmpstr (text, ==, expected_ranges);
}

static void
assert_empty (OnwardJournal *journal)
{
  OnwardDigest pack = digest_of ("pack");
  OnwardJournalProgress progress;
  g_autofree char *validator = NULL;
  g_autoptr (OnwardRanges) received = NULL;

  g_assert_cmpint (onward_journal_get_state (journal), ==, ONWARD_STATE_IDLE);
  g_assert_null (onward_journal_get_release (journal));
  g_assert_null (onward_journal_get_validator (journal));
  g_assert_false (onward_journal_get_transfer (journal, &pack, 100, &validator, &received));
  g_assert_cmpuint (onward_journal_get_retries (journal), ==, 0);
  g_assert_false (onward_journal_is_skipped (journal, "2.0.0"));
  g_assert_null (onward_journal_choices_get_skipped (journal, 0));
  g_assert_null (onward_journal_choices_get_channel (journal));
  g_assert_false (onward_journal_has_failed (journal, &pack));
  g_assert_cmpint (onward_journal_get_remind_at (journal), ==, 0);
  g_assert_cmpint (onward_journal_get_last_check (journal), ==, 0);
  g_assert_cmpint (onward_journal_get_busy_until (journal), ==, 0);
  g_assert_null (onward_journal_progress_get_session (journal));
  onward_journal_progress_get (journal, &progress);
  g_assert_cmpuint (progress.bytes_total, ==, 0);
  g_assert_cmpint (progress.time_left, ==, -1);
}

static const OnwardJournalProgress some_progress = {
  .bytes_done = G_GUINT64_CONSTANT (5) << 32,
  .bytes_total = G_GUINT64_CONSTANT (7) << 32,
  .files_done = 3,
  .files_total = G_MAXUINT,
  .rate = 820000,
  .time_left = 0,
  .retry_at = 1790931600,
  .obstacle = ONWARD_OBSTACLE_BUSY,
};

/* A journal in which everything is set. */
static void
fill (OnwardJournal *journal)
{
  g_autoptr (OnwardRanges) received = onward_ranges_parse ("0-10,20-30", 100);
  OnwardDigest pack = digest_of ("pack");
  OnwardDigest tree = digest_of ("tree");

  onward_journal_set_state (journal, ONWARD_STATE_DOWNLOADING);
  onward_journal_set_release (journal, "2.1.0");
  onward_journal_set_validator (journal, "\"time;stamp\\\" ");
  onward_journal_set_transfer (journal, &pack, "W/\"a\"", received);
  onward_journal_set_retries (journal, 3);
  onward_journal_skip (journal, "2.0.0");
  onward_journal_skip (journal, "2.0.1-beta.1+build");
  onward_journal_add_failed (journal, &tree);
  onward_journal_set_remind_at (journal, 1790931600);
  onward_journal_set_last_check (journal, G_MAXINT64);
  onward_journal_set_busy_until (journal, 1790931700);
  onward_journal_choices_set_channel (journal, "beta");
  onward_journal_progress_set_session (journal, "one-of-many");
  onward_journal_progress_set (journal, &some_progress);
}

static void
assert_filled (OnwardJournal *journal)
{
  OnwardJournalProgress progress;
  OnwardDigest pack = digest_of ("pack");
  OnwardDigest tree = digest_of ("tree");

  g_assert_cmpint (onward_journal_get_state (journal), ==, ONWARD_STATE_DOWNLOADING);
  g_assert_cmpstr (onward_journal_get_release (journal), ==, "2.1.0");
  g_assert_cmpstr (onward_journal_get_validator (journal), ==, "\"time;stamp\\\" ");
  assert_received (journal, &pack, 100, "W/\"a\"", "0-10,20-30");
  g_assert_cmpuint (onward_journal_get_retries (journal), ==, 3);
  g_assert_true (onward_journal_is_skipped (journal, "2.0.0"));
  g_assert_true (onward_journal_is_skipped (journal, "2.0.1-beta.1+build"));
  g_assert_cmpstr (onward_journal_choices_get_skipped (journal, 0), ==, "2.0.1-beta.1+build");
  g_assert_cmpstr (onward_journal_choices_get_skipped (journal, 1), ==, "2.0.0");
  g_assert_null (onward_journal_choices_get_skipped (journal, 2));
  g_assert_cmpstr (onward_journal_choices_get_channel (journal), ==, "beta");
  g_assert_true (onward_journal_has_failed (journal, &tree));
  g_assert_cmpint (onward_journal_get_remind_at (journal), ==, 1790931600);
  g_assert_cmpint (onward_journal_get_last_check (journal), ==, G_MAXINT64);
  g_assert_cmpint (onward_journal_get_busy_until (journal), ==, 1790931700);
  g_assert_cmpstr (onward_journal_progress_get_session (journal), ==, "one-of-many");
  onward_journal_progress_get (journal, &progress);
  g_assert_cmpmem (&progress, sizeof progress, &some_progress, sizeof some_progress);
}

/* Without a file the journal is empty, usable and not damaged. */
static void
test_journal_missing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnwardJournal) journal = onward_journal_load (fixture->path);

  assert_empty (journal);
  g_assert_false (onward_journal_was_damaged (journal));
  save (journal);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

/* Everything that is saved is there in the next run, for this user's eyes only. */
static void
test_journal_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnwardJournal) journal = onward_journal_load (fixture->path);
  g_autoptr (OnwardJournal) next = NULL;
  struct stat info;

  fill (journal);
  save (journal);
  next = onward_journal_load (fixture->path);
  g_assert_false (onward_journal_was_damaged (next));
  assert_filled (next);
  g_assert_cmpint (stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
}

/* Nothing is written when nothing changed, in this run and in the next. */
static void
test_journal_unchanged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnwardJournal) journal = onward_journal_load (fixture->path);
  g_autoptr (OnwardJournal) next = NULL;
  g_autofree char *text = NULL;

  fill (journal);
  save (journal);
  text = onward_test_read (fixture->dir, "state.ini");
  g_assert_nonnull (strstr (text, "\nGeneration=1\n"));

  next = onward_journal_load (fixture->path);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  fill (journal);
  save (journal);
  save (next);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));

  onward_journal_set_retries (next, 4);
  save (next);
  g_free (text);
  text = onward_test_read (fixture->dir, "state.ini");
  g_assert_nonnull (strstr (text, "\nGeneration=2\n"));
}

/* What was taken back is gone from the file too. */
static void
test_journal_taken_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnwardJournal) journal = onward_journal_load (fixture->path);
  g_autoptr (OnwardJournal) next = NULL;
  OnwardDigest pack = digest_of ("pack");

  fill (journal);
  save (journal);
  onward_journal_set_state (journal, ONWARD_STATE_IDLE);
  onward_journal_set_release (journal, NULL);
  onward_journal_set_validator (journal, NULL);
  onward_journal_remove_transfer (journal, &pack);
  onward_journal_remove_transfer (journal, &pack);
  onward_journal_set_retries (journal, 0);
  onward_journal_unskip (journal, "2.0.0");
  onward_journal_unskip (journal, "2.0.1-beta.1+build");
  onward_journal_unskip (journal, "9.9.9");
  onward_journal_choices_set_channel (journal, NULL);
  onward_journal_set_remind_at (journal, 0);
  onward_journal_set_last_check (journal, -5);
  onward_journal_set_busy_until (journal, -5);
  onward_journal_progress_set_session (journal, NULL);
  onward_journal_progress_set (journal, &(OnwardJournalProgress){ .time_left = -1 });
  save (journal);

  next = onward_journal_load (fixture->path);
  g_assert_false (onward_journal_was_damaged (next));
  assert_empty (next);
}

/* A transfer that does not fit the pack's size is as good as unknown. */
static void
test_journal_transfer_size (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnwardJournal) journal = onward_journal_load (fixture->path);
  g_autoptr (OnwardRanges) none = onward_ranges_new ();
  g_autoptr (OnwardRanges) received = NULL;
  g_autofree char *validator = NULL;
  OnwardDigest pack = digest_of ("pack");
  OnwardDigest other = digest_of ("other");

  fill (journal);
  assert_received (journal, &pack, 30, "W/\"a\"", "0-10,20-30");
  g_assert_false (onward_journal_get_transfer (journal, &pack, 29, &validator, &received));
  g_assert_false (onward_journal_get_transfer (journal, &other, 30, &validator, &received));
  onward_journal_set_transfer (journal, &pack, NULL, none);
  assert_received (journal, &pack, 0, NULL, "");
}

/* What a hostile server calls an entity tag never gets into the file. */
static void
test_journal_hostile_validators (Fixture *fixture, gconstpointer data)
{
  static const char *const hostile[] = { "", "\"a\"\r\n[Onward]\nState=applied", "\xff\xfe",
                                         "\x1b[2J", "é" };
  g_autoptr (OnwardJournal) journal = onward_journal_load (fixture->path);
  g_autoptr (OnwardRanges) received = onward_ranges_new ();
  g_autofree char *huge = g_strnfill (60 * 1024, 'x');
  OnwardDigest pack = digest_of ("pack");

  for (gsize i = 0; i <= G_N_ELEMENTS (hostile); i++)
    {
      const char *validator = i < G_N_ELEMENTS (hostile) ? hostile[i] : huge;

      onward_journal_set_validator (journal, "\"old\"");
      onward_journal_set_validator (journal, validator);
      g_assert_null (onward_journal_get_validator (journal));
      onward_journal_set_transfer (journal, &pack, validator, received);
      assert_received (journal, &pack, 0, NULL, "");
    }
}

/* The newest 64 transfers and 256 skipped and failed releases are kept, through the file too. */
static void
test_journal_caps (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnwardJournal) journal = onward_journal_load (fixture->path);
  g_autoptr (OnwardJournal) next = NULL;
  g_autoptr (OnwardRanges) received = onward_ranges_parse ("0-1", 1);

  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *version = g_strdup_printf ("%u.0.0", i);
      OnwardDigest digest = digest_of (version);

      onward_journal_skip (journal, version);
      onward_journal_skip (journal, version);
      onward_journal_add_failed (journal, &digest);
      onward_journal_add_failed (journal, &digest);
      onward_journal_set_transfer (journal, &digest, NULL, received);
    }
  save (journal);
  next = onward_journal_load (fixture->path);
  g_assert_false (onward_journal_was_damaged (next));

  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *version = g_strdup_printf ("%u.0.0", i);
      g_autofree char *validator = NULL;
      g_autoptr (OnwardRanges) back = NULL;
      OnwardDigest digest = digest_of (version);

      g_assert_cmpint (onward_journal_is_skipped (next, version), ==, i >= 300 - 256);
      g_assert_cmpint (onward_journal_has_failed (next, &digest), ==, i >= 300 - 256);
      g_assert_cmpint (onward_journal_get_transfer (next, &digest, 1, &validator, &back), ==,
                       i >= 300 - 64);
    }
}

/* Ranges without end make no journal that the next run refuses: the oldest are forgotten. */
static void
test_journal_many_ranges (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnwardJournal) journal = onward_journal_load (fixture->path);
  g_autoptr (OnwardJournal) next = NULL;
  g_autoptr (OnwardRanges) small = onward_ranges_parse ("0-1", 1);
  g_autoptr (OnwardRanges) large = onward_ranges_new ();
  OnwardDigest first = digest_of ("first");
  OnwardDigest second = digest_of ("second");
  g_autofree char *validator = NULL;
  g_autoptr (OnwardRanges) received = NULL;

  for (guint64 i = 0; i < 70000; i++)
    onward_ranges_add (large, 2 * i, 2 * i + 1);
  onward_journal_set_transfer (journal, &first, NULL, large);
  onward_journal_set_transfer (journal, &second, NULL, small);
  save (journal);

  next = onward_journal_load (fixture->path);
  g_assert_false (onward_journal_was_damaged (next));
  assert_received (next, &second, 1, NULL, "0-1");
  g_assert_false (onward_journal_get_transfer (next, &first, 1 << 20, &validator, &received));
}

/* Loads what the file says now, expecting that it is set aside and replaced by a usable journal. */
static void
assert_set_aside (Fixture *fixture, const char *text, gsize size)
{
  g_autoptr (OnwardJournal) journal = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *bad = NULL;
  gsize bad_size;

  g_file_set_contents (fixture->path, text, (gssize) size, &error);
  g_assert_no_error (error);
  (void) g_unlink (fixture->bad);

  journal = onward_journal_load (fixture->path);
  g_assert_true (onward_journal_was_damaged (journal));
  assert_empty (journal);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  g_file_get_contents (fixture->bad, &bad, &bad_size, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (bad, bad_size, text, size);
}

/* Zeros, garbage and other programs' key files are set aside, and the journal starts anew. */
static void
test_journal_garbage (Fixture *fixture, gconstpointer data)
{
  static const char zeros[64] = { 0 };
  static const char *const texts[] = {
    "",
    "garbage",
    "[Onward]\n",
    "[Onward]\nFormat=1\nState=idle\n",
    "[Onward]\nChecksum=\nFormat=1\nState=idle\n",
    "[Desktop Entry]\nName=x\n",
  };
  g_autofree char *huge = g_strnfill (1024 * 1024 + 1, '#');
  g_autoptr (OnwardJournal) journal = NULL;
  g_autoptr (OnwardJournal) next = NULL;

  assert_set_aside (fixture, zeros, sizeof zeros);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_set_aside (fixture, texts[i], strlen (texts[i]));
  assert_set_aside (fixture, huge, strlen (huge));

  onward_test_write (fixture->dir, "state.ini", "garbage");
  journal = onward_journal_load (fixture->path);
  fill (journal);
  save (journal);
  next = onward_journal_load (fixture->path);
  g_assert_false (onward_journal_was_damaged (next));
  assert_filled (next);
}

/* No part of a journal is taken for a whole one. */
static void
test_journal_truncated (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnwardJournal) journal = onward_journal_load (fixture->path);
  g_autofree char *text = NULL;

  fill (journal);
  save (journal);
  text = onward_test_read (fixture->dir, "state.ini");
  for (gsize size = 0; size < strlen (text); size++)
    assert_set_aside (fixture, text, size);
}

/* One byte that differs, anywhere, is noticed, and so is one that was added. */
static void
test_journal_flipped (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnwardJournal) journal = onward_journal_load (fixture->path);
  g_autofree char *text = NULL;
  g_autofree char *longer = NULL;

  fill (journal);
  save (journal);
  text = onward_test_read (fixture->dir, "state.ini");
  longer = g_strconcat (text, "\n", NULL);
  assert_set_aside (fixture, longer, strlen (longer));

  for (gsize i = 0; i < strlen (text); i++)
    {
      char original = text[i];

      text[i] = (char) (original ^ (1 << g_test_rand_int_range (0, 8)));
      assert_set_aside (fixture, text, strlen (longer) - 1);
      text[i] = original;
    }
}

/* What another process writes stays where it is, whatever it says. */
static void
test_journal_peek (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnwardJournal) journal = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_file_set_contents (fixture->path, "[Onward]\nFormat=2\n", -1, &error);
  g_assert_no_error (error);
  journal = onward_journal_peek (fixture->path);
  g_assert_false (onward_journal_was_damaged (journal));
  assert_empty (journal);
  g_assert_false (g_file_test (fixture->bad, G_FILE_TEST_EXISTS));
  g_file_get_contents (fixture->path, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "[Onward]\nFormat=2\n");
}

/* A folder, or a FIFO that nobody writes, in the place of the file stops nothing. */
static void
test_journal_not_a_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnwardJournal) first = NULL;
  g_autoptr (OnwardJournal) second = NULL;

  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  first = onward_journal_load (fixture->path);
  g_assert_true (onward_journal_was_damaged (first));
  fill (first);
  save (first);

  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->bad), ==, 0);
  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  second = onward_journal_load (fixture->path);
  g_assert_true (onward_journal_was_damaged (second));
  assert_empty (second);
}

/* A journal that cannot be written says why, keeps what it knows, and can be saved later. */
static void
test_journal_save_fails (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->dir, "missing", NULL);
  g_autofree char *path = g_build_filename (folder, "state.ini", NULL);
  g_autoptr (OnwardJournal) journal = onward_journal_load (path);
  g_autoptr (OnwardJournal) next = NULL;
  g_autoptr (GError) error = NULL;

  fill (journal);
  g_assert_false (onward_journal_save (journal, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, path));

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  save (journal);
  next = onward_journal_load (path);
  assert_filled (next);
}

/* Saving in steps: a text is written once, one that was not written comes again, and the generation
 * is the file's. */
static void
test_journal_saved_in_steps (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnwardJournal) journal = onward_journal_load (fixture->path);
  g_autoptr (OnwardJournal) next = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (onward_journal_begin_save (journal));
  fill (journal);
  first = onward_journal_begin_save (journal);
  g_assert_nonnull (first);
  g_assert_null (onward_journal_begin_save (journal));
  onward_journal_end_save (journal, FALSE);
  g_assert_cmpuint (onward_journal_get_generation (journal), ==, 0);

  second = onward_journal_begin_save (journal);
  g_assert_true (onward_journal_write (fixture->path, second, &error));
  g_assert_no_error (error);
  onward_journal_end_save (journal, TRUE);
  next = onward_journal_load (fixture->path);
  assert_filled (next);
  g_assert_cmpuint (onward_journal_get_generation (journal), ==,
                    onward_journal_get_generation (next));
  g_assert_null (onward_journal_begin_save (journal));
}

static void
add (const char *path, void (*func) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, func, tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/journal/missing", test_journal_missing);
  add ("/journal/round-trip", test_journal_round_trip);
  add ("/journal/unchanged", test_journal_unchanged);
  add ("/journal/taken-back", test_journal_taken_back);
  add ("/journal/transfer-size", test_journal_transfer_size);
  add ("/journal/hostile-validators", test_journal_hostile_validators);
  add ("/journal/caps", test_journal_caps);
  add ("/journal/many-ranges", test_journal_many_ranges);
  add ("/journal/garbage", test_journal_garbage);
  add ("/journal/truncated", test_journal_truncated);
  add ("/journal/flipped", test_journal_flipped);
  add ("/journal/not-a-file", test_journal_not_a_file);
  add ("/journal/peek", test_journal_peek);
  add ("/journal/save-fails", test_journal_save_fails);
  add ("/journal/saved-in-steps", test_journal_saved_in_steps);

  return g_test_run ();
}
