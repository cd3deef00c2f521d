/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-tree.h"

G_BEGIN_DECLS

GVariant *onward_pack_change_make (GVariant *head, OnwardTree *old_tree, OnwardTree *tree,
                                   GError **error);

G_END_DECLS
