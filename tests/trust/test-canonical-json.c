/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-canonical-json.h"

#include <string.h>

#include "onward-error.h"
#include "onward-json-guard.h"

/* clang-format off */
static const struct
{
  const char *name;
  const char *json;
  const char *canonical;
} forms[] = {
  { "empty-object", "{}", "{}" },
  { "empty-array", "{\"a\":[]}", "{\"a\":[]}" },
  { "white-space", " { \"a\" :\t[ 1 ,\n2 ] } ", "{\"a\":[1,2]}" },
  { "member-order", "{\"b\":1,\"a\":2,\"B\":3,\"\":4}", "{\"\":4,\"B\":3,\"a\":2,\"b\":1}" },
  { "prefix-first", "{\"ab\":1,\"a\":2,\"a b\":3}", "{\"a\":2,\"a b\":3,\"ab\":1}" },
  { "array-keeps-order", "{\"a\":[3,1,2]}", "{\"a\":[3,1,2]}" },
  { "nested", "{\"z\":{\"y\":[{\"x\":0,\"w\":[]}]}}", "{\"z\":{\"y\":[{\"w\":[],\"x\":0}]}}" },
  { "literals", "{\"t\":true,\"f\":false,\"n\":null}", "{\"f\":false,\"n\":null,\"t\":true}" },
  { "integers", "{\"a\":0,\"b\":-1,\"c\":9007199254740991,\"d\":-9007199254740991}",
    "{\"a\":0,\"b\":-1,\"c\":9007199254740991,\"d\":-9007199254740991}" },
  { "quote", "{\"a\":\"say \\\"hi\\\"\"}", "{\"a\":\"say \\\"hi\\\"\"}" },
  { "backslash", "{\"a\":\"C:\\\\x\"}", "{\"a\":\"C:\\\\x\"}" },
  { "slash-unescaped", "{\"a\":\"b\\/c\"}", "{\"a\":\"b/c\"}" },
  { "unicode-unescaped", "{\"a\":\"\\u00e9\\u4e2d\"}", "{\"a\":\"\u00e9\u4e2d\"}" },
  { "surrogate-pair", "{\"a\":\"\\ud83d\\ude00\"}", "{\"a\":\"\U0001f600\"}" },
  { "raw-utf8", "{\"a\":\"\u00e9\U0001f600\"}", "{\"a\":\"\u00e9\U0001f600\"}" },
  /* UTF-16 order would put the pair before the private-use character. */
  { "code-point-order", "{\"\uff61\":1,\"\U00010002\":2}", "{\"\uff61\":1,\"\U00010002\":2}" },
  { "escaped-name", "{\"\\u0062\":1,\"a\":2}", "{\"a\":2,\"b\":1}" },
  { "delete-stays", "{\"a\":\"\x7f\"}", "{\"a\":\"\x7f\"}" },
};
/* clang-format on */

static char *
canonicalize (const char *json)
{
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = onward_json_guard_parse (bytes, 1 << 20, &error);
  g_autoptr (GBytes) form = NULL;

  g_assert_no_error (error);
  form = onward_canonical_json (node, &error);
  g_assert_no_error (error);
  return g_strndup (g_bytes_get_data (form, NULL), g_bytes_get_size (form));
}

/* Every way of writing a value has the one canonical form that the OLPC page gives it. */
static void
test_forms (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *form = canonicalize (forms[i].json);
  g_autofree char *again = NULL;

  g_assert_cmpstr (form, ==, forms[i].canonical);
  again = canonicalize (form);
  g_assert_cmpstr (again, ==, form);
}

/* A newline in a string, as PEM keys hold it, stands for itself. */
static void
test_control_characters (void)
{
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), "a\nb\tc");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) form = onward_canonical_json (node, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (form, NULL), g_bytes_get_size (form), "\"a\nb\tc\"", 7);
}

/* Numbers with a fraction have no canonical form. */
static void
test_no_floats (void)
{
  g_autoptr (JsonNode) node = json_node_init_double (json_node_alloc (), 1.5);
  g_autoptr (GError) error = NULL;

  g_assert_null (onward_canonical_json (node, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

/* Nodes nested without end are refused before the stack is. */
static void
test_too_deep (void)
{
  g_autoptr (JsonNode) node = json_node_init_null (json_node_alloc ());
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 1000; i++)
    {
      JsonArray *array = json_array_new ();

      json_array_add_element (array, g_steal_pointer (&node));
      node = json_node_init_array (json_node_alloc (), array);
      json_array_unref (array);
    }

  g_assert_null (onward_canonical_json (node, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *path = g_strdup_printf ("/canonical-json/form/%s", forms[i].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_forms);
    }
  g_test_add_func ("/canonical-json/control-characters", test_control_characters);
  g_test_add_func ("/canonical-json/no-floats", test_no_floats);
  g_test_add_func ("/canonical-json/too-deep", test_too_deep);

  return g_test_run ();
}
