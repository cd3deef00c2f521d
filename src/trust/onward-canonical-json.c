/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-canonical-json.h"

#include <string.h>

#include "onward-error.h"

/* Deeper than anything the guard lets through: bounds the stack for nodes that were built here. */
#define MAX_DEPTH 32

/* Only the quote and the backslash are escaped; every other byte stands for itself. */
static void
append_string (GString *text, const char *string)
{
  g_string_append_c (text, '"');
  for (const char *p = string; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_c (text, '\\');
      g_string_append_c (text, *p);
    }
  g_string_append_c (text, '"');
}

static gboolean
append_value (GString *text, JsonNode *node, GError **error)
{
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING:
      append_string (text, json_node_get_string (node));
      return TRUE;
    case G_TYPE_INT64:
      g_string_append_printf (text, "%" G_GINT64_FORMAT, json_node_get_int (node));
      return TRUE;
    case G_TYPE_BOOLEAN:
      g_string_append (text, json_node_get_boolean (node) ? "true" : "false");
      return TRUE;
    default:
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                   "Canonical JSON has no form for a value of type %s", json_node_type_name (node));
      return FALSE;
    }
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

/* Byte order of UTF-8 is code point order. */
static GList *
sort_members (JsonObject *object)
{
  return g_list_sort (json_object_get_members (object), compare_names);
}

static gboolean
append_node (GString *text, JsonNode *node, guint depth, GError **error)
{
  JsonNodeType type = json_node_get_node_type (node);

  if (type == JSON_NODE_VALUE)
    return append_value (text, node, error);
  if (type == JSON_NODE_NULL)
    {
      g_string_append (text, "null");
      return TRUE;
    }
  if (depth == MAX_DEPTH)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "Canonical JSON: nested too deeply");
      return FALSE;
    }

  g_string_append_c (text, type == JSON_NODE_OBJECT ? '{' : '[');
  if (type == JSON_NODE_OBJECT)
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) names = sort_members (object);

      for (GList *l = names; l != NULL; l = l->next)
        {
          append_string (text, l->data);
          g_string_append_c (text, ':');
          if (!append_node (text, json_object_get_member (object, l->data), depth + 1, error))
            return FALSE;
          if (l->next != NULL)
            g_string_append_c (text, ',');
        }
    }
  else
    {
      JsonArray *array = json_node_get_array (node);
      guint length = json_array_get_length (array);

      for (guint i = 0; i < length; i++)
        {
          if (!append_node (text, json_array_get_element (array, i), depth + 1, error))
            return FALSE;
          if (i + 1 < length)
            g_string_append_c (text, ',');
        }
    }
  g_string_append_c (text, type == JSON_NODE_OBJECT ? '}' : ']');
  return TRUE;
}

/**
 * onward_canonical_json:
 * @node: any JSON without floating point numbers
 * @error: return location for ONWARD_ERROR_MALFORMED
 *
 * The one byte sequence that stands for @node whatever its white space, escapes and member order
 * were: members sorted by code point, no white space, only the quote and the backslash escaped
 * (OLPC canonical JSON, as TUF uses it for signatures and key ids). The result is not always JSON:
 * control characters stand for themselves.
 *
 * Returns: (transfer full) (nullable): the canonical form
 */
GBytes *
onward_canonical_json (JsonNode *node, GError **error)
{
  GString *text;

  g_return_val_if_fail (node != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  text = g_string_new (NULL);
  if (!append_node (text, node, 0, error))
    {
      g_string_free (text, TRUE);
      return NULL;
    }
  return g_string_free_to_bytes (text);
}
