/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-head.h"
#include "onward-pack-supply.h"

G_BEGIN_DECLS

/**
 * OnwardPackReader:
 *
 * Takes frames out of a pack file, of which only the frames asked for need be there.
 */
typedef struct _OnwardPackReader OnwardPackReader;

/* Receives consecutive uncompressed pieces of a frame; FALSE with @error stops. */
typedef gboolean (*OnwardFrameSink) (guint64 offset, gconstpointer data, gsize size,
                                     gpointer user_data, GError **error);
/* Gives the old content with this digest, for delta frames; NULL with @error when there is none. */
typedef GBytes *(*OnwardReferenceSource) (const OnwardDigest *digest, guint64 size,
                                          gpointer user_data, GError **error);

/* Takes @fd over. */
OnwardPackReader *onward_pack_reader_new        (int fd, OnwardPackHead *head);
/* Of a pack that is still on its way: reading a frame waits for what it needs. */
OnwardPackReader *onward_pack_reader_new_arriving
                                                (const OnwardPackSupply *supply,
                                                 OnwardPackHead *head);
void              onward_pack_reader_free       (OnwardPackReader *self);
OnwardPackHead   *onward_pack_reader_get_head   (OnwardPackReader *self);
void              onward_pack_reader_set_source (OnwardPackReader *self,
                                                 OnwardReferenceSource source, gpointer user_data);
/* Where deltas keep what is too much for memory: @dirfd is not taken over; -1: in memory. */
void              onward_pack_reader_set_scratch (OnwardPackReader *self, int dirfd);
/* Whether all of frame @index is there. */
gboolean          onward_pack_reader_has_frame  (OnwardPackReader *self, guint index);
/* Whether its first bytes are, or it begins with something else; if not, news is to be waited for:
 * @inout_seen is 0 at first. */
gboolean          onward_pack_reader_can_begin  (OnwardPackReader *self, guint index);
gboolean          onward_pack_reader_wait_news  (OnwardPackReader *self, guint *inout_seen,
                                                GCancellable *cancellable, GError **error);
/* Streams frame @index through @sink in bounded memory: exactly its size, or an error. Blocking. */
gboolean          onward_pack_reader_read_frame (OnwardPackReader *self, guint index,
                                                 OnwardFrameSink sink, gpointer user_data,
                                                 GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardPackReader, onward_pack_reader_free)

G_END_DECLS
