/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-texts.h"

static OnwardTexts *
read_texts (const char *json, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (json, NULL);

  return onward_texts_new_from_json (json_node_get_object (node), 8, error);
}

static void
assert_lookup (const char *json, const char *languages, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTexts) texts = read_texts (json, &error);
  g_auto (GStrv) list = g_strsplit (languages, ":", -1);

  g_assert_no_error (error);
  g_assert_cmpstr (onward_texts_lookup (texts, (const char *const *) list), ==, expected);
}

/* The reader's language comes first, then English, then any. */
static void
test_texts_lookup (void)
{
  const char *all = "{\"zh_CN\":\"你\",\"en\":\"e\",\"C\":\"c\",\"de\":\"d\"}";

  assert_lookup (all, "zh_CN.UTF-8:zh_CN:zh:C", "你");
  assert_lookup (all, "de_AT:de:C", "d");
  assert_lookup (all, "fr:de:C", "d");
  assert_lookup (all, "fr_FR:fr:C", "e");
  assert_lookup (all, "C", "e");
  assert_lookup (all, "", "e");
  assert_lookup ("{\"zh_CN\":\"你\",\"C\":\"c\"}", "fr:C", "c");
  assert_lookup ("{\"zh_CN\":\"你\",\"de\":\"d\"}", "fr:C", "d");
  assert_lookup ("{\"de\":\"\"}", "de", "");
  assert_lookup ("{}", "de:C", NULL);
}

/* Without a list of languages, English is shown. */
static void
test_texts_no_languages (void)
{
  g_autoptr (OnwardTexts) texts = read_texts ("{\"de\":\"d\",\"en\":\"e\"}", NULL);
  g_autoptr (OnwardTexts) again = onward_texts_ref (texts);

  g_assert_cmpstr (onward_texts_lookup (again, NULL), ==, "e");
}

/* Names that are no languages, values that are no texts and long texts are refused. */
static void
test_texts_refused (void)
{
  const char *bad[] = {
    "{\"en\":1}",
    "{\"en\":null}",
    "{\"en\":[\"x\"]}",
    "{\"\":\"x\"}",
    "{\"en/../x\":\"x\"}",
    "{\"en US\":\"x\"}",
    "{\"中\":\"x\"}",
    "{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":\"x\"}",
    "{\"en\":\"123456789\"}",
    "{\"de\":\"fine\",\"en\":true}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_texts (bad[i], &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

/* A hundred languages are enough. */
static void
test_texts_too_many (void)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (OnwardTexts) texts = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 100; i++)
    {
      g_autofree char *language = g_strdup_printf ("l%d", i);

      json_object_set_string_member (object, language, "x");
    }
  texts = onward_texts_new_from_json (object, 8, &error);
  g_assert_no_error (error);

  json_object_set_string_member (object, "one-more", "x");
  g_assert_null (onward_texts_new_from_json (object, 8, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/texts/lookup", test_texts_lookup);
  g_test_add_func ("/texts/no-languages", test_texts_no_languages);
  g_test_add_func ("/texts/refused", test_texts_refused);
  g_test_add_func ("/texts/too-many", test_texts_too_many);

  return g_test_run ();
}
