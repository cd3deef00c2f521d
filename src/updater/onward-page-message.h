/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "onward-wording.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_PAGE_MESSAGE (onward_page_message_get_type ())

/* All is well: ready to install, installed, or up to date. */
G_DECLARE_FINAL_TYPE (OnwardPageMessage, onward_page_message, ONWARD, PAGE_MESSAGE, GtkBox)

void onward_page_message_render (OnwardPageMessage *self, const OnwardWording *wording,
                                 const OnwardSubject *subject);

G_END_DECLS
