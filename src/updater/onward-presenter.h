/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "onward-button.h"
#include "onward-client.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_PRESENTER (onward_presenter_get_type ())

/* Stands between one update and its window: passes every status to the one and every intent to the
 * other, and tells by notices what happens while the window is hidden. */
G_DECLARE_FINAL_TYPE (OnwardPresenter, onward_presenter, ONWARD, PRESENTER, GObject)

OnwardPresenter *onward_presenter_new         (GtkApplication *application, OnwardClient *client);
void             onward_presenter_begin       (OnwardPresenter *self, gboolean background);
void             onward_presenter_present     (OnwardPresenter *self);
void             onward_presenter_take_intent (OnwardPresenter *self, OnwardIntent intent,
                                               guint seconds);

G_END_DECLS
