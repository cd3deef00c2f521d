/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-block-file.h"
#include "onward-block-result.h"

G_BEGIN_DECLS

/**
 * ONWARD_BLOCK_SINK_NOBODY:
 *
 * The source of what was found on the disk.
 */
#define ONWARD_BLOCK_SINK_NOBODY G_MAXUINT

/**
 * OnwardBlockSink:
 *
 * Where the bytes of one connection go: stored at their place, hashed as they arrive, and each
 * block judged by its digest. It keeps the beginning of a block when the connection ends, for the
 * next one to go on from there. For one side at a time.
 */
typedef struct _OnwardBlockSink OnwardBlockSink;

OnwardBlockSink *onward_block_sink_new            (OnwardBlockFile *file);
void             onward_block_sink_free           (OnwardBlockSink *self);

void             onward_block_sink_allow          (OnwardBlockSink *self,
                                                   const OnwardRanges *allowed);
gboolean         onward_block_sink_write          (OnwardBlockSink *self, guint64 offset,
                                                   const guint8 *data, gsize size,
                                                   OnwardBlockResult *inout_result,
                                                   GError **error);
gboolean         onward_block_sink_reread         (OnwardBlockSink *self, guint64 block,
                                                   guint64 end, guint8 *buffer, gsize size,
                                                   GCancellable *cancellable,
                                                   gboolean *ret_is_proven, GError **error);

/* Who sent the beginning, and what it called the file: what may be joined to it, and what not. */
void             onward_block_sink_set_source     (OnwardBlockSink *self, guint source,
                                                   const char *validator);
const char      *onward_block_sink_get_validator  (OnwardBlockSink *self, guint source);
void             onward_block_sink_drop_beginning (OnwardBlockSink *self);
gboolean         onward_block_sink_get_beginning  (OnwardBlockSink *self,
                                                   OnwardRange *ret_beginning);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardBlockSink, onward_block_sink_free)

G_END_DECLS
