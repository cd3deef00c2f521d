/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ONWARD_TYPE_UPDATER_APPLICATION (onward_updater_application_get_type ())

/* The process of the updater: one for each install, with one window. */
G_DECLARE_FINAL_TYPE (OnwardUpdaterApplication, onward_updater_application, ONWARD,
                      UPDATER_APPLICATION, GtkApplication)

OnwardUpdaterApplication *onward_updater_application_new (const char *install_dir,
                                                          gboolean background, gboolean forced);
/* Runs until the window is closed, or shows the window of the process that runs already. Returns
 * the exit status. */
int                       onward_updater_application_run (OnwardUpdaterApplication *self);
/* The name on the bus of the updater of one install. (transfer full) */
char                     *onward_updater_application_dup_id (const char *install_dir);

G_END_DECLS
