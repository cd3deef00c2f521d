/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "onward-button.h"
#include "onward-status.h"
#include "onward-subject.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_WINDOW (onward_window_get_type ())

/* The updater's one window. It renders a status and says what its user wants; it holds no rule and
 * knows nothing of how an update is made.
 *
 * Emits "intent" (OnwardIntent as uint, seconds as uint: when to remind). */
G_DECLARE_FINAL_TYPE (OnwardWindow, onward_window, ONWARD, WINDOW, GtkApplicationWindow)

OnwardWindow *onward_window_new            (GtkApplication *application);
/* Whose update it is; takes effect with the next status. (transfer full) */
void          onward_window_set_open       (OnwardWindow *self, guint n_open);
/* What an update has to wait for, in percent, 0 for nothing; takes effect with the next status. */
void          onward_window_set_battery    (OnwardWindow *self, guint charge);
void          onward_window_set_subject    (OnwardWindow *self, OnwardSubject *subject);
void          onward_window_render         (OnwardWindow *self, OnwardStatus *status);
/* Shows why what was asked last could not be begun, until the next status. */
void          onward_window_render_refusal (OnwardWindow *self, OnwardStatus *status,
                                            const GError *refusal);

G_END_DECLS
