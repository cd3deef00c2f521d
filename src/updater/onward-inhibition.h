/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Keeps @inhibition, 0 for none, in step with what goes on. Returns what it is from now on. */
guint onward_inhibition_update (GtkApplication *application, GtkWindow *window, guint inhibition,
                                gboolean installing, const char *name);

G_END_DECLS
