/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-file-info.h"
#include "onward-root.h"

G_BEGIN_DECLS

/* Where a document lies: with @version 0, its name carries none; (transfer full). */
char  *onward_trust_path_of_document      (const char *quoted_name, gint64 version);
/* The same for what timestamp or snapshot describe, as @root wants it; (transfer full). */
char  *onward_trust_path_of_listed        (OnwardRoot *root, const char *quoted_name,
                                           OnwardFileInfo *info);
/* The most bytes to accept of it. */
gsize  onward_trust_path_get_max_size     (OnwardRoleKind kind, OnwardFileInfo *info);

G_END_DECLS
