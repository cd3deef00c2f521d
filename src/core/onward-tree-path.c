/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-tree-path.h"

#include <string.h>

#include "onward-error.h"

#define MAX_COMPONENT_SIZE 200

static gboolean
is_ascii (const char *text)
{
  for (; *text != '\0'; text++)
    if ((guchar) *text >= 0x80)
      return FALSE;
  return TRUE;
}

/* Characters that show nothing, end a line or turn the direction of what follows. */
static gboolean
is_deceptive (gunichar c)
{
  return (c >= 0x80 && c <= 0x9f) || c == 0x61c || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* Why non-ASCII text does not do as a name, or NULL. */
static const char *
find_fault_in_unicode (const char *text)
{
  g_autofree char *composed = NULL;

  if (!g_utf8_validate (text, -1, NULL))
    return "it is not UTF-8";

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    if (is_deceptive (g_utf8_get_char (at)))
      return "it contains a control character";

  composed = g_utf8_normalize (text, -1, G_NORMALIZE_DEFAULT_COMPOSE);
  return g_str_equal (composed, text) ? NULL : "it is not in Unicode normal form C";
}

static const char *
find_fault_in_text (const char *text, gsize size)
{
  if (size == 0)
    return "it is empty";
  if (size > ONWARD_TREE_PATH_MAX_SIZE)
    return "it is too long";

  for (const char *at = text; *at != '\0'; at++)
    if ((guchar) *at < 0x20 || *at == 0x7f)
      return "it contains a control character";
  return is_ascii (text) ? NULL : find_fault_in_unicode (text);
}

/* Other systems drop a dot or a space at the end, and then two names are one. */
static const char *
find_fault_in_component (const char *component, gsize size)
{
  if (size == 0)
    return "a component is empty";
  if (size > MAX_COMPONENT_SIZE)
    return "a component is too long";
  if (component[size - 1] == '.' || component[size - 1] == ' ')
    return "a component ends with a dot or a space";
  return NULL;
}

/* Moves @cursor behind the next component and tells its size; FALSE after the last one. */
static gboolean
next_component (const char **cursor, const char **ret_component, gsize *ret_size)
{
  if (*cursor == NULL)
    return FALSE;

  *ret_component = *cursor;
  *ret_size = strcspn (*cursor, "/");
  *cursor = (*cursor)[*ret_size] == '/' ? *cursor + *ret_size + 1 : NULL;
  return TRUE;
}

static const char *
find_fault_in_path (const char *path)
{
  const char *fault = find_fault_in_text (path, strlen (path));
  const char *cursor = path;
  const char *component;
  gsize size;
  guint depth = 0;

  if (g_ascii_strcasecmp (path, ONWARD_TREE_PATH_MARK) == 0)
    return "an install has another use for that name";
  while (fault == NULL && next_component (&cursor, &component, &size))
    {
      fault = find_fault_in_component (component, size);
      if (fault == NULL && ++depth > ONWARD_TREE_PATH_MAX_DEPTH)
        fault = "it has too many components";
    }
  return fault;
}

static gboolean
refuse (GError **error, const char *path, const char *why)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Path “%s”: %s", shown, why);
  return FALSE;
}

/**
 * onward_tree_path_check:
 * @path: a path from anywhere
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Checks the grammar of a path in a tree: relative; 1 to 32 components of 1 to 200 bytes, not "."
 * or "..", not ending with a dot or a space; UTF-8 in normal form C, without control characters,
 * marks of direction or other deceptive characters; at most 2048 bytes in all; not a name of ours.
 *
 * Returns: whether @path may stand in a tree
 */
gboolean
onward_tree_path_check (const char *path, GError **error)
{
  const char *fault;

  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  fault = find_fault_in_path (path);
  return fault == NULL || refuse (error, path, fault);
}

static gboolean
is_dots (const char *component, gsize size)
{
  return (size == 1 || size == 2) && strncmp (component, "..", size) == 0;
}

static int
count_slashes (const char *path)
{
  int count = 0;

  for (; *path != '\0'; path++)
    count += *path == '/';
  return count;
}

static const char *
find_fault_in_link (const char *path, const char *target)
{
  const char *fault = find_fault_in_text (target, strlen (target));
  const char *cursor = target;
  const char *component;
  gsize size;
  int depth = count_slashes (path);

  while (fault == NULL && next_component (&cursor, &component, &size))
    {
      if (!is_dots (component, size))
        {
          fault = find_fault_in_component (component, size);
          depth++;
        }
      else if (size == 2 && --depth < 0)
        fault = "it leads out of the application";
    }
  return fault;
}

/**
 * onward_tree_path_check_link:
 * @path: the path of a symlink, by onward_tree_path_check()
 * @target: where it points
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Checks by its text alone that a link is relative, obeys the grammar of paths apart from "." and
 * "..", and never climbs above the root.
 *
 * Returns: whether it does
 */
gboolean
onward_tree_path_check_link (const char *path, const char *target, GError **error)
{
  const char *fault;

  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (target != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  fault = target[0] == '/' ? "it is absolute" : find_fault_in_link (path, target);
  if (fault == NULL)
    return TRUE;

  (void) refuse (error, target, fault);
  g_prefix_error (error, "Link “%s”: ", path);
  return FALSE;
}

/**
 * onward_tree_path_fold:
 * @path: a path, by onward_tree_path_check()
 *
 * Gives what a file system that ignores case would take the path for: paths with one key cannot
 * live in one folder everywhere.
 *
 * Returns: (transfer full): the key
 */
char *
onward_tree_path_fold (const char *path)
{
  g_autofree char *folded = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  if (is_ascii (path))
    return g_ascii_strdown (path, -1);

  folded = g_utf8_casefold (path, -1);
  return g_utf8_normalize (folded, -1, G_NORMALIZE_DEFAULT);
}
