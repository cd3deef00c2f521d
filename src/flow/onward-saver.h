/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardSaver:
 *
 * Writes a journal's file in a thread: in order, one text at a time, and of those that wait the
 * newest only.
 */
typedef struct _OnwardSaver OnwardSaver;

/* Called in the main loop when all is written; @error is why the newest text could not be. */
typedef void (*OnwardSaverDone) (const GError *error, gpointer user_data);

OnwardSaver *onward_saver_new     (const char *path, OnwardSaverDone done, gpointer user_data);
void         onward_saver_close   (OnwardSaver *self);
void         onward_saver_write   (OnwardSaver *self, const char *text);
gboolean     onward_saver_is_busy (OnwardSaver *self);
void         onward_saver_drain   (OnwardSaver *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardSaver, onward_saver_close)

G_END_DECLS
