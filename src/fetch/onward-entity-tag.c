/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-entity-tag.h"

#define LONGEST_TAG 256

/**
 * onward_entity_tag_parse:
 * @value: (nullable): the value of an ETag header
 *
 * A tag is stored and sent back, so one that is long or holds anything but printable ASCII in
 * quotes counts as none.
 *
 * Returns: (transfer full) (nullable): the tag as it was sent
 */
char *
onward_entity_tag_parse (const char *value)
{
  const char *opaque = value;
  gsize length = 0;

  if (value == NULL || strlen (value) > LONGEST_TAG)
    return NULL;
  if (g_str_has_prefix (opaque, "W/"))
    opaque += 2;

  length = strlen (opaque);
  if (length < 2 || opaque[0] != '"' || opaque[length - 1] != '"')
    return NULL;
  for (gsize i = 1; i < length - 1; i++)
    if (!g_ascii_isgraph (opaque[i]) || opaque[i] == '"')
      return NULL;
  return g_strdup (value);
}

/**
 * onward_entity_tag_is_strong:
 * @tag: (nullable): a tag from onward_entity_tag_parse()
 *
 * Only a strong tag promises the same bytes (RFC 9110 §8.8.1), so only a strong one may join what
 * came before to what comes now.
 *
 * Returns: whether it is strong
 */
gboolean
onward_entity_tag_is_strong (const char *tag)
{
  return tag != NULL && tag[0] == '"';
}
