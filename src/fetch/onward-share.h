/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-block-grid.h"
#include "onward-stretch.h"

G_BEGIN_DECLS

/**
 * ONWARD_SHARE_UNDER_WAY:
 *
 * So many bytes beyond where it is, a lane may have asked of its connection already: they cannot be
 * taken from it.
 */
#define ONWARD_SHARE_UNDER_WAY (512 * 1024)

/* Where the part of a stretch begins that others take over. Pure. */
guint64 onward_share_find_begin (const OnwardBlockGrid *grid, const OnwardStretch *stretch,
                                 guint64 rest, guint64 share);

G_END_DECLS
