/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-release-document.h"

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HEX_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define BODY                                                               \
  "\"sha256\":\"" HEX_A "\",\"size\":5000,\"head\":100,\"block\":1048576," \
  "\"blocks\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}"
#define FULL        "{\"kind\":\"full\"," BODY
#define DELTA(from) "{\"kind\":\"delta\",\"from\":\"" from "\"," BODY
#define FACTS                                                                                  \
  "\"version\":\"2.1.0\",\"sequence\":7,\"channel\":\"stable\",\"platform\":\"linux-x86_64\"," \
  "\"date\":\"2026-10-02\""
#define TREE  "\"tree\":{\"digest\":\"" HEX_C "\",\"size\":123456}"
#define NOTES "\"notes\":{\"en\":\"## New\\n\\n- one \\u001b[31m & \\\"two\\\"\",\"zh_CN\":\"新\"}"

static OnwardReleaseDocument *
parse (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return onward_release_document_parse (bytes, error);
}

/* A document is read whole. */
static void
test_release_document_parse (void)
{
  static const char *const english[] = { "en", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardReleaseDocument) document = parse (
      "{" FACTS "," NOTES "," TREE ",\"packs\":[" DELTA (HEX_A) "," FULL "],\"new\":1}", &error);
  OnwardRelease *release;

  g_assert_no_error (error);
  release = onward_release_document_get_release (document);
  g_assert_cmpstr (onward_release_get_version (release), ==, "2.1.0");
  g_assert_cmpstr (onward_release_get_notes (release, english), ==,
                   "## New\n\n- one \x1b[31m & \"two\"");
  g_assert_cmphex (onward_release_document_get_tree_digest (document)->bytes[0], ==, 0xcc);
  g_assert_cmpuint (onward_release_document_get_tree_size (document), ==, 123456);
  g_assert_cmpuint (onward_release_document_get_packs (document)->len, ==, 2);
  g_assert_true (onward_release_document_get_full_pack (document) ==
                 onward_release_document_get_packs (document)->pdata[1]);
}

/* What is written is read again, and written the same. */
static void
test_release_document_round_trip (void)
{
  g_autoptr (OnwardReleaseDocument) document =
      parse ("{" FACTS "," NOTES "," TREE ",\"packs\":[" FULL "," DELTA (HEX_B) "]}", NULL);
  g_autoptr (GBytes) first = onward_release_document_serialize (document);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardReleaseDocument) again = onward_release_document_parse (first, &error);
  g_autoptr (GBytes) second = NULL;

  g_assert_no_error (error);
  second = onward_release_document_serialize (again);
  g_assert_true (g_bytes_equal (first, second));
}

/* Documents that break the rules are refused. */
static void
test_release_document_refused (void)
{
  /* clang-format off */
  const char *bad[] = {
    "", "{}", "[]", "{" FACTS "}", "{" FACTS "," TREE "}", "{" TREE ",\"packs\":[" FULL "]}",
    "{" FACTS ",\"packs\":[" FULL "]}",
    "{" FACTS "," TREE ",\"packs\":[]}",
    "{" FACTS "," TREE ",\"packs\":{}}",
    "{" FACTS "," TREE ",\"packs\":[" DELTA (HEX_B) "]}",
    "{" FACTS "," TREE ",\"packs\":[" FULL "," FULL "]}",
    "{" FACTS "," TREE ",\"packs\":[" FULL "," DELTA (HEX_C) "]}",
    "{" FACTS "," TREE ",\"packs\":[" DELTA (HEX_B) "," FULL "," DELTA (HEX_B) "]}",
    "{" FACTS "," TREE ",\"packs\":[" FULL ",1]}",
    "{" FACTS "," TREE ",\"packs\":[" FULL ",{}]}",
    "{" FACTS "," TREE ",\"packs\":[" FULL "]}{}",
    "{" FACTS "," FACTS "," TREE ",\"packs\":[" FULL "]}",
    "{" FACTS ",\"notes\":\"text\"," TREE ",\"packs\":[" FULL "]}",
    "{" FACTS ",\"notes\":{\"en\":1}," TREE ",\"packs\":[" FULL "]}",
    "{" FACTS ",\"tree\":[],\"packs\":[" FULL "]}",
    "{" FACTS ",\"tree\":{\"digest\":\"" HEX_C "\"},\"packs\":[" FULL "]}",
    "{" FACTS ",\"tree\":{\"size\":1},\"packs\":[" FULL "]}",
    "{" FACTS ",\"tree\":{\"digest\":\"cc\",\"size\":1},\"packs\":[" FULL "]}",
    "{" FACTS ",\"tree\":{\"digest\":\"" HEX_C "\",\"size\":-1},\"packs\":[" FULL "]}",
    "{" FACTS ",\"tree\":{\"digest\":\"" HEX_C "\",\"size\":68719476737},\"packs\":[" FULL "]}",
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (bad[i], &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_true (g_str_has_prefix (error->message, "Reading a release document: "));
    }
}

/* Sixty-four packs are allowed, not one more. */
static void
test_release_document_many_packs (void)
{
  for (guint count = 63; count <= 64; count++)
    {
      g_autoptr (GString) text = g_string_new ("{" FACTS "," TREE ",\"packs\":[" FULL);
      g_autoptr (OnwardReleaseDocument) document = NULL;

      for (guint i = 0; i < count; i++)
        g_string_append_printf (text, ",{\"kind\":\"delta\",\"from\":\"%064x\"," BODY, i);
      g_string_append (text, "]}");
      document = parse (text->str, NULL);
      g_assert_cmpint (document != NULL, ==, count == 63);
    }
}

/* Notes may be as long as a book chapter, not longer. */
static void
test_release_document_long_notes (void)
{
  for (gsize size = 256 * 1024; size <= 256 * 1024 + 1; size++)
    {
      g_autofree char *notes = g_strnfill (size, 'n');
      g_autofree char *text = g_strdup_printf (
          "{" FACTS ",\"notes\":{\"en\":\"%s\"}," TREE ",\"packs\":[" FULL "]}", notes);
      g_autoptr (OnwardReleaseDocument) document = parse (text, NULL);

      g_assert_cmpint (document != NULL, ==, size == 256 * 1024);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/release-document/parse", test_release_document_parse);
  g_test_add_func ("/release-document/round-trip", test_release_document_round_trip);
  g_test_add_func ("/release-document/refused", test_release_document_refused);
  g_test_add_func ("/release-document/many-packs", test_release_document_many_packs);
  g_test_add_func ("/release-document/long-notes", test_release_document_long_notes);

  return g_test_run ();
}
