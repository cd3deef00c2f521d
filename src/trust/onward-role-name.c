/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-role-name.h"

#include <string.h>

/* With room for ".json" and for what a temporary file adds, below the 255 of file systems. */
#define MAX_FILE_NAME 200

/**
 * onward_role_name_quote:
 * @name: the name of a delegated role, or of a target
 *
 * Quotes every byte but letters, digits and "-._~", so that the name is one component of a path
 * or URL, whatever it holds.
 *
 * Returns: (transfer full): the quoted name
 */
char *
onward_role_name_quote (const char *name)
{
  g_return_val_if_fail (name != NULL, NULL);

  return g_uri_escape_string (name, NULL, FALSE);
}

/**
 * onward_role_name_dup_entry:
 * @name: the name of a delegated role
 *
 * Returns: (transfer full): the name under which snapshot lists its document
 */
char *
onward_role_name_dup_entry (const char *name)
{
  g_return_val_if_fail (name != NULL, NULL);

  return g_strconcat (name, ".json", NULL);
}

/**
 * onward_role_name_dup_file:
 * @name: the name of a delegated role, or of a target
 *
 * A name too long for a file system, or one that means a folder, is replaced by its digest, after a
 * mark that no quoted name has.
 *
 * Returns: (transfer full): a file name that no other name has
 */
char *
onward_role_name_dup_file (const char *name)
{
  g_autofree char *quoted = NULL;
  g_autofree char *digest = NULL;

  g_return_val_if_fail (name != NULL, NULL);

  quoted = onward_role_name_quote (name);
  if (strlen (quoted) <= MAX_FILE_NAME && quoted[strspn (quoted, ".")] != '\0')
    return g_steal_pointer (&quoted);
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);
  return g_strconcat ("%~", digest, NULL);
}
