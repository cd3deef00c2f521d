/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ONWARD_TYPE_PREFERENCES_DIALOG (onward_preferences_dialog_get_type ())

/* What the user chooses for every update to come; each choice counts at once.
 *
 * Emits "channel-chosen" (its name) and "reset" (of the skipped versions). */
G_DECLARE_FINAL_TYPE (OnwardPreferencesDialog, onward_preferences_dialog, ONWARD,
                      PREFERENCES_DIALOG, GtkDialog)

OnwardPreferencesDialog *onward_preferences_dialog_new          (GtkWindow *parent,
                                                                 GSettings *settings);
void                     onward_preferences_dialog_set_channels (OnwardPreferencesDialog *self,
                                                                 const char *const *channels,
                                                                 const char *current);
void                     onward_preferences_dialog_set_skipped  (OnwardPreferencesDialog *self,
                                                                 char **versions);
/* Why what was chosen last does not count; NULL when it does. */
void                     onward_preferences_dialog_set_problem  (OnwardPreferencesDialog *self,
                                                                 const char *problem);

G_END_DECLS
