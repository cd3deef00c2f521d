/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-log.h"
#include "onward-test.h"

/* Whatever could move the cursor, turn the reading order or break a line is spelt out. */
static void
test_log_escape (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } cases[] = {
    { "", "" },
    { "plain “text” – 更新 ✓ é", "plain “text” – 更新 ✓ é" },
    { "\033[2Jgone", "\\x1b[2Jgone" },
    { "one\ntwo\r\tthree\x7f", "one\\x0atwo\\x0d\\x09three\\x7f" },
    { "\xc2\x85", "\\u0085" },
    { "\xe2\x80\xae"
      "exe.txt",
      "\\u202eexe.txt" },
    { "\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\x8f\xd8\x9c", "\\u2066\\u2069\\u200f\\u061c" },
    { "a\xe2\x80\xa8"
      "b",
      "a\\u2028b" },
    { "\xef\xbb\xbf", "\\ufeff" },
    { "\xf3\xa0\x81\x81", "\\U000e0041" },
    { "a\xff\xc3", "a\\xff\\xc3" },
    { "\xed\xa0\x80", "\\xed\\xa0\\x80" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *escaped = onward_log_escape (cases[i].text, 200);

      g_assert_cmpstr (escaped, ==, cases[i].expected);
    }
}

/* The limit counts characters of the result, and cuts between them. */
static void
test_log_escape_cuts (void)
{
  static const struct
  {
    const char *text;
    gsize max_chars;
    const char *expected;
  } cases[] = {
    { "abc", 3, "abc" }, { "abcd", 3, "ab…" },        { "éééé", 3, "éé…" },  { "abc", 1, "…" },
    { "abc", 0, "" },    { "a\nbcd", 7, "a\\x0ab…" }, { "a\nbcd", 5, "a…" }, { "\n\n", 4, "…" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *escaped = onward_log_escape (cases[i].text, cases[i].max_chars);

      g_assert_true (g_utf8_strlen (escaped, -1) <= (glong) cases[i].max_chars);
      g_assert_cmpstr (escaped, ==, cases[i].expected);
    }
}

/* Any bytes at all give one line of valid UTF-8 without a control character. */
static void
test_log_escape_any (void)
{
  for (guint round = 0; round < 2000; round++)
    {
      char text[24] = "";
      g_autofree char *escaped = NULL;

      for (gsize i = 0; i < sizeof text - 1; i++)
        text[i] = (char) g_test_rand_int_range (1, 256);
      escaped = onward_log_escape (text, 500);
      g_assert_true (g_utf8_validate (escaped, -1, NULL));
      for (const char *c = escaped; *c != '\0'; c = g_utf8_next_char (c))
        g_assert_false (g_unichar_iscntrl (g_utf8_get_char (c)));
    }
}

/* Each message is one line with the time in UTC, and the log is its owner's alone. */
static void
test_log_write (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "update.log", NULL);
  g_autofree char *text = NULL;
  struct stat info;

  onward_log_write (path, "Checking “%s”", "1.0.0\nfaked line");
  onward_log_write (path, "%d", 42);
  text = onward_test_read (dir, "update.log");
  g_assert_true (g_regex_match_simple ("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ "
                                       "Checking “1\\.0\\.0\\\\x0afaked line”\n"
                                       "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ 42\n$",
                                       text, 0, 0));
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
}

/* A log that has grown to 1 MiB begins anew and keeps one older one. */
static void
test_log_turns_over (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "log", NULL);
  g_autofree char *older = g_build_filename (dir, "log.1", NULL);
  g_autofree char *text = NULL;
  struct stat info;

  onward_test_write (dir, "log.1", "oldest");
  onward_log_write (path, "first");
  g_assert_cmpint (truncate (path, 1024 * 1024), ==, 0);
  onward_log_write (path, "second");

  text = onward_test_read (dir, "log");
  g_assert_nonnull (strstr (text, " second\n"));
  g_assert_null (strstr (text, "first"));
  g_assert_cmpint (stat (older, &info), ==, 0);
  g_assert_cmpint (info.st_size, ==, 1024 * 1024);
}

/* Where no log can be written nothing happens, and a link is not written through. */
static void
test_log_failure (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *link = g_build_filename (dir, "link", NULL);
  g_autofree char *fifo = g_build_filename (dir, "fifo", NULL);
  g_autofree char *text = NULL;

  onward_log_write ("/nonexistent/folder/log", "lost");
  onward_log_write (dir, "lost");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  onward_log_write (fifo, "lost");

  onward_test_write (dir, "target", "kept");
  g_assert_cmpint (symlink ("target", link), ==, 0);
  onward_log_write (link, "lost");
  text = onward_test_read (dir, "target");
  g_assert_cmpstr (text, ==, "kept");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/log/escape", test_log_escape);
  g_test_add_func ("/log/escape-cuts", test_log_escape_cuts);
  g_test_add_func ("/log/escape-any", test_log_escape_any);
  g_test_add_func ("/log/write", test_log_write);
  g_test_add_func ("/log/turns-over", test_log_turns_over);
  g_test_add_func ("/log/failure", test_log_failure);

  return g_test_run ();
}
