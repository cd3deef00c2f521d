/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-repository.h"

G_BEGIN_DECLS

/* The publisher's mirrors: Mirrors= in publish.ini, which clients learn from signed targets. */
GStrv    onward_mirror_list_load   (OnwardRepository *repository);
gboolean onward_mirror_list_add    (OnwardRepository *repository, const char *address,
                                    GError **error);
gboolean onward_mirror_list_remove (OnwardRepository *repository, const char *address,
                                    GError **error);
void     onward_mirror_list_sign   (OnwardRepository *repository, JsonObject *content);

G_END_DECLS
