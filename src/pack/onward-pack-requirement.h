/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-info.h"

G_BEGIN_DECLS

/* What a pack requires whose deltas deflate with these levels of zlib (bit n is level n), and whose
 * frames are compressed by these methods. */
GStrv    onward_pack_requirement_list  (guint levels, guint methods);
/* Whether this computer can do what @info requires. Blocking, for some thousandths of a second. */
gboolean onward_pack_requirement_check (OnwardPackInfo *info);

G_END_DECLS
