/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-trust-path.h"

/**
 * onward_trust_path_of_document:
 * @quoted_name: the quoted name of a role
 * @version: the version the name carries, or 0
 *
 * Returns: (transfer full): where the document lies below the repository
 */
char *
onward_trust_path_of_document (const char *quoted_name, gint64 version)
{
  g_return_val_if_fail (quoted_name != NULL, NULL);

  if (version > 0)
    return g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".%s.json", version, quoted_name);
  return g_strdup_printf ("metadata/%s.json", quoted_name);
}

/**
 * onward_trust_path_of_listed:
 * @root: the trusted root, which says whether names carry versions (TUF specification 6.2)
 * @quoted_name: the quoted name of a role
 * @info: what timestamp or snapshot says of its document
 *
 * Returns: (transfer full): where the document lies below the repository
 */
char *
onward_trust_path_of_listed (OnwardRoot *root, const char *quoted_name, OnwardFileInfo *info)
{
  g_return_val_if_fail (root != NULL, NULL);
  g_return_val_if_fail (info != NULL, NULL);

  return onward_trust_path_of_document (
      quoted_name, onward_root_is_consistent (root) ? onward_file_info_get_version (info) : 0);
}

/**
 * onward_trust_path_get_max_size:
 * @kind: what the document is
 * @info: (nullable): what is signed of it
 *
 * Returns: the most bytes it may have: what is signed, and never more than its kind may have
 */
gsize
onward_trust_path_get_max_size (OnwardRoleKind kind, OnwardFileInfo *info)
{
  gsize cap = onward_role_kind_get_cap (kind);

  if (info == NULL || onward_file_info_get_length (info) < 0)
    return cap;
  return MIN (cap, (gsize) onward_file_info_get_length (info));
}
