/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-facts.h"
#include "onward-release-private.h"
#include "onward-test.h"

#define NOTES_LIMIT (256 * 1024)

/* A language follows the last colon, or nothing does: paths hold colons, too. */
static void
test_facts_split_notes (void)
{
  static const struct
  {
    const char *argument;
    const char *file;
    const char *language;
  } cases[] = {
    { "notes.md", "notes.md", "en" },
    { "notes.md:de", "notes.md", "de" },
    { "notes.md:zh_CN", "notes.md", "zh_CN" },
    { "notes.md:zh-CN", "notes.md", "zh_CN" },
    { "notes.md:sr@latin", "notes.md", "sr@latin" },
    { "notes.md:ast", "notes.md", "ast" },
    { "a:b/notes.md", "a:b/notes.md", "en" },
    { "a:b/notes.md:de", "a:b/notes.md", "de" },
    { "12:30.md", "12:30.md", "en" },
    { "a:de:fr", "a:de", "fr" },
    { "notes.md:", "notes.md:", "en" },
    { "notes.md:english", "notes.md:english", "en" },
    { "notes.md:DE", "notes.md:DE", "en" },
    { "notes.md:de\n", "notes.md:de\n", "en" },
    { ":de", ":de", "en" },
    { "", "", "en" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *file = NULL;
      g_autofree char *language = NULL;

      onward_facts_split_notes (cases[i].argument, &file, &language);
      g_assert_cmpstr (file, ==, cases[i].file);
      g_assert_cmpstr (language, ==, cases[i].language);
    }
}

/* Without a word of the publisher a release is stable, normal, of today and for this computer. */
static void
test_facts_defaults (void)
{
  OnwardAdditionOptions options = { .version = (char *) "1.2.0" };
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *year = g_date_time_format (now, "%Y-");
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardRelease) release = onward_facts_make_release (&options, 7, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (onward_release_get_version (release), ==, "1.2.0");
  g_assert_cmpuint (onward_release_get_sequence (release), ==, 7);
  g_assert_cmpstr (onward_release_get_channel (release), ==, "stable");
  g_assert_true (g_str_has_prefix (onward_release_get_platform (release), "linux-"));
  g_assert_true (g_str_has_prefix (onward_release_get_date (release), year));
  g_assert_cmpint (onward_release_get_severity (release), ==, ONWARD_SEVERITY_NORMAL);
  g_assert_null (onward_release_get_minimum (release));
}

/* A reason is in English unless a language stands before it, and a sentence may have a colon. */
static void
test_facts_minimum (void)
{
  const char *reasons[] = { "so: the format changed", "de:Das Format ist neu", "zh-CN:格式", NULL };
  const char *const german[] = { "de", NULL };
  const char *const chinese[] = { "zh_CN", NULL };
  const char *const english[] = { "en", NULL };
  OnwardAdditionOptions options = {
    .version = (char *) "2.0.0",
    .minimum = (char *) "2.0.0",
    .reasons = (char **) reasons,
    .grace_days = 5,
    .severity = (char *) "forced",
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardRelease) release = onward_facts_make_release (&options, 1, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (onward_release_get_minimum (release), ==, "2.0.0");
  g_assert_cmpuint (onward_release_get_grace_days (release), ==, 5);
  g_assert_cmpint (onward_release_get_severity (release), ==, ONWARD_SEVERITY_FORCED);
  g_assert_cmpstr (onward_release_get_reason (release, german), ==, "Das Format ist neu");
  g_assert_cmpstr (onward_release_get_reason (release, chinese), ==, "格式");
  g_assert_cmpstr (onward_release_get_reason (release, english), ==, "so: the format changed");
}

/* Every wrong word is wrong usage, and the message says which. */
static void
test_facts_refuses (void)
{
  static const char *const reason[] = { "why", NULL };
  static const char *const empty[] = { "", NULL };
  static const char *const twice[] = { "de:warum", "de:darum", NULL };
  const struct
  {
    OnwardAdditionOptions options;
    const char *expected;
  } cases[] = {
    { { .version = (char *) "1.2" }, "“1.2” is not a version" },
    { { .version = (char *) "v1.2.0" }, "“v1.2.0” is not a version" },
    { { .version = (char *) "" }, "“” is not a version" },
    { { .version = (char *) "1.2.0/../../x" }, "is not a version" },
    { { .version = (char *) "1.0.0", .minimum = (char *) "x", .reasons = (char **) reason },
      "“x” is not a version" },
    { { .version = (char *) "1.0.0", .minimum = (char *) "1.0.1", .reasons = (char **) reason },
      "--minimum 1.0.1 is above" },
    { { .version = (char *) "1.0.0-rc.1",
        .minimum = (char *) "1.0.0",
        .reasons = (char **) reason },
      "--minimum 1.0.0 is above" },
    { { .version = (char *) "1.0.0", .minimum = (char *) "1.0.0" }, "--reason" },
    { { .version = (char *) "1.0.0", .minimum = (char *) "1.0.0", .reasons = (char **) empty },
      "--reason" },
    { { .version = (char *) "1.0.0", .minimum = (char *) "1.0.0", .reasons = (char **) twice },
      "“de”" },
    { { .version = (char *) "1.0.0", .reasons = (char **) reason }, "--minimum" },
    { { .version = (char *) "1.0.0", .grace_days = 3 }, "--minimum" },
    { { .version = (char *) "1.0.0",
        .minimum = (char *) "1.0.0",
        .reasons = (char **) reason,
        .grace_days = -1 },
      "grace-days" },
    { { .version = (char *) "1.0.0", .deltas = -1 }, "--deltas" },
    { { .version = (char *) "1.0.0", .deltas = 51 }, "--deltas" },
    { { .version = (char *) "1.0.0", .severity = (char *) "urgent" }, "severity" },
    { { .version = (char *) "1.0.0", .channel = (char *) "" }, "channel" },
    { { .version = (char *) "1.0.0", .channel = (char *) "../beta" }, "channel" },
    { { .version = (char *) "1.0.0", .platform = (char *) "linux/x86" }, "platform" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (onward_facts_make_release (&cases[i].options, 1, &error));
      g_assert_nonnull (error);
      g_assert_cmpstr (g_quark_to_string (error->domain), ==, g_quark_to_string (G_OPTION_ERROR));
      g_assert_nonnull (strstr (error->message, cases[i].expected));
    }
}

/* Makes a release with the notes that were written to a file. */
static OnwardRelease *
make_with_notes (const char *contents, gsize size, GError **error)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "a:b.md", NULL);
  const char *notes[] = { path, NULL };
  OnwardAdditionOptions options = { .version = (char *) "1.0.0", .notes = (char **) notes };

  g_assert_true (g_file_set_contents (path, contents, (gssize) size, NULL));
  return onward_facts_make_release (&options, 1, error);
}

/* Notes of the greatest length are taken, whatever script they are in. */
static void
test_facts_notes (void)
{
  g_autofree char *longest = g_strnfill (NOTES_LIMIT, 'x');
  const struct
  {
    const char *contents;
    gsize size;
  } cases[] = {
    { "", 0 },
    { "# New\n\n* 更新 ✓ é\n", strlen ("# New\n\n* 更新 ✓ é\n") },
    { longest, NOTES_LIMIT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *const languages[] = { "en", NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardRelease) release =
          make_with_notes (cases[i].contents, cases[i].size, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (onward_release_get_notes (release, languages), ==, cases[i].contents);
    }
}

/* What is no text, or too long a one, is refused, and the message names the file. */
static void
test_facts_hostile_notes (void)
{
  g_autofree char *too_long = g_strnfill (NOTES_LIMIT + 1, 'x');
  const struct
  {
    const char *contents;
    gsize size;
  } cases[] = {
    { "caf\xe9", 4 },
    { "cut \xe6\x9b", 6 },
    { "\xed\xa0\x80", 3 },
    { "nul\0byte", 8 },
    { "nul at the end\0", 15 },
    { "\xff\xfeu\0t\0f\0", 8 },
    { too_long, NOTES_LIMIT + 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (make_with_notes (cases[i].contents, cases[i].size, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_nonnull (strstr (error->message, "a:b.md"));
    }
}

/* Notes that are not there, that are no file, or two in one language. */
static void
test_facts_wrong_notes (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "notes.md", NULL);
  g_autofree char *missing = g_build_filename (dir, "missing.md:de", NULL);
  const char *lists[][3] = { { missing, NULL }, { dir, NULL }, { path, path, NULL } };
  static const char *const expected[] = { "missing.md”", "not a file", "two texts" };

  onward_test_write (dir, "notes.md", "new");
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      OnwardAdditionOptions options = { .version = (char *) "1.0.0", .notes = (char **) lists[i] };
      g_autoptr (GError) error = NULL;

      g_assert_null (onward_facts_make_release (&options, 1, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, expected[i]));
    }
}

/* There are two compressions, and lzma is what one gets unasked. */
static void
test_facts_compression (void)
{
  static const struct
  {
    const char *text;
    gboolean valid;
    OnwardCompression expected;
  } cases[] = {
    { NULL, TRUE, ONWARD_COMPRESSION_LZMA },
    { "lzma", TRUE, ONWARD_COMPRESSION_LZMA },
    { "zstd", TRUE, ONWARD_COMPRESSION_ZSTD },
    { "", FALSE, 0 },
    { "gzip", FALSE, 0 },
    { "ZSTD", FALSE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      OnwardCompression compression = 99;

      g_assert_true (onward_facts_parse_compression (cases[i].text, &compression, &error) ==
                     cases[i].valid);
      if (cases[i].valid)
        g_assert_cmpint (compression, ==, cases[i].expected);
      else
        g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
    }
}

/* There are two efforts, and the best is what one gets unasked. */
static void
test_facts_effort (void)
{
  OnwardDeltaEffort effort = 99;
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_facts_parse_effort (NULL, &effort, NULL));
  g_assert_cmpint (effort, ==, ONWARD_DELTA_BEST);
  g_assert_true (onward_facts_parse_effort ("fast", &effort, NULL));
  g_assert_cmpint (effort, ==, ONWARD_DELTA_FAST);
  g_assert_true (onward_facts_parse_effort ("best", &effort, NULL));
  g_assert_cmpint (effort, ==, ONWARD_DELTA_BEST);
  g_assert_false (onward_facts_parse_effort ("Fast", &effort, &error));
  g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/facts/split-notes", test_facts_split_notes);
  g_test_add_func ("/facts/defaults", test_facts_defaults);
  g_test_add_func ("/facts/minimum", test_facts_minimum);
  g_test_add_func ("/facts/refuses", test_facts_refuses);
  g_test_add_func ("/facts/notes", test_facts_notes);
  g_test_add_func ("/facts/hostile-notes", test_facts_hostile_notes);
  g_test_add_func ("/facts/wrong-notes", test_facts_wrong_notes);
  g_test_add_func ("/facts/compression", test_facts_compression);
  g_test_add_func ("/facts/effort", test_facts_effort);
  return g_test_run ();
}
