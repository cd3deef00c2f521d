/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-successor.h"

G_BEGIN_DECLS

/* Which new executables are the successors of which old ones, by most covered bytes: of
 * OnwardSuccession. Splits @covers so that none reaches over a successor's start or end. */
GArray *onward_heritage_find (const OnwardParts *old_parts, const OnwardParts *new_parts,
                              GArray *covers);

G_END_DECLS
