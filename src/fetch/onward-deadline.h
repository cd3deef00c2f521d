/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardDeadline:
 *
 * A cancellable that is cancelled when its time is up or when another one is. Both happen in the
 * main loop, so that it can be freed from any callback.
 */
typedef struct _OnwardDeadline OnwardDeadline;

OnwardDeadline *onward_deadline_new             (GCancellable *parent, guint seconds);
void            onward_deadline_free            (OnwardDeadline *self);
GCancellable   *onward_deadline_get_cancellable (OnwardDeadline *self);
void            onward_deadline_expire          (OnwardDeadline *self, const char *why);
void            onward_deadline_explain         (OnwardDeadline *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardDeadline, onward_deadline_free)

G_END_DECLS
