/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-json.h"

#include "onward-error.h"

static gboolean
refuse (GError **error, const char *name, const char *why)
{
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Reading member “%s”: %s", name, why);
  return FALSE;
}

static JsonNode *
find_member (JsonObject *object, const char *name, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL)
    (void) refuse (error, name, "it is missing");
  return node;
}

static gboolean
holds_value (JsonNode *node, GType type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

/**
 * onward_json_node_get_object:
 * @node: a node
 * @what: what it is, for the message, e.g. "a pack"
 * @error: set with %ONWARD_ERROR_MALFORMED when it is no object
 *
 * Returns: (transfer none): the object that @node holds, or %NULL
 */
JsonObject *
onward_json_node_get_object (JsonNode *node, const char *what, GError **error)
{
  g_return_val_if_fail (node != NULL, NULL);
  g_return_val_if_fail (what != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Reading %s: it is not an object",
                   what);
      return NULL;
    }
  return json_node_get_object (node);
}

/**
 * onward_json_get_string:
 * @object: an object
 * @name: the name of a member
 * @ret_value: (out) (transfer none): its text, which belongs to @object
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Returns: whether the member is there and a string; if not, @ret_value is untouched
 */
gboolean
onward_json_get_string (JsonObject *object, const char *name, const char **ret_value,
                        GError **error)
{
  JsonNode *node;

  g_return_val_if_fail (object != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (ret_value != NULL, FALSE);

  node = find_member (object, name, error);
  if (node == NULL)
    return FALSE;
  if (!holds_value (node, G_TYPE_STRING))
    return refuse (error, name, "it is not a string");

  *ret_value = json_node_get_string (node);
  return TRUE;
}

/**
 * onward_json_get_integer:
 * @object: an object
 * @name: the name of a member
 * @minimum: the least value allowed
 * @maximum: the greatest value allowed
 * @ret_value: (out): the integer
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Returns: whether the member is there and such an integer; if not, @ret_value is untouched
 */
gboolean
onward_json_get_integer (JsonObject *object, const char *name, gint64 minimum, gint64 maximum,
                         gint64 *ret_value, GError **error)
{
  JsonNode *node;
  gint64 value;

  g_return_val_if_fail (object != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (ret_value != NULL, FALSE);

  node = find_member (object, name, error);
  if (node == NULL)
    return FALSE;
  if (!holds_value (node, G_TYPE_INT64))
    return refuse (error, name, "it is not an integer");

  value = json_node_get_int (node);
  if (value < minimum || value > maximum)
    return refuse (error, name, "it is out of range");

  *ret_value = value;
  return TRUE;
}

/**
 * onward_json_get_boolean:
 * @object: an object
 * @name: the name of a member
 * @ret_value: (out): the boolean
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Returns: whether the member is there and a boolean; if not, @ret_value is untouched
 */
gboolean
onward_json_get_boolean (JsonObject *object, const char *name, gboolean *ret_value, GError **error)
{
  JsonNode *node;

  g_return_val_if_fail (object != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (ret_value != NULL, FALSE);

  node = find_member (object, name, error);
  if (node == NULL)
    return FALSE;
  if (!holds_value (node, G_TYPE_BOOLEAN))
    return refuse (error, name, "it is not a boolean");

  *ret_value = json_node_get_boolean (node);
  return TRUE;
}

/**
 * onward_json_get_object:
 * @object: an object
 * @name: the name of a member
 * @ret_value: (out) (transfer none): the object, which belongs to @object
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Returns: whether the member is there and an object; if not, @ret_value is untouched
 */
gboolean
onward_json_get_object (JsonObject *object, const char *name, JsonObject **ret_value,
                        GError **error)
{
  JsonNode *node;

  g_return_val_if_fail (object != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (ret_value != NULL, FALSE);

  node = find_member (object, name, error);
  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse (error, name, "it is not an object");

  *ret_value = json_node_get_object (node);
  return TRUE;
}

/**
 * onward_json_get_array:
 * @object: an object
 * @name: the name of a member
 * @ret_value: (out) (transfer none): the array, which belongs to @object
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Returns: whether the member is there and an array; if not, @ret_value is untouched
 */
gboolean
onward_json_get_array (JsonObject *object, const char *name, JsonArray **ret_value, GError **error)
{
  JsonNode *node;

  g_return_val_if_fail (object != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (ret_value != NULL, FALSE);

  node = find_member (object, name, error);
  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return refuse (error, name, "it is not an array");

  *ret_value = json_node_get_array (node);
  return TRUE;
}

/**
 * onward_json_has:
 * @object: an object
 * @name: the name of a member
 *
 * Returns: whether the member is there, of whatever type
 */
gboolean
onward_json_has (JsonObject *object, const char *name)
{
  g_return_val_if_fail (object != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  return json_object_has_member (object, name);
}
