/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OnwardTrustRequest:
 * @path: what to fetch, below the repository ("metadata/2.root.json")
 * @max_size: the most bytes to accept
 * @may_be_missing: whether "not found" is a legal answer
 *
 * One document a session asks for.
 */
typedef struct
{
  const char *path;
  gsize max_size;
  gboolean may_be_missing;
} OnwardTrustRequest;

G_END_DECLS
