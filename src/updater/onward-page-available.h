/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "onward-wording.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_PAGE_AVAILABLE (onward_page_available_get_type ())

/* A newer version exists: what it is, what is new, how much has to be fetched. */
G_DECLARE_FINAL_TYPE (OnwardPageAvailable, onward_page_available, ONWARD, PAGE_AVAILABLE, GtkBox)

void onward_page_available_render (OnwardPageAvailable *self, OnwardStatus *status,
                                   const OnwardWording *wording, const OnwardSubject *subject);

G_END_DECLS
