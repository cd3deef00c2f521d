/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-command.h"

G_BEGIN_DECLS

/* Shows what becomes of something that takes long: a bar on a terminal, elsewhere a line for each
 * change, or one JSON object each. */
typedef struct _OnwardWatch OnwardWatch;

OnwardWatch  *onward_watch_new   (gboolean json);
void          onward_watch_free  (OnwardWatch *self);
void          onward_watch_show  (OnwardWatch *self, OnwardStatus *status);
/* onward_command_await() for what fetches: a component or a repair. */
GAsyncResult *onward_watch_await (OnwardCommand *command);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardWatch, onward_watch_free)

G_END_DECLS
