/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-json-guard.h"
#include "onward-json.h"

static const char *const names[] = { "s", "i", "b", "o", "a", "n", "missing" };

static JsonNode *
parse_sample (void)
{
  const char *text = "{\"s\":\"text\",\"i\":42,\"b\":true,\"o\":{\"x\":1},\"a\":[1,2],\"n\":null}";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (GError) error = NULL;
  JsonNode *root = onward_json_guard_parse (bytes, 1000, &error);

  g_assert_no_error (error);
  return root;
}

static gboolean
read_as (char type, JsonObject *object, const char *name, GError **error)
{
  const char *string;
  gboolean boolean;
  gint64 integer;
  JsonObject *member;
  JsonArray *array;

  switch (type)
    {
    case 's':
      return onward_json_get_string (object, name, &string, error);
    case 'i':
      return onward_json_get_integer (object, name, 0, 100, &integer, error);
    case 'b':
      return onward_json_get_boolean (object, name, &boolean, error);
    case 'o':
      return onward_json_get_object (object, name, &member, error);
    default:
      return onward_json_get_array (object, name, &array, error);
    }
}

/* Each reader takes its own type and no other; the message names the member. */
static void
test_json_types (void)
{
  g_autoptr (JsonNode) root = parse_sample ();
  JsonObject *object = json_node_get_object (root);

  for (const char *type = "siboa"; *type != '\0'; type++)
    for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
      {
        g_autoptr (GError) error = NULL;

        if (read_as (*type, object, names[i], &error))
          g_assert_true (names[i][0] == *type && names[i][1] == '\0');
        else
          {
            g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
            g_assert_nonnull (strstr (error->message, names[i]));
            g_assert_false (names[i][0] == *type && names[i][1] == '\0');
          }
      }
}

/* The readers give what stands there. */
static void
test_json_values (void)
{
  g_autoptr (JsonNode) root = parse_sample ();
  g_autoptr (GError) error = NULL;
  JsonObject *object = onward_json_node_get_object (root, "the sample", &error);
  const char *string = NULL;
  JsonObject *member = NULL;
  JsonArray *array = NULL;
  gboolean boolean = FALSE;
  gint64 integer = 0;

  g_assert_true (onward_json_get_string (object, "s", &string, &error));
  g_assert_cmpstr (string, ==, "text");
  g_assert_true (onward_json_get_integer (object, "i", 42, 42, &integer, &error));
  g_assert_cmpint (integer, ==, 42);
  g_assert_true (onward_json_get_boolean (object, "b", &boolean, &error));
  g_assert_true (boolean);
  g_assert_true (onward_json_get_object (object, "o", &member, &error));
  g_assert_true (onward_json_has (member, "x"));
  g_assert_false (onward_json_has (member, "y"));
  g_assert_true (onward_json_get_array (object, "a", &array, &error));
  g_assert_cmpuint (json_array_get_length (array), ==, 2);
  g_assert_no_error (error);
}

/* Integers out of range are refused and leave the output alone. */
static void
test_json_range (void)
{
  g_autoptr (JsonNode) root = parse_sample ();
  JsonObject *object = json_node_get_object (root);
  gint64 value = 7;

  g_assert_false (onward_json_get_integer (object, "i", 0, 41, &value, NULL));
  g_assert_false (onward_json_get_integer (object, "i", 43, 100, &value, NULL));
  g_assert_cmpint (value, ==, 7);
}

/* A node that holds no object is refused by what it should have been. */
static void
test_json_node (void)
{
  g_autoptr (JsonNode) root = parse_sample ();
  JsonNode *array = json_object_get_member (json_node_get_object (root), "a");
  g_autoptr (GError) error = NULL;

  g_assert_null (onward_json_node_get_object (array, "a pack", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_cmpstr (error->message, ==, "Reading a pack: it is not an object");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/json/types", test_json_types);
  g_test_add_func ("/json/values", test_json_values);
  g_test_add_func ("/json/range", test_json_range);
  g_test_add_func ("/json/node", test_json_node);

  return g_test_run ();
}
