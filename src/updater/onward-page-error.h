/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "onward-wording.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_PAGE_ERROR (onward_page_error_get_type ())

/* Something failed: what it means, and behind “Details” what exactly was said. */
G_DECLARE_FINAL_TYPE (OnwardPageError, onward_page_error, ONWARD, PAGE_ERROR, GtkBox)

void onward_page_error_render (OnwardPageError *self, const OnwardWording *wording,
                               const OnwardSubject *subject);

G_END_DECLS
