/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "onward-release.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_NOTES (onward_notes_get_type ())

/* What is new in each of several releases. */
G_DECLARE_FINAL_TYPE (OnwardNotes, onward_notes, ONWARD, NOTES, GtkBox)

/* @releases: (nullable) (element-type OnwardRelease): newest first. */
void onward_notes_set_releases (OnwardNotes *self, GPtrArray *releases);

G_END_DECLS
