/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-content.h"

G_BEGIN_DECLS

/**
 * OnwardContentAhead:
 *
 * Opens files of the current version ahead of who takes them, on all cores, since it is hashing
 * them that takes long. They are given out in order, so that what is done with them does not depend
 * on which is ready first.
 */
typedef struct _OnwardContentAhead OnwardContentAhead;

/* @entries: whose content is wanted, in this order. */
OnwardContentAhead *onward_content_ahead_new  (OnwardContent *content, GPtrArray *entries,
                                               GCancellable *cancellable);
void                onward_content_ahead_free (OnwardContentAhead *self);
/* onward_content_open() of the next entry. */
int                 onward_content_ahead_take (OnwardContentAhead *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardContentAhead, onward_content_ahead_free)

G_END_DECLS
