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

OnwardUnpack *onward_unpack_new  (OnwardPackReader *reader, OnwardStager *stager);
void          onward_unpack_free (OnwardUnpack *self);
/* Wants the content of a file. FALSE when the pack does not carry it. */
gboolean      onward_unpack_add  (OnwardUnpack *self, const OnwardTreeEntry *entry,
                                  GError **error);
/* Reads the pack and writes all that is wanted of it. Blocking. */
gboolean      onward_unpack_run  (OnwardUnpack *self, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardUnpack, onward_unpack_free)

G_END_DECLS
