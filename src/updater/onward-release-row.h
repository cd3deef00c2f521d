/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "onward-release.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_RELEASE_ROW (onward_release_row_get_type ())

/* One release: its version and date, and its notes when it is unfolded. */
G_DECLARE_FINAL_TYPE (OnwardReleaseRow, onward_release_row, ONWARD, RELEASE_ROW, GtkExpander)

GtkWidget *onward_release_row_new (OnwardRelease *release, gboolean newest);

G_END_DECLS
