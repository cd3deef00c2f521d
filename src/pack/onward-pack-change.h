/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-tree.h"

G_BEGIN_DECLS

/* What the head of a delta pack says to who has the old tree: the size of the new tree's rows, the
 * delta that makes them of the old tree's, frames (method, stored size, size, the old entries they
 * start from), and the new entries whose content is in each frame. */
#define ONWARD_PACK_CHANGE_TYPE "(taya(yttay)ay)"

GVariant *onward_pack_change_expand (GVariant *change, OnwardTree *old_tree, GError **error);

G_END_DECLS
