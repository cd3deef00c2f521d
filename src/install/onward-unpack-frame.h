/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-reader.h"
#include "onward-stager.h"

G_BEGIN_DECLS

/* Writes the files @entries that are wanted of one frame; @lock is held while @stager is used. */
gboolean onward_unpack_frame (OnwardPackReader *reader, guint frame, const GPtrArray *entries,
                              OnwardStager *stager, GMutex *lock, GCancellable *cancellable,
                              GError **error);

G_END_DECLS
