/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "onward-wording.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_PAGE_PROGRESS (onward_page_progress_get_type ())

/* An update under way, from its first byte to the switch: one bar, never going backwards. */
G_DECLARE_FINAL_TYPE (OnwardPageProgress, onward_page_progress, ONWARD, PAGE_PROGRESS, GtkBox)

void onward_page_progress_render (OnwardPageProgress *self, OnwardStatus *status,
                                  const OnwardWording *wording, const OnwardSubject *subject);

G_END_DECLS
