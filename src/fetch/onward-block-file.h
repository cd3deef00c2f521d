/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-block-grid.h"
#include "onward-hasher.h"
#include "onward-ranges.h"

G_BEGIN_DECLS

/**
 * OnwardBlockFile:
 *
 * A file that fills block by block, and the digests its blocks have to have. Once open it does not
 * change, unless it is renewed, so that several threads can write to different parts of it. Plain
 * blocking functions.
 */
typedef struct _OnwardBlockFile OnwardBlockFile;

OnwardBlockFile       *onward_block_file_new      (const char *path, const OnwardBlockGrid *grid,
                                                   GBytes *digests);
OnwardBlockFile       *onward_block_file_ref      (OnwardBlockFile *self);
void                   onward_block_file_unref    (OnwardBlockFile *self);
const OnwardBlockGrid *onward_block_file_get_grid (OnwardBlockFile *self);

gboolean               onward_block_file_open     (OnwardBlockFile *self, GError **error);
gboolean               onward_block_file_write    (OnwardBlockFile *self, guint64 offset,
                                                   const guint8 *data, gsize size, GError **error);
gsize                  onward_block_file_read     (OnwardBlockFile *self, guint64 offset,
                                                   guint8 *data, gsize size, GError **error);
gboolean               onward_block_file_renew    (OnwardBlockFile *self, const OnwardRanges *kept,
                                                   OnwardRanges *lost, GCancellable *cancellable,
                                                   GError **error);
gboolean               onward_block_file_sync     (OnwardBlockFile *self, GError **error);
/* Blocks get proven by their digest and by nothing else: this is the only place. */
gboolean               onward_block_file_is_right (OnwardBlockFile *self, guint64 block,
                                                   OnwardHasher *hasher);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardBlockFile, onward_block_file_unref)

G_END_DECLS
