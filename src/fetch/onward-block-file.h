/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-block-map.h"

G_BEGIN_DECLS

/**
 * OnwardBlockFile:
 *
 * A file that fills block by block, each block hashed as its bytes arrive and proven by its
 * digest. Plain blocking functions for a worker thread; one thread at a time.
 */
typedef struct _OnwardBlockFile OnwardBlockFile;

/**
 * OnwardBlockResult:
 * @verified: how many blocks were completed and proven
 * @bad: how many blocks were completed and have another digest than promised
 * @bad_block: the first of those
 * @is_blamed: whether all bytes of @bad_block came from the present source
 *
 * What a write brought, added up over writes.
 */
typedef struct
{
  guint verified;
  guint bad;
  guint64 bad_block;
  gboolean is_blamed;
} OnwardBlockResult;

OnwardBlockFile *onward_block_file_new            (const char *path, guint64 size,
                                                   guint32 block_size, GBytes *digests);
void             onward_block_file_free           (OnwardBlockFile *self);
OnwardBlockMap  *onward_block_file_get_map        (OnwardBlockFile *self);

gboolean         onward_block_file_open           (OnwardBlockFile *self, GError **error);
gboolean         onward_block_file_recheck        (OnwardBlockFile *self, const OnwardRanges *hints,
                                                   GCancellable *cancellable, GError **error);
gboolean         onward_block_file_write          (OnwardBlockFile *self, guint64 offset,
                                                   const guint8 *data, gsize size,
                                                   OnwardBlockResult *inout_result,
                                                   GError **error);
gboolean         onward_block_file_sync           (OnwardBlockFile *self, GError **error);
void             onward_block_file_change_source  (OnwardBlockFile *self);
void             onward_block_file_drop_beginning (OnwardBlockFile *self);
gboolean         onward_block_file_get_beginning  (OnwardBlockFile *self,
                                                   OnwardRange *ret_beginning);
OnwardRanges    *onward_block_file_get_received   (OnwardBlockFile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardBlockFile, onward_block_file_free)

G_END_DECLS
