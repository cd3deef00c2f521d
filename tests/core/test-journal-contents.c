/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-journal-contents.h"

#define START  "[Onward]\nFormat=1\nGeneration=7\nState=paused\n"
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static OnwardJournalContents *
parse_sealed (const char *text)
{
  g_autofree char *sealed = onward_journal_contents_seal (text);

  return onward_journal_contents_parse (sealed, strlen (sealed));
}

/* A text that was written by hand and sealed is read: the checksum covers all but its own line. */
static void
test_contents_parse (void)
{
  g_autoptr (OnwardJournalContents) contents = parse_sealed (
      START "Release=2.1.0\nRetries=4\nSkipped=2.0.0;2.0.1;\nFailed=" DIGEST ";\nLater=x\n\n"
            "[Transfer " DIGEST "]\nReceived=0-5,7-9\nValidator=\"a\"\n\n[Later]\nkey=value\n");
  OnwardJournalTransfer *transfer;

  g_assert_nonnull (contents);
  g_assert_cmpuint (contents->generation, ==, 7);
  g_assert_cmpint (contents->state, ==, ONWARD_STATE_PAUSED);
  g_assert_cmpstr (contents->release, ==, "2.1.0");
  g_assert_cmpuint (contents->retries, ==, 4);
  g_assert_cmpuint (contents->skipped->len, ==, 2);
  g_assert_cmpuint (contents->failed->len, ==, 1);
  g_assert_cmpuint (contents->transfers->len, ==, 1);
  transfer = g_ptr_array_index (contents->transfers, 0);
  g_assert_cmpuint (onward_ranges_get_length (transfer->received), ==, 7);
  g_assert_cmpstr (transfer->validator, ==, "\"a\"");
}

/* Even under a right checksum nothing foreign or out of range is read. */
static void
test_contents_refuses (void)
{
  static const char *const texts[] = {
    "[Onward]\n",
    "[Onward]\nFormat=2\nGeneration=7\nState=paused\n",
    "[Onward]\nFormat=01\nGeneration=7\nState=paused\n",
    "[Onward]\nGeneration=7\nState=paused\n",
    "[Onward]\nFormat=1\nGeneration=-1\nState=paused\n",
    "[Onward]\nFormat=1\nGeneration=18446744073709551616\nState=paused\n",
    "[Onward]\nFormat=1\nGeneration=7 x\nState=paused\n",
    "[Onward]\nFormat=1\nGeneration=7\nState=sleeping\n",
    "[Onward]\nFormat=1\nGeneration=7\n",
    START "Retries=-1\n",
    START "Retries=4294967296\n",
    START "RemindAt=9223372036854775808\n",
    START "LastCheck=soon\n",
    START "BusyUntil=-1\n",
    START "Release=../../etc\n",
    START "Release=\n",
    START "Channel=\n",
    START "Channel=Be/ta\n",
    START "Validator=\\n\n",
    START "Skipped=2.0.0;x;\n",
    START "Failed=abc;\n",
    START "\n[Transfer abc]\nReceived=0-1\n",
    START "\n[Transfer " DIGEST "]\nValidator=a\n",
    START "\n[Transfer " DIGEST "]\nReceived=1-0\n",
    START "\n[Transfer " DIGEST "]\nReceived=0-1\nValidator=\\t\n",
    START "no key file\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_null (parse_sealed (texts[i]));
}

/* More than may be is refused whole, not cut. */
static void
test_contents_caps (void)
{
  g_autoptr (GString) skipped = g_string_new (START "Skipped=");
  g_autoptr (GString) failed = g_string_new (START "Failed=");
  g_autoptr (GString) transfers = g_string_new (START);

  for (guint i = 0; i < 257; i++)
    {
      g_string_append_printf (skipped, "%u.0.0;", i);
      g_string_append_printf (failed, "%064x;", i);
    }
  for (guint i = 0; i < 65; i++)
    g_string_append_printf (transfers, "\n[Transfer %064x]\nReceived=0-1\n", i);
  g_string_append_c (skipped, '\n');
  g_string_append_c (failed, '\n');

  g_assert_null (parse_sealed (skipped->str));
  g_assert_null (parse_sealed (failed->str));
  g_assert_null (parse_sealed (transfers->str));
}

/* A checksum is right in lower case, in its own line, once; bytes behind a NUL do not hide. */
static void
test_contents_checksum (void)
{
  g_autofree char *sealed = onward_journal_contents_seal (START);
  g_autofree char *twice = onward_journal_contents_seal (sealed);
  g_autofree char *upper = g_ascii_strup (sealed, -1);
  g_autofree char *hidden = g_strconcat (sealed, "xState=applied\n", NULL);
  g_autoptr (OnwardJournalContents) contents =
      onward_journal_contents_parse (sealed, strlen (sealed));
  gsize size = strlen (hidden);

  g_assert_nonnull (contents);
  g_assert_null (onward_journal_contents_parse (upper, strlen (upper)));
  g_assert_null (onward_journal_contents_parse (hidden, size));
  hidden[strlen (sealed)] = '\0';
  g_assert_null (onward_journal_contents_parse (hidden, size));
  g_assert_null (onward_journal_contents_parse (NULL, 0));
  g_assert_nonnull (strstr (twice, "Checksum="));
}

/* What was read is written as it was, newest first. */
static void
test_contents_stable (void)
{
  g_autoptr (GString) text = g_string_new (START "Skipped=3.0.0;2.0.0;\n");
  g_autoptr (OnwardJournalContents) contents = NULL;
  g_autofree char *sealed = NULL;
  g_autofree char *written = NULL;

  for (guint i = 0; i < 64; i++)
    g_string_append_printf (text, "\n[Transfer %064x]\nReceived=%u-%u\n", i, i, i + 1);
  sealed = onward_journal_contents_seal (text->str);
  contents = onward_journal_contents_parse (sealed, strlen (sealed));
  g_assert_nonnull (contents);
  written = onward_journal_contents_serialize (contents);
  g_assert_cmpstr (written, ==, sealed);
}

/* Only printable ASCII of reasonable length is an entity tag. */
static void
test_contents_validator (void)
{
  g_autofree char *text = g_strnfill (1025, 'x');

  g_assert_false (onward_journal_contents_is_validator (NULL));
  g_assert_false (onward_journal_contents_is_validator (""));
  g_assert_false (onward_journal_contents_is_validator (text));
  g_assert_true (onward_journal_contents_is_validator (text + 1));
  g_assert_true (onward_journal_contents_is_validator ("Fri, 02 Oct 2026 09:15:00 GMT"));
  g_assert_false (onward_journal_contents_is_validator ("a\nb"));
  g_assert_false (onward_journal_contents_is_validator ("a\x7f"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/journal-contents/parse", test_contents_parse);
  g_test_add_func ("/journal-contents/refuses", test_contents_refuses);
  g_test_add_func ("/journal-contents/caps", test_contents_caps);
  g_test_add_func ("/journal-contents/checksum", test_contents_checksum);
  g_test_add_func ("/journal-contents/stable", test_contents_stable);
  g_test_add_func ("/journal-contents/validator", test_contents_validator);

  return g_test_run ();
}
