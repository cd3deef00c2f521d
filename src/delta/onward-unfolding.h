/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-make.h"

G_BEGIN_DECLS

/**
 * OnwardUnfolding:
 *
 * Both sides of a delta, with what is deflated in them inflated.
 */
typedef struct _OnwardUnfolding OnwardUnfolding;

/* NULL when there is nothing to inflate. */
OnwardUnfolding *onward_unfolding_new              (GPtrArray *old_contents,
                                                    GPtrArray *new_contents,
                                                    GCancellable *cancellable);
void             onward_unfolding_free             (OnwardUnfolding *self);
GPtrArray       *onward_unfolding_list_old         (const OnwardUnfolding *self);
GPtrArray       *onward_unfolding_list_new         (const OnwardUnfolding *self);
/* Forgets what of the old bytes no cover needs: of OnwardCover, which are moved. */
void             onward_unfolding_prune            (OnwardUnfolding *self, GArray *covers);
void             onward_unfolding_append           (const OnwardUnfolding *self,
                                                    OnwardDeltaEffort effort, GByteArray *delta);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardUnfolding, onward_unfolding_free)

G_END_DECLS
