/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-names.h"

#include <string.h>

#include "onward-error.h"
#include "onward-json.h"

#define MAX_NAME_LENGTH 64
#define MAX_NAMES       256

static gboolean
refuse (GError **error, const char *name, const char *why)
{
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Reading member “%s”: %s", name, why);
  return FALSE;
}

/**
 * onward_names_is_name:
 * @text: text
 *
 * Channels, platforms, components and capabilities become parts of paths and of command lines.
 *
 * Returns: whether @text may be the name of one
 */
gboolean
onward_names_is_name (const char *text)
{
  gsize length;

  g_return_val_if_fail (text != NULL, FALSE);

  length = strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-");
  return length > 0 && length <= MAX_NAME_LENGTH && text[length] == '\0' &&
         g_ascii_isalnum (text[0]);
}

/**
 * onward_names_read:
 * @object: an object
 * @name: a member that may be there
 * @ret_names: (out) (transfer full): the names in it; none when it is absent
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Returns: whether the member is absent or an array of names
 */
gboolean
onward_names_read (JsonObject *object, const char *name, char ***ret_names, GError **error)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  JsonArray *array = NULL;

  if (onward_json_has (object, name) && !onward_json_get_array (object, name, &array, error))
    return FALSE;
  if (array != NULL && json_array_get_length (array) > MAX_NAMES)
    return refuse (error, name, "it has too many elements");

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (json_node_get_value_type (node) != G_TYPE_STRING ||
          !onward_names_is_name (json_node_get_string (node)))
        return refuse (error, name, "an element is not a plain name");
      g_strv_builder_add (names, json_node_get_string (node));
    }

  *ret_names = g_strv_builder_end (names);
  return TRUE;
}

/**
 * onward_names_add:
 * @object: an object
 * @name: a member to set
 * @names: (array zero-terminated=1): names
 *
 * Writes what onward_names_read() reads.
 */
void
onward_names_add (JsonObject *object, const char *name, const char *const *names)
{
  JsonArray *array = json_array_new ();

  for (gsize i = 0; names[i] != NULL; i++)
    json_array_add_string_element (array, names[i]);
  json_object_set_array_member (object, name, array);
}
