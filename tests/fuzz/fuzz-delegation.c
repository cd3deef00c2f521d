/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include <string.h>

#include "onward-delegation.h"
#include "onward-json-guard.h"
#include "onward-path-pattern.h"
#include "onward-role-name.h"

#define MAX_SIZE (64 * 1024)

/* A name is one component wherever it goes. */
static void
check_name (const char *name)
{
  g_autofree char *file = onward_role_name_dup_file (name);
  g_autofree char *quoted = onward_role_name_quote (name);

  g_assert_null (strchr (file, '/'));
  g_assert_null (strchr (quoted, '/'));
  g_assert_cmpuint (strlen (file), <=, 200);
  g_assert_true (file[strspn (file, ".")] != '\0');
}

/* The first line is the name of a target; the rest is whom a key holder delegates to. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const uint8_t *end = size > 0 ? memchr (data, '\n', size) : NULL;
  g_autofree char *target = NULL;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GPtrArray) all = NULL;

  if (end == NULL)
    return 0;
  target = g_strndup ((const char *) data, (gsize) (end - data));
  if (!g_utf8_validate (target, -1, NULL))
    return 0;
  check_name (target);
  if (strpbrk (target, "*?[") == NULL)
    g_assert_true (onward_path_pattern_matches (target, target));

  text = g_bytes_new_static (end + 1, size - (gsize) (end + 1 - data));
  node = onward_json_guard_parse (text, MAX_SIZE, NULL);
  if (node == NULL)
    return 0;
  all = onward_delegation_parse_all (json_node_get_object (node), NULL);
  for (guint i = 0; all != NULL && i < all->len; i++)
    {
      check_name (onward_delegation_get_name (g_ptr_array_index (all, i)));
      (void) onward_delegation_covers (g_ptr_array_index (all, i), target);
    }
  return 0;
}
