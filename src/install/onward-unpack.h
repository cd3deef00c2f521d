/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-reader.h"
#include "onward-stager.h"

G_BEGIN_DECLS

/**
 * OnwardUnpack:
 *
 * Which files come out of which frame of a pack, so that each frame is read once.
 */
typedef struct _OnwardUnpack OnwardUnpack;

OnwardUnpack *onward_unpack_new          (OnwardPackReader *reader, OnwardStager *stager);
void          onward_unpack_free         (OnwardUnpack *self);
/* Wants the content of a file. FALSE when the pack does not carry it. */
gboolean      onward_unpack_add          (OnwardUnpack *self, const OnwardTreeEntry *entry,
                                          GError **error);
/* The frames that hold something wanted, in the order of the pack; (element guint). */
GArray       *onward_unpack_list_frames  (OnwardUnpack *self);
/* The files wanted of a frame: (transfer none) (element OnwardTreeEntry). */
GPtrArray    *onward_unpack_get_entries  (OnwardUnpack *self, guint frame);
/* Reads a frame and writes all that is wanted of it. Blocking. */
gboolean      onward_unpack_frame        (OnwardUnpack *self, guint frame,
                                          GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardUnpack, onward_unpack_free)

G_END_DECLS
