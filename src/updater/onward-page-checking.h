/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "onward-wording.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_PAGE_CHECKING (onward_page_checking_get_type ())

/* The server is being asked. */
G_DECLARE_FINAL_TYPE (OnwardPageChecking, onward_page_checking, ONWARD, PAGE_CHECKING, GtkBox)

void onward_page_checking_render (OnwardPageChecking *self, const OnwardWording *wording);

G_END_DECLS
