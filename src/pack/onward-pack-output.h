/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-head.h"

G_BEGIN_DECLS

/**
 * OnwardPackOutput:
 *
 * A pack that is being written: its frames are gathered first, since the head before them tells
 * their sizes.
 */
typedef struct _OnwardPackOutput OnwardPackOutput;

OnwardPackOutput *onward_pack_output_new          (const char *packs_dir, GError **error);
void              onward_pack_output_free         (OnwardPackOutput *self);
guint             onward_pack_output_get_n_frames (OnwardPackOutput *self);
gboolean          onward_pack_output_append       (OnwardPackOutput *self,
                                                   const OnwardFrame *frame, GBytes *stored,
                                                   GError **error);
OnwardPackInfo   *onward_pack_output_finish       (OnwardPackOutput *self, OnwardTree *tree,
                                                   OnwardTree *old_tree, GArray *locations,
                                                   GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardPackOutput, onward_pack_output_free)

G_END_DECLS
