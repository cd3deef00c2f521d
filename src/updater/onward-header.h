/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "onward-wording.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_HEADER (onward_header_get_type ())

/* The application's icon with a screen's title and body beside it. */
G_DECLARE_FINAL_TYPE (OnwardHeader, onward_header, ONWARD, HEADER, GtkBox)

/* Puts the icon, larger, above the text and all in the middle, for pages with nothing else. */
void onward_header_set_centered (OnwardHeader *self, gboolean centered);
void onward_header_render       (OnwardHeader *self, const OnwardWording *wording,
                                 const OnwardSubject *subject);

G_END_DECLS
