/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-json-guard.h"

static void
assert_accepted (const char *text, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_json_guard_check (text, size, &error));
  g_assert_no_error (error);
  root = onward_json_guard_parse (bytes, size, &error);
  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (root));
}

static void
assert_refused (const char *text, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;
  gboolean accepted = onward_json_guard_check (text, size, NULL);

  if (accepted)
    g_test_message ("accepted: %.200s", text);
  g_assert_false (accepted);
  root = onward_json_guard_parse (bytes, 1 << 24, &error);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_null (root);
}

/* Strict documents pass, and json-glib reads them. */
static void
test_json_guard_accepts (void)
{
  /* clang-format off */
  const char *good[] = {
    "{}", " \t\r\n{ } \n", "{\"a\":1}", "{\"a\":0,\"b\":-1,\"c\":[1,2,{\"a\":[]}]}",
    "{\"\":\"\"}", "{\"a\":true,\"b\":false,\"c\":null}",
    "{\"n\":9007199254740991,\"m\":-9007199254740991}",
    "{\"pem\":\"-----BEGIN PUBLIC KEY-----\\nMFkw\\n-----END PUBLIC KEY-----\\n\"}",
    "{\"s\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u4E2d\\ud83d\\ude00\"}",
    "{\"s\":\"\\u001b\\u0001\"}", "{\"é中😀\":\"é中😀\"}", "{\"s\":\"\x7f\"}",
    "{\"a\":{\"x\":1},\"b\":{\"x\":1}}", "{\"a\":1,\"A\":2,\"aa\":3}",
    "{\"a\":[{\"x\":1},{\"x\":2}]}",
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    assert_accepted (good[i], strlen (good[i]));
}

/* What is no JSON is refused, and what json-glib would let through besides. */
static void
test_json_guard_refuses_syntax (void)
{
  /* clang-format off */
  const char *bad[] = {
    " ", "[]", "[{}]", "1", "\"a\"", "null", "{", "}", "{}{}", "{} {}", "{}x", "{},", "{}]",
    "{\"a\"}", "{\"a\":}", "{\"a\" 1}", "{\"a\":1,}", "{,}", "{,\"a\":1}", "{\"a\":1 \"b\":2}",
    "{\"a\":1,,\"b\":2}", "{\"a\":[1,]}", "{\"a\":[,1]}", "{\"a\":[1 2]}", "{\"a\":[1}",
    "{\"a\":1]",
    "[}", "\"}", "x}", "1\"a\":1}",
    "{\"a\":{]}", "{\"a\":[}]}", "{'a':1}", "{\"a\":'b'}", "{a:1}", "{1:1}", "{null:1}",
    "{\"a\":tru}", "{\"a\":truex}", "{\"a\":True}",
    "{\"a\":nul", "{\"a\":undefined}", "{\"a\":NaN}",
    "{\"a\":-Infinity}", "var x = {\"a\":1}", "{\"a\":1} // c", "{/* c */}", "{\"a\":\v1}",
    "{\"a\":1;}", "{\"a\":1", "{\"a", "{\"a\\", "{\"a\":\"", "\xc2\xa0{}", "{\"a\"=1}",
  };
  /* clang-format on */

  assert_refused ("", 0);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (bad[i], strlen (bad[i]));
}

/* Only integers that every reader understands alike are taken. */
static void
test_json_guard_refuses_numbers (void)
{
  /* clang-format off */
  const char *bad[] = {
    "01", "010", "00", "-0", "-01", "-", "+1", "--1", "1.0", "1.", ".5", "1e3", "1E3", "1e400",
    "0e0",
    "0.0", "-0.0", "0x10", "0b1", "9007199254740992", "-9007199254740992", "9223372036854775807",
    "9223372036854775808", "18446744073709551615", "18446744073709551616",
    "99999999999999999999999999999999999999999", "1_000", "1 000", "٣", "1a", "- 1",
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"a\":%s}", bad[i]);

      assert_refused (text, strlen (text));
    }
}

/* Strings that readers could understand differently are refused, as values and as names. */
static void
test_json_guard_refuses_strings (void)
{
  /* clang-format off */
  const char *bad[] = {
    "\\u0000", "a\\u0000b", "\\ud800", "\\ud800x", "\\ud800\\n", "\\ud800\\u0041", "\\udc00",
    "\\udc00\\ud800", "\\udc00\\udc00",
    "\\ud800\\ud800", "\\udbff\\ue000", "\\u12", "\\u123g", "\\u 123", "\\u+123",
    "\\x41", "\\a", "\\v", "\\0", "\\'", "\\U00000041", "\\", "a\nb", "a\tb", "a\rb", "\x01",
    "\x1f", "\x1b[0m", "\xff", "\xc3", "\xc3(", "\xed\xa0\x80", "\xed\xb0\x80", "\xc0\x80",
    "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\x80", "\xe2\x82",
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *value = g_strdup_printf ("{\"a\":\"%s\"}", bad[i]);
      g_autofree char *name = g_strdup_printf ("{\"%s\":1}", bad[i]);

      assert_refused (value, strlen (value));
      assert_refused (name, strlen (name));
    }
  assert_refused ("{\"a\":\"x\0y\"}", 11);
  assert_refused ("{}\0", 3);
  assert_refused ("\0{}", 3);
  assert_refused ("\xef\xbb\xbf{}", 5);
  assert_refused ("\xff\xfe{\0}\0", 6);
}

/* Two members of one name are refused however they are spelled, at every depth. */
static void
test_json_guard_refuses_duplicates (void)
{
  /* clang-format off */
  const char *bad[] = {
    "{\"a\":1,\"a\":2}", "{\"a\":1,\"b\":2,\"a\":1}", "{\"a\":1,\"\\u0061\":2}",
    "{\"/\":1,\"\\/\":2}",
    "{\"x\":{\"a\":1,\"a\":2}}", "{\"x\":[{\"a\":{},\"b\":0,\"a\":[]}]}", "{\"\":1,\"\":2}",
    "{\"😀\":1,\"\\ud83d\\ude00\":2}", "{\"\\n\":1,\"\\u000a\":2}",
    "{\"a\":{\"b\":1},\"a\":{\"c\":1}}",
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (bad[i], strlen (bad[i]));
}

static char *
nest (const char *open, const char *close, gsize depth)
{
  g_autoptr (GString) text = g_string_new ("{\"a\":");

  for (gsize i = 1; i < depth; i++)
    g_string_append (text, open);
  g_string_append_c (text, '0');
  for (gsize i = 1; i < depth; i++)
    g_string_append (text, close);
  g_string_append_c (text, '}');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Sixteen levels are allowed, not seventeen, and a hundred thousand brackets crash nothing. */
static void
test_json_guard_depth (void)
{
  g_autofree char *most = nest ("[", "]", 16);
  g_autofree char *more = nest ("[", "]", 17);
  g_autofree char *objects = nest ("{\"a\":", "}", 16);
  g_autofree char *more_objects = nest ("{\"a\":", "}", 17);
  g_autofree char *flood = nest ("[", "]", 100000);

  assert_accepted (most, strlen (most));
  assert_refused (more, strlen (more));
  assert_accepted (objects, strlen (objects));
  assert_refused (more_objects, strlen (more_objects));
  assert_refused (flood, strlen (flood));
}

static char *
repeat (const char *head, const char *piece, gsize count, const char *tail)
{
  g_autoptr (GString) text = g_string_new (head);

  for (gsize i = 0; i < count; i++)
    g_string_append (text, piece);
  g_string_append (text, tail);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Names, strings and counts have limits. */
static void
test_json_guard_limits (void)
{
  g_autofree char *name = repeat ("{\"", "n", 4096, "\":1}");
  g_autofree char *long_name = repeat ("{\"", "n", 4097, "\":1}");
  g_autofree char *string = repeat ("{\"a\":\"", "stringsx", 4 << 17, "\"}");
  g_autofree char *long_string = repeat ("{\"a\":\"", "stringsx", 4 << 17, "y\"}");
  g_autofree char *values = repeat ("{\"a\":[", "0,", 499998, "0]}");
  g_autofree char *many_values = repeat ("{\"a\":[", "0,", 499999, "0]}");

  assert_accepted (name, strlen (name));
  assert_refused (long_name, strlen (long_name));
  assert_accepted (string, strlen (string));
  assert_refused (long_string, strlen (long_string));
  g_assert_true (onward_json_guard_check (values, strlen (values), NULL));
  g_assert_false (onward_json_guard_check (many_values, strlen (many_values), NULL));
}

static char *
make_members (guint count)
{
  g_autoptr (GString) text = g_string_new ("{");

  for (guint i = 0; i < count; i++)
    g_string_append_printf (text, "%s\"m%u\":%u", i > 0 ? "," : "", i, i);
  g_string_append_c (text, '}');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* An object holds up to ten thousand members. */
static void
test_json_guard_members (void)
{
  g_autofree char *most = make_members (10000);
  g_autofree char *more = make_members (10001);

  assert_accepted (most, strlen (most));
  assert_refused (more, strlen (more));
}

/* A document larger than its sort may be is refused before anything else. */
static void
test_json_guard_size (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("{\"a\":1}", 7);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = onward_json_guard_parse (bytes, 7, &error);

  g_assert_no_error (error);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (root), "a"), ==, 1);
  g_assert_null (onward_json_guard_parse (bytes, 6, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

/* Every prefix of a document is refused, and the message says where. */
static void
test_json_guard_prefixes (void)
{
  const char *text = "{\"a\":[1,-20,{\"b\\n\":\"\\ud83d\\ude00é\"}],\"c\":null}";
  g_autoptr (GError) error = NULL;

  for (gsize size = 0; size < strlen (text); size++)
    assert_refused (text, size);
  assert_accepted (text, strlen (text));

  g_assert_false (onward_json_guard_check ("{\"a\":x}", 7, &error));
  g_assert_cmpstr (error->message, ==, "JSON at byte 5: a value was expected");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/json-guard/accepts", test_json_guard_accepts);
  g_test_add_func ("/json-guard/refuses/syntax", test_json_guard_refuses_syntax);
  g_test_add_func ("/json-guard/refuses/numbers", test_json_guard_refuses_numbers);
  g_test_add_func ("/json-guard/refuses/strings", test_json_guard_refuses_strings);
  g_test_add_func ("/json-guard/refuses/duplicates", test_json_guard_refuses_duplicates);
  g_test_add_func ("/json-guard/depth", test_json_guard_depth);
  g_test_add_func ("/json-guard/limits", test_json_guard_limits);
  g_test_add_func ("/json-guard/members", test_json_guard_members);
  g_test_add_func ("/json-guard/size", test_json_guard_size);
  g_test_add_func ("/json-guard/prefixes", test_json_guard_prefixes);

  return g_test_run ();
}
