/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "onward-wording.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_ACTION_BAR (onward_action_bar_get_type ())

/* The buttons at the bottom of the window: in a row, or one above the other where a row does not
 * fit. Emits "intent" (OnwardIntent as uint, seconds as uint: when to remind). */
G_DECLARE_FINAL_TYPE (OnwardActionBar, onward_action_bar, ONWARD, ACTION_BAR, GtkBox)

void onward_action_bar_render (OnwardActionBar *self, OnwardStatus *status,
                               const OnwardWording *wording, const OnwardSubject *subject);

G_END_DECLS
