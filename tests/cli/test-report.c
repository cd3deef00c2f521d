/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-release-private.h"
#include "onward-report.h"
#include "onward-test.h"

/* Reads one line back as a script does; it has to be one object. */
static JsonObject *
parse (const char *line)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (strchr (line, '\n'));
  g_assert_true (g_utf8_validate (line, -1, NULL));
  (void) json_parser_load_from_data (parser, line, -1, &error);
  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (json_parser_get_root (parser)));
}

/* Whatever a string holds, the line is valid JSON and gives the string back. */
static void
test_report_hostile_strings (void)
{
  static const struct
  {
    const char *value;
    const char *expected;
  } cases[] = {
    { "", "" },
    { "plain “text” – 更新 ✓ é", NULL },
    { "quote \" and backslash \\ and /slash", NULL },
    { "two\nlines\r\n\tand a tab", NULL },
    { "\x01\x1f\x7f", NULL },
    { "\033]0;title\007\033[2J", NULL },
    { "\xc2\x9b"
      "31m",
      NULL },
    { "\xe2\x80\xae"
      "txt.exe",
      NULL },
    { "\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c\xef\xbb\xbf", NULL },
    { "a\xe2\x80\xa8"
      "b\xe2\x80\xa9"
      "c",
      NULL },
    { "\xf3\xa0\x81\x81 and \xf0\x9f\x9a\x80", NULL },
    { "{\"event\":\"done\"}", NULL },
    { "name\xff\xc3", "name\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      JsonBuilder *builder = onward_report_begin ("test");
      g_autofree char *line = NULL;
      g_autoptr (JsonObject) object = NULL;

      onward_report_add_string (builder, "value", cases[i].value);
      line = onward_report_finish (builder);
      object = parse (line);
      g_assert_cmpstr (json_object_get_string_member (object, "value"), ==,
                       cases[i].expected == NULL ? cases[i].value : cases[i].expected);
    }
}

/* Nothing on the line can move the cursor of a terminal or turn the reading order. */
static void
test_report_is_harmless_to_a_terminal (void)
{
  JsonBuilder *builder = onward_report_begin ("\033[2J\xc2\x85\xe2\x80\xae\x7f");
  g_autofree char *line = NULL;

  onward_report_add_string (builder, "\xe2\x81\xa7", "\xf3\xa0\x81\x81\r\xe2\x80\xa8");
  line = onward_report_finish (builder);
  g_assert_cmpstr (line, ==,
                   "{\"event\":\"\\u001b[2J\\u0085\\u202e\\u007f\","
                   "\"\\u2067\":\"\\udb40\\udc41\\r\\u2028\"}");
}

/* A member that is not known is left out, and each kind of value keeps its type. */
static void
test_report_values (void)
{
  JsonBuilder *builder = onward_report_begin ("test");
  g_autofree char *line = NULL;

  onward_report_add_string (builder, "none", NULL);
  onward_report_add_integer (builder, "most", G_MAXINT64);
  onward_report_add_integer (builder, "least", G_MININT64);
  onward_report_add_boolean (builder, "yes", TRUE);
  onward_report_add_boolean (builder, "no", FALSE);
  line = onward_report_finish (builder);
  g_assert_cmpstr (line, ==,
                   "{\"event\":\"test\",\"most\":9223372036854775807,"
                   "\"least\":-9223372036854775808,\"yes\":true,\"no\":false}");
}

/* The facts of a release, for each severity. */
static void
test_report_release (void)
{
  static const char *const severities[] = { "normal", "security", "forced" };

  for (gsize i = 0; i < G_N_ELEMENTS (severities); i++)
    {
      g_autofree char *json =
          g_strdup_printf ("{\"version\":\"2.1.0-rc.1\",\"sequence\":7,\"channel\":\"beta\","
                           "\"platform\":\"linux-x86_64\",\"date\":\"2026-10-02\","
                           "\"severity\":\"%s\"}",
                           severities[i]);
      g_autoptr (JsonNode) node = json_from_string (json, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardRelease) release =
          onward_release_new_from_json (json_node_get_object (node), &error);
      JsonBuilder *builder = onward_report_begin ("release");
      g_autofree char *line = NULL;
      g_autoptr (JsonObject) object = NULL;

      g_assert_no_error (error);
      onward_report_add_release (builder, release);
      line = onward_report_finish (builder);
      object = parse (line);
      g_assert_cmpstr (json_object_get_string_member (object, "version"), ==, "2.1.0-rc.1");
      g_assert_cmpint (json_object_get_int_member (object, "sequence"), ==, 7);
      g_assert_cmpstr (json_object_get_string_member (object, "channel"), ==, "beta");
      g_assert_cmpstr (json_object_get_string_member (object, "platform"), ==, "linux-x86_64");
      g_assert_cmpstr (json_object_get_string_member (object, "date"), ==, "2026-10-02");
      g_assert_cmpstr (json_object_get_string_member (object, "severity"), ==, severities[i]);
    }
}

/* Every error has a stable name, also those that other libraries make. */
static void
test_report_error (void)
{
  const struct
  {
    GQuark domain;
    int code;
    const char *expected;
  } cases[] = {
    { ONWARD_ERROR, ONWARD_ERROR_NO_SPACE, "no-space" },
    { ONWARD_ERROR, ONWARD_ERROR_UNTRUSTED, "untrusted" },
    { G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled" },
    { G_IO_ERROR, G_IO_ERROR_FAILED, "failed" },
    { G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "usage" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error =
          g_error_new_literal (cases[i].domain, cases[i].code, "Reading “a\nb\xff”: why");
      JsonBuilder *builder = onward_report_begin ("error");
      g_autofree char *line = NULL;
      g_autoptr (JsonObject) object = NULL;

      onward_report_add_error (builder, error);
      line = onward_report_finish (builder);
      object = parse (line);
      g_assert_cmpstr (json_object_get_string_member (object, "code"), ==, cases[i].expected);
      g_assert_cmpstr (json_object_get_string_member (object, "message"), ==,
                       "Reading “a\nb\xef\xbf\xbd”: why");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/hostile-strings", test_report_hostile_strings);
  g_test_add_func ("/report/harmless-to-a-terminal", test_report_is_harmless_to_a_terminal);
  g_test_add_func ("/report/values", test_report_values);
  g_test_add_func ("/report/release", test_report_release);
  g_test_add_func ("/report/error", test_report_error);
  return g_test_run ();
}
