/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-receipt.h"

#include <string.h>

#include "onward-error.h"

/* "/NAME/NAME" and a line's end before the tree, when there is anything to name. No tree begins
 * like this, since it begins with a path, and none is absolute. */
#define SEPARATOR "/"

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, why);
  return FALSE;
}

/**
 * onward_receipt_serialize:
 * @tree: a tree, of which components may be left out
 *
 * Returns: (transfer full): its receipt
 */
GBytes *
onward_receipt_serialize (OnwardTree *tree)
{
  g_autoptr (GByteArray) receipt = g_byte_array_new ();
  const char *const *absent;
  gconstpointer data;
  gsize size;

  g_return_val_if_fail (tree != NULL, NULL);

  absent = onward_tree_get_absent (tree);
  for (guint i = 0; absent[i] != NULL; i++)
    {
      g_byte_array_append (receipt, (const guint8 *) SEPARATOR, 1);
      g_byte_array_append (receipt, (const guint8 *) absent[i], (guint) strlen (absent[i]));
    }
  if (receipt->len == 0)
    return g_bytes_ref (onward_tree_get_bytes (tree));

  data = g_bytes_get_data (onward_tree_get_bytes (tree), &size);
  g_byte_array_append (receipt, (const guint8 *) "\n", 1);
  g_byte_array_append (receipt, data, (guint) size);
  return g_byte_array_free_to_bytes (g_steal_pointer (&receipt));
}

/* Splits the line off that may stand before the tree; NULL when there is none. */
static gboolean
split (GBytes *bytes, GBytes **ret_tree, char ***ret_absent, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  const char *end;
  g_autofree char *line = NULL;

  if (size == 0 || data[0] != SEPARATOR[0])
    {
      *ret_tree = g_bytes_ref (bytes);
      return TRUE;
    }

  end = memchr (data, '\n', MIN (size, ONWARD_RECEIPT_MAX_BYTES - ONWARD_TREE_MAX_BYTES));
  if (end == NULL)
    return refuse (error, "The names of what is left out do not end");

  line = g_strndup (data + 1, (gsize) (end - data) - 1);
  *ret_absent = g_strsplit (line, SEPARATOR, -1);
  *ret_tree =
      g_bytes_new_from_bytes (bytes, (gsize) (end + 1 - data), size - 1 - (gsize) (end - data));
  return TRUE;
}

/**
 * onward_receipt_parse:
 * @bytes: a receipt
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Reads what onward_receipt_serialize() has written. The tree is checked by all its rules.
 *
 * Returns: (transfer full): the tree, without the components that are not here
 */
OnwardTree *
onward_receipt_parse (GBytes *bytes, GError **error)
{
  g_autoptr (GBytes) tree_bytes = NULL;
  g_autoptr (OnwardTree) whole = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  g_auto (GStrv) absent = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!split (bytes, &tree_bytes, &absent, error))
    return NULL;
  whole = onward_tree_parse (tree_bytes, error);
  if (whole == NULL || absent == NULL)
    return g_steal_pointer (&whole);

  tree = onward_tree_leave_out (whole, (const char *const *) absent);
  if (absent[0] != NULL &&
      g_strv_equal (onward_tree_get_absent (tree), (const char *const *) absent))
    return g_steal_pointer (&tree);

  (void) refuse (error, "It leaves out what is no component, or not in order");
  return NULL;
}

/**
 * onward_receipt_equal:
 * @a: a tree
 * @b: another
 *
 * Returns: whether they have the same receipt: all that is in them, and what is left out
 */
gboolean
onward_receipt_equal (OnwardTree *a, OnwardTree *b)
{
  return onward_digest_equal (onward_tree_get_digest (a), onward_tree_get_digest (b)) &&
         g_strv_equal (onward_tree_get_absent (a), onward_tree_get_absent (b));
}
