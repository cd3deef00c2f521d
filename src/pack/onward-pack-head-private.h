/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-head.h"
#include "onward-pack-location.h"

G_BEGIN_DECLS

GBytes *onward_pack_head_serialize (OnwardTree *old_tree, OnwardTree *tree,
                                    GArray *frames, GArray *locations, GError **error);

G_END_DECLS
