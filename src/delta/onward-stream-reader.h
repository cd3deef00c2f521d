/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-stream.h"

G_BEGIN_DECLS

/**
 * OnwardStreamReader:
 *
 * Uncompresses one stream bit by bit, as far as it is asked for.
 */
typedef struct _OnwardStreamReader OnwardStreamReader;

OnwardStreamReader *onward_stream_reader_new      (OnwardStreamMethod method, const guint8 *data,
                                                   gsize stored_size, guint64 size,
                                                   guint window_log, GBytes *old_bytes,
                                                   GError **error);
void                onward_stream_reader_free     (OnwardStreamReader *self);
guint64             onward_stream_reader_get_left (const OnwardStreamReader *self);
gboolean            onward_stream_reader_read     (OnwardStreamReader *self, guint8 *data,
                                                   gsize size, GError **error);
gboolean            onward_stream_reader_number   (OnwardStreamReader *self, guint64 *ret_number,
                                                   GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardStreamReader, onward_stream_reader_free)

G_END_DECLS
